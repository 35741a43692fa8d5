//! The web client is built into the binary, so a new build of it is a reason to build the binary anew.

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}

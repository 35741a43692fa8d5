//! What was measured, where, and with what.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use crate::{failure::Result, lab::Lab, process, results::About};

pub fn about(root: &Path, lab: &Lab, descriptors: u64) -> Result<About> {
    let mut machine = BTreeMap::new();
    let mut note = |name: &str, value: String| drop(machine.insert(name.to_owned(), value));
    note("Processor", processor());
    note("Cores", lab.cores.all.len().to_string());
    note("Memory", memory());
    note("System", said("uname", &["-sr"]));
    note("Disk", said("df", &["--output=fstype", &lab.work().display().to_string()]).replace("Type\n", ""));
    note("Descriptors", descriptors.to_string());
    note(
        "Ports",
        read("/proc/sys/net/ipv4/ip_local_port_range").split_whitespace().collect::<Vec<_>>().join("–"),
    );

    let mut versions = BTreeMap::new();
    let mut note = |name: &str, value: String| drop(versions.insert(name.to_owned(), value));
    note("ChatConnect", said(&lab.binary.display().to_string(), &["--version"]));
    note("rustc", said("rustc", &["--version"]));
    note("Node", said("node", &["--version"]));
    note("MongoDB", first_line(&said(&lab.mongod_binary().display().to_string(), &["--version"])));
    let package = read(root.join("bench/node/package.json"));
    let package: serde_json::Value = serde_json::from_str(&package)?;
    for (name, version) in package["dependencies"].as_object().into_iter().flatten() {
        note(name, version.as_str().unwrap_or_default().to_owned());
    }
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        process::output(command.arg("-C").arg(root).args(arguments)).unwrap_or_default().trim().to_owned()
    };
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"]).is_empty();
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    Ok(About {
        started: said("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]),
        minutes: 0.0,
        command: env::args().skip(1).collect::<Vec<_>>().join(" "),
        commit: if changed { format!("{commit} with changes") } else { commit },
        machine,
        versions,
    })
}

fn processor() -> String {
    let all = read("/proc/cpuinfo");
    let name = all.lines().find_map(|line| line.strip_prefix("model name"));
    name.map_or_else(|| env::consts::ARCH.to_owned(), |name| name.trim_matches([' ', '\t', ':']).to_owned())
}

fn memory() -> String {
    let all = read("/proc/meminfo");
    let kib = all.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default();
    format!("{:.0} GiB", kib / 1024.0 / 1024.0)
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let said =
        process::output(Command::new(program).args(arguments)).unwrap_or_else(|_| "unknown".to_owned());
    said.trim().to_owned()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

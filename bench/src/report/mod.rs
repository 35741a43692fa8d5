//! docs/BENCHMARKS.md and its pictures, out of the results.

mod format;
mod plots;
mod sections;
mod targets;

use std::{fmt::Write as _, fs, path::Path};

use format::table;

use crate::{
    failure::{Doing, Result},
    lab::System,
    ledger::Checks,
    results::{About, Results},
};

const PICTURES: &str = "benchmarks";

/// Writes the page into a folder, and the pictures below it. `browser` is the file with the section on the web client.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(results: &Results, browser: Option<&Path>, folder: &Path) -> Result<()> {
    let browser = browser.map(|file| fs::read_to_string(file).doing(file.display())).transpose()?;
    let pictures = folder.join(PICTURES);
    if pictures.exists() {
        fs::remove_dir_all(&pictures).doing(pictures.display())?;
    }
    fs::create_dir_all(&pictures).doing(pictures.display())?;
    let drawn = plots::draw(results, &pictures)?;
    let page = folder.join("BENCHMARKS.md");
    fs::write(&page, text(results, &drawn, browser.as_deref())).doing(page.display())
}

fn text(results: &Results, drawn: &[(&str, String, String)], browser: Option<&str>) -> String {
    let mut text = String::from(HEAD);
    text.push_str(&run(&results.about));
    let _ = write!(text, "## Targets\n\n{}{TARGETS}{REASONS}", targets::targets(results));
    text.push_str(METHOD);
    for section in sections::SECTIONS {
        let tables = section.tables(results);
        if tables.is_empty() {
            continue;
        }
        let _ = write!(text, "## {}\n\n{}\n\n{tables}", section.title, section.about);
        for (_, file, title) in drawn.iter().filter(|(scenario, ..)| *scenario == section.scenario) {
            let _ = write!(text, "![{title}]({PICTURES}/{file})\n\n");
        }
    }
    if let Some(browser) = browser {
        let _ = write!(text, "## The web client\n\n{}\n\n", browser.trim());
    }
    let _ = write!(text, "## Loss, doubles, order\n\n{CHECKS}{}", checks(results));
    text.push_str(LIMITS);
    let _ = write!(text, "## Machine and versions\n\n{}", machine(&results.about));
    text
}

const HEAD: &str = "\
# Benchmarks

Made by `make bench`; a change by hand is lost at the next run. The same on your machine: `make bench`, an hour at most on two
cores; `make bench-quick` is a look, in minutes, at smaller sizes and once.

";

fn run(about: &About) -> String {
    format!(
        "Run of {} on commit {}, {:.0} minutes: `chatconnect-bench {}`.\n\n",
        about.started, about.commit, about.minutes, about.command
    )
}

const TARGETS: &str = "\
Ratios are of medians in this one run.

";

/// Written by hand: a run knows what, but not why.
const REASONS: &str = include_str!("../../reasons.md");

const METHOD: &str = "\
## What is compared

- **Node**: [a chat as it is usually built](../bench/node/server.mjs): Express, Passport, express-session with connect-mongo,
  bcrypt, Socket.IO, the MongoDB driver. One process; and a cluster of two workers with @socket.io/sticky and
  @socket.io/cluster-adapter. `NODE_ENV=production`, `bufferutil` installed, no permessage-deflate, no request kept after the handshake,
  sessions written once a day at most. It inserts a message, journalled on a majority, tells the room, and acks. Its
  messages have the fields of ChatConnect's but `seq` and `rev`. It does less: no numbers without holes, no repeat of a send
  recognised, no order among what a client sends at once, no limits.
- **ChatConnect**: the release build, embedded or on MongoDB, as it comes, but for `RATE_LIMITS=off` and `BCRYPT_COST`.
- **Ceiling**: [a WebSocket server](../bench/src/bin/ceiling.rs) that writes the same bytes to the same sockets, and what waits
  for a socket in one write. No session, no database, no pings.

MongoDB is a replica set of one member on the same disk as the embedded database; both wait for that disk before an ack.

## How it is measured

- The load generator speaks WebSocket, Engine.IO and Socket.IO by itself on one thread, on the last core. A server has the first
  core for itself, and MongoDB shares the generator's. Node's cluster, log-ins and the two nodes have all cores, together with
  the generator and MongoDB.
- Every run has a fresh database. The servers take turns, and that several times; figures are medians, with the least and the
  greatest in parentheses where they differ by more than a tenth.
- At a steady rate messages are due at even distances, whether the server keeps up or not, and times count from when they
  were due: a pause makes all that was due late (no coordinated omission). Histograms keep three digits (HdrHistogram).
- Where generator and MongoDB together had a whole core at saturation, they may have been what was saturated.
- CPU is user and system time of the server's processes from `/proc/<pid>/stat`; system calls are counted by `perf`, in a stretch
  of their own. What was not measured, or does not exist, is a dash.
- †: the server fell behind the steady rate, and the attempt was ended.

";

const CHECKS: &str = "\
Every message carries its sender and its number. In every scenario each member of each room has to get each
acked message once, a sender's messages in their order, and on ChatConnect with the `seq` after the last one. Anything but zero fails the run;
only Node's order does not, since it promises none: it inserts without waiting what one client sends at once.

";

const LIMITS: &str = "\
## What this does not show

- Networks: everything goes over the loopback interface, without TLS, loss, or distance.
- More cores than this machine has. With one core for the server nothing is said of how it uses eight.
- Other ways to build with Node: µWebSockets, another runtime, Redis instead of the cluster adapter, batched inserts. The reference is
  the usual stack, configured with care, not the fastest that can be written.
- MongoDB on machines of its own, with three members: an ack then waits for a network.
- Phones, and browsers with slower processors, which cost more than either server.
- Long runs: memory after weeks, databases that have grown for years.

";

fn checks(results: &Results) -> String {
    let rows = System::ALL
        .into_iter()
        .filter_map(|system| {
            let runs: Vec<_> = results.runs.iter().filter(|run| run.system == system).collect();
            let mut sum = Checks::default();
            runs.iter().for_each(|run| sum.add(run.checks));
            let Checks { lost, doubled, disordered, gaps, refused, cut_off } = sum;
            let counts = [runs.len() as u64, lost, doubled, disordered, gaps, refused, cut_off];
            (!runs.is_empty()).then(|| {
                std::iter::once(system.name().to_owned())
                    .chain(counts.map(|count| count.to_string()))
                    .collect()
            })
        })
        .collect();
    table(&["", "runs", "lost", "doubled", "out of order", "holes in `seq`", "refused", "cut off"], rows)
}

fn machine(about: &About) -> String {
    let rows = |map: &std::collections::BTreeMap<String, String>| {
        map.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect::<Vec<_>>()
    };
    table(&["", ""], rows(&about.machine).into_iter().chain(rows(&about.versions)).collect())
}

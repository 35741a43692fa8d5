//! Pages of the past and searches in it, with many messages stored.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use super::{Plan, note_times, tell, wanted};
use crate::{
    failure::{Doing, Failure, Result},
    http::{Answer, Arrival, Http, Outcome, ask, request},
    lab::{Lab, Server, System, Terms},
    results::Run,
};

pub const NAME: &str = "history";
const SERVERS: [System; 3] = [System::Node, System::Embedded, System::Mongodb];
const PEOPLE: &str = "2000";
const CONVERSATIONS: &str = "200";
const CONNECTIONS: usize = 16;
const PAGES_PER_SECOND: f64 = 200.0;
const SEARCHES_PER_SECOND: f64 = 50.0;

pub fn run(lab: &mut Lab, systems: &[System], messages: usize, plan: Plan) -> Result<Vec<Run>> {
    let archive = lab.work().join(format!("{messages}.ndjson"));
    let generator = lab.binary.with_file_name("examples").join("generate_archive");
    let mut command = Command::new(&generator);
    command.args(["--messages", &messages.to_string(), "--people", PEOPLE, "--conversations", CONVERSATIONS]);
    let made = command.stdout(File::create(&archive).doing(archive.display())?).status();
    if !made.doing(generator.display())?.success() {
        return Err(Failure::said("the archive could not be made"));
    }
    let channels = channels(&archive)?;
    let mut runs = Vec::new();
    // Of Node only the newest page is asked for: how many lie beneath makes no difference, and they take minutes to insert.
    let servers: &[System] = if messages > 100_000 { &SERVERS[1..] } else { &SERVERS };
    for system in wanted(systems, servers) {
        let server = lab.launch_archive(system, &archive, Terms::of(system))?;
        let reader = Reader::join(&server, &channels)?;
        // The same database serves all runs: to fill it takes longer than to measure.
        for round in 0..plan.runs {
            let mut run = Run::new(NAME, messages as u64, system);
            for (metric, value) in [
                ("import.seconds", server.imported.as_secs_f64()),
                ("database.bytes", server.on_disk() as f64),
            ] {
                // Zero is what is not known of this server.
                if value > 0.0 {
                    run.set(metric, value);
                }
            }
            reader.measure(&server, &mut run, round as u64, plan)?;
            tell(&run, round);
            runs.push(run);
        }
    }
    std::fs::remove_file(&archive).doing(archive.display())?;
    Ok(runs)
}

/// Ids of the channels in an archive, which stand before its messages.
fn channels(archive: &Path) -> Result<Vec<String>> {
    let mut channels = Vec::new();
    for line in BufReader::new(File::open(archive).doing(archive.display())?).lines() {
        let line = line.doing(archive.display())?;
        if line.starts_with(r#"{"type":"message""#) {
            break;
        }
        if line.starts_with(r#"{"type":"conversation""#) {
            let conversation: Value = serde_json::from_str(&line)?;
            channels.extend(
                conversation["id"].as_str().filter(|_| conversation["kind"] == "channel").map(str::to_owned),
            );
        }
    }
    Ok(channels)
}

/// Somebody who has joined every channel.
struct Reader {
    cookie: String,
    /// With the number of messages in each, where the server numbers them.
    channels: Vec<(String, u64)>,
}

impl Reader {
    fn join(server: &Server, channels: &[String]) -> Result<Self> {
        let credentials = json!({ "username": "reader", "password": "a rather long passphrase" }).to_string();
        let (status, cookie, body) =
            ask(server.port, request("POST", "/api/v1/auth/register", "", &credentials))?;
        let cookie = cookie.filter(|_| status == 201);
        let cookie =
            cookie.ok_or_else(|| Failure::said(format!("nobody could register: {status} {body}")))?;
        let mut joined = Vec::new();
        for id in channels {
            let path = format!("/api/v1/conversations/{id}/join");
            let (status, _, body) = ask(server.port, request("POST", &path, &cookie, "{}"))?;
            if status != 200 {
                return Err(Failure::said(format!("a channel could not be joined: {status} {body}")));
            }
            let conversation: Value = serde_json::from_str(&body)?;
            joined.push((id.clone(), conversation["conversation"]["lastSeq"].as_u64().unwrap_or_default()));
        }
        Ok(Self { cookie, channels: joined })
    }

    fn measure(&self, server: &Server, run: &mut Run, round: u64, plan: Plan) -> Result<()> {
        let time = Duration::from_secs(if plan.quick { 3 } else { 5 });
        let capacity = Duration::from_secs(2);
        let salt = round << 32;
        let page = |number: u64| request("GET", &self.page(salt + number), &self.cookie, "");
        self.one(server, run, "page", page, PAGES_PER_SECOND, [time, capacity])?;
        if server.system.numbers_messages() {
            let search = |number: u64| request("GET", &search(salt + number), &self.cookie, "");
            self.one(server, run, "search", search, SEARCHES_PER_SECOND, [time, capacity])?;
        }
        Ok(())
    }

    fn one(
        &self,
        server: &Server,
        run: &mut Run,
        name: &str,
        make: impl Fn(u64) -> Vec<u8>,
        rate: f64,
        [time, capacity]: [Duration; 2],
    ) -> Result<()> {
        let check = |answer: Answer| answer.status == 200;
        let mut http = Http::new(server.port, make, check);
        http.run(CONNECTIONS, Arrival::Closed, Duration::from_secs(1))?;
        let before = server.cpu();
        let Outcome { answers, times, wrong, .. } = http.run(CONNECTIONS, Arrival::Open(rate), time)?;
        let cpu = server.cpu() - before;
        run.set(format!("{name}.server_us"), cpu.as_secs_f64() * 1e6 / answers.max(1) as f64);
        note_times(run, name, &times);
        run.checks.refused += wrong;
        let Outcome { seconds, answers, wrong, .. } = http.run(CONNECTIONS, Arrival::Closed, capacity)?;
        run.set(format!("{name}.per_second"), answers as f64 / seconds);
        run.checks.refused += wrong;
        Ok(())
    }

    /// Anywhere in a channel; where messages have no numbers, its newest page.
    fn page(&self, number: u64) -> String {
        let dice = mix(number);
        let (id, last) = &self.channels[dice as usize % self.channels.len()];
        let before = if *last > 0 { format!("&before={}", 2 + (dice >> 20) % last) } else { String::new() };
        format!("/api/v1/conversations/{id}/messages?limit=50{before}")
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One word or two as they occur in a made-up chat, often ones as often; the last may be only begun.
fn search(number: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "co", "di", "fu", "gue", "j%C3%A1", "lo", "mi", "ne", "p%C3%A3o", "que", "ri", "so", "tu",
        "vi", "xa",
    ];
    let dice = mix(number ^ 0x5ea_7c4);
    let word = |dice: u64| -> String {
        let rank = (dice % 64) * (dice / 64 % 64);
        (0..1 + rank % 4).map(|place| SYLLABLES[(rank >> place) as usize % SYLLABLES.len()]).collect()
    };
    let mut query = word(dice);
    if dice >> 40 & 3 == 0 {
        query.push('+');
        query.push_str(&word(dice >> 20));
    }
    format!("/api/v1/search?limit=20&q={query}")
}

//! What a send and a delivery cost the server, in instructions outside the kernel: these do not depend on how busy or
//! how fast the machine is, so that a test can hold them to a budget.
//!
//! Starting, connecting and stopping are in every count, and go away by subtraction. What is left differs from run to run,
//! by 1 % to either side for a send and by 8 % for a delivery: a library calibrates its clock at the start, and that takes as
//! many instructions as there is time for.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::{
    failure::{Doing, Failure, Result},
    lab::{Lab, System, Terms},
    process,
    traffic::Traffic,
    world::World,
};

const FILE: &str = "bench/budget.json";

/// The room beside the channel that everybody is in.
const ROOM: usize = 1;
const SMALL: usize = 2;
const LARGE: usize = 202;
/// Messages that every run begins with, and which fill caches.
const FIRST: usize = 20;
/// Messages that are counted.
const MORE: usize = 1_000;

/// Times the budget. More is a failure, and less calls for a lower budget.
const MOST: f64 = 1.5;
const LEAST: f64 = 0.6;

#[derive(clap::Args)]
pub struct Options {
    /// The server, as the tests build it
    #[arg(long, default_value = "target/debug/chatconnect")]
    server: PathBuf,
    /// Makes what is measured the budget
    #[arg(long)]
    update: bool,
}

/// Instructions of the server outside the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// From the message to the ack, with two deliveries.
    pub instructions_per_send: u64,
    /// Of one message to one more member.
    pub instructions_per_delivery: u64,
}

/// Measures, and holds the result to the budget, or makes it the budget.
///
/// # Errors
/// When the server costs far more than the budget, when a message was lost or doubled, and when valgrind is missing.
pub fn run(options: &Options) -> Result<()> {
    let measured = measure(&options.server)?;
    println!(
        "{} instructions a send, {} a delivery",
        measured.instructions_per_send, measured.instructions_per_delivery
    );
    if options.update {
        let text = serde_json::to_string_pretty(&measured)? + "\n";
        return fs::write(FILE, text).doing(FILE);
    }
    let budget = serde_json::from_str(&fs::read_to_string(FILE).doing(FILE)?)?;
    for hint in hold(measured, budget)? {
        println!("{hint}");
    }
    Ok(())
}

/// Answers what is far below the budget.
///
/// # Errors
/// When something is far over it.
fn hold(measured: Cost, budget: Cost) -> Result<Vec<String>> {
    let (mut over, mut under) = (Vec::new(), Vec::new());
    for (name, measured, budget) in [
        ("send", measured.instructions_per_send, budget.instructions_per_send),
        ("delivery", measured.instructions_per_delivery, budget.instructions_per_delivery),
    ] {
        let ratio = measured as f64 / budget as f64;
        let said = format!("a {name} costs {measured} instructions, {ratio:.2} times the budget of {budget}");
        if ratio > MOST {
            over.push(said);
        } else if ratio < LEAST {
            under.push(format!("{said}: lower it with `chatconnect-bench budget --update`"));
        }
    }
    if over.is_empty() {
        Ok(under)
    } else {
        Err(Failure::said(format!("{}; {MOST} times is the most", over.join(", and "))))
    }
}

/// Counts with few and many members, and few and many messages.
///
/// # Errors
/// When a message was lost or doubled, or valgrind is missing.
pub fn measure(server: &Path) -> Result<Cost> {
    match process::output(Command::new("valgrind").arg("--version")) {
        Err(Failure::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
            return Err(Failure::said(
                "valgrind counts the instructions: install it with the package manager",
            ));
        }
        version => version?,
    };
    let server = server.canonicalize().doing(server.display())?;
    let root = Path::new(".").canonicalize().doing("looking for the checkout")?;
    let mut lab = Lab::open(&root, server)?;
    let mut of_messages = |members| -> Result<u64> {
        let before = count(&mut lab, members, FIRST)?;
        let after = count(&mut lab, members, FIRST + MORE)?;
        after.checked_sub(before).ok_or_else(|| Failure::said("more messages took fewer instructions"))
    };
    let (small, large) = (of_messages(SMALL)?, of_messages(LARGE)?);
    Ok(Cost {
        instructions_per_send: small / MORE as u64,
        instructions_per_delivery: large.saturating_sub(small) / (MORE * (LARGE - SMALL)) as u64,
    })
}

/// All instructions of a server that starts, lets the members in, takes the messages one by one, and stops.
fn count(lab: &mut Lab, members: usize, messages: usize) -> Result<u64> {
    let system = System::Embedded;
    // Hashes that nobody asks for would only take time.
    let terms = Terms { counted: true, bcrypt_cost: 4, ..Terms::of(system) };
    let world = World::crowd(members);
    let server = lab.launch(system, &world, terms)?;
    let mut traffic = Traffic::new(&server, &world, &[ROOM], 1)?;
    traffic.connect(&(0..members).collect::<Vec<_>>(), 1)?;
    traffic.one_by_one(messages)?;
    let checks = traffic.close()?;
    if checks.failed(system.numbers_messages()) {
        return Err(Failure::said(format!(
            "{members} members, {messages} messages: not as promised: {checks:?}"
        )));
    }
    server.instructions()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(instructions_per_send: u64, instructions_per_delivery: u64) -> Cost {
        Cost { instructions_per_send, instructions_per_delivery }
    }

    #[test]
    fn what_costs_twice_the_budget_fails() {
        let failure = hold(cost(1_400, 200), cost(1_000, 100)).unwrap_err().to_string();
        let expected =
            "a delivery costs 200 instructions, 2.00 times the budget of 100; 1.5 times is the most";
        assert_eq!(failure, expected);
        assert!(hold(cost(1_501, 100), cost(1_000, 100)).is_err());
    }

    #[test]
    fn what_costs_half_the_budget_is_told() {
        assert_eq!(hold(cost(1_500, 60), cost(1_000, 100)).unwrap(), Vec::<String>::new());
        let hints = hold(cost(500, 100), cost(1_000, 100)).unwrap();
        assert!(hints.len() == 1 && hints[0].starts_with("a send costs 500"), "{hints:?}");
    }
}

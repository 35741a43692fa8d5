//! People who log in with their passwords, at the same cost of bcrypt everywhere, on all cores.

use std::time::Duration;

use serde_json::json;

use super::{Plan, interleave, note_times, wanted};
use crate::{
    failure::{Failure, Result},
    http::{Answer, Arrival, Http, ask, request},
    lab::{Lab, System, Terms},
    process::Place,
    results::Run,
    world::World,
};

pub const NAME: &str = "log-in";
const SERVERS: [System; 4] = [System::Node, System::NodeCluster, System::Embedded, System::Mongodb];
const PEOPLE: usize = 8;
const PASSWORD: &str = "a rather long passphrase";
/// People who log in at the same time.
const AT_ONCE: usize = 16;

pub fn run(lab: &mut Lab, systems: &[System], cost: usize, plan: Plan) -> Result<Vec<Run>> {
    interleave(&wanted(systems, &SERVERS), plan, |system, _| once(lab, system, cost as u32, plan))
}

fn once(lab: &mut Lab, system: System, cost: u32, plan: Plan) -> Result<Run> {
    let mut run = Run::new(NAME, u64::from(cost), system);
    let terms = Terms { place: Place::Everywhere, bcrypt_cost: cost, ..Terms::of(system) };
    let server = lab.launch(system, &World::new(1), terms)?;
    let credentials =
        |person| json!({ "username": format!("someone{person}"), "password": PASSWORD }).to_string();
    for person in 0..PEOPLE {
        let register = request("POST", "/api/v1/auth/register", "", &credentials(person));
        let (status, _, body) = ask(server.port, register)?;
        if status != 201 {
            return Err(Failure::said(format!("nobody could register: {status} {body}")));
        }
    }
    let log_in =
        |number: u64| request("POST", "/api/v1/auth/login", "", &credentials(number as usize % PEOPLE));
    let check =
        |answer: Answer| answer.status == 200 && answer.head.to_ascii_lowercase().contains("set-cookie");
    let before = server.cpu();
    let time = Duration::from_secs(if plan.quick { 4 } else { 6 });
    let outcome = Http::new(server.port, log_in, check).run(AT_ONCE, Arrival::Closed, time)?;
    let cpu = server.cpu() - before;
    run.set("log_ins_per_second", outcome.answers as f64 / outcome.seconds);
    run.set("server_ms_per_log_in", cpu.as_secs_f64() * 1000.0 / outcome.answers as f64);
    note_times(&mut run, "log_in", &outcome.times);
    run.checks.refused = outcome.wrong;
    Ok(run)
}

//! HTTP/1.1 requests over connections that stay open: as many as it takes, or so many a second.

use std::{collections::VecDeque, time::Duration};

use hdrhistogram::Histogram;

use crate::{
    failure::{Failure, Result},
    ledger::{histogram, record},
    sockets::{Nanos, Reader, Sockets},
    traffic::Pace,
};

pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

/// When requests are made.
#[derive(Debug, Clone, Copy)]
pub enum Arrival {
    /// Each connection makes its next one when it has its answer.
    Closed,
    /// So many a second, whether there are answers or not.
    Open(f64),
    /// Each connection makes its next one when it has its answer, until so many were made.
    Count(u64),
}

pub struct Outcome {
    pub seconds: f64,
    pub answers: u64,
    /// Microseconds, from the moment that a request was due.
    pub times: Histogram<u64>,
    /// Answers that were not what was asked for.
    pub wrong: u64,
}

pub struct Http<M, C> {
    port: u16,
    /// Writes the head and body of request number n.
    make: M,
    /// Whether an answer is what was asked for.
    check: C,
}

const PATIENCE: Nanos = 30_000_000_000;

/// A request as a JSON client writes it.
pub fn request(method: &str, path: &str, cookie: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{cookie}{length}\r\n{body}"
    )
    .into_bytes()
}

/// Makes one request, and answers its status, its session cookie if there is one, and its body.
pub fn ask(port: u16, request: Vec<u8>) -> Result<(u16, Option<String>, String)> {
    let mut answered = None;
    let check = |answer: Answer| {
        let cookie = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim().split(';').next()?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.to_owned())
        });
        answered = Some((answer.status, cookie, String::from_utf8_lossy(answer.body).into_owned()));
        true
    };
    Http::new(port, |_| request.clone(), check).run(1, Arrival::Count(1), Duration::from_secs(30))?;
    answered.ok_or_else(|| Failure::said("a request was not answered"))
}

impl<M: FnMut(u64) -> Vec<u8>, C: FnMut(Answer) -> bool> Http<M, C> {
    pub fn new(port: u16, make: M, check: C) -> Self {
        Self { port, make, check }
    }

    /// Keeps at it for so long. What is under way at the end is waited for, but not counted.
    pub fn run(&mut self, connections: usize, arrival: Arrival, time: Duration) -> Result<Outcome> {
        let mut sockets = Sockets::new()?;
        for connection in 0..connections {
            sockets.open(connection, self.port)?;
        }
        let start = sockets.now();
        let end = start + time.as_nanos() as Nanos;
        let mut lines = Lines {
            asked: vec![None; connections],
            free: Vec::new(),
            end,
            answers: 0,
            wrong: 0,
            last: start,
            times: histogram()?,
            check: &mut self.check,
            closed: Vec::new(),
            again: VecDeque::new(),
        };
        let mut pace = match arrival {
            Arrival::Open(per_second) => Some(Pace::new(start, per_second)),
            Arrival::Closed | Arrival::Count(_) => None,
        };
        let most = if let Arrival::Count(count) = arrival { count } else { u64::MAX };
        let (mut made, mut due) = (0, VecDeque::new());
        loop {
            let now = sockets.now();
            let over = now >= end || (made >= most && lines.again.is_empty());
            if over && lines.asked.iter().all(Option::is_none) {
                break;
            }
            if now > end + PATIENCE {
                return Err(Failure::said("a request was not answered"));
            }
            // Servers may close a connection after an answer; clients open another then.
            for connection in lines.closed.drain(..) {
                sockets.open(connection, self.port)?;
            }
            if let (Some(pace), false) = (&mut pace, over) {
                while let Some(moment) = pace.next(now) {
                    due.push_back(moment);
                }
            }
            while !over && !lines.free.is_empty() {
                let fresh = || if pace.is_some() { due.pop_front() } else { (made < most).then_some(now) };
                let Some(moment) = lines.again.pop_front().or_else(fresh) else { break };
                let Some(connection) = lines.free.pop() else { break };
                let request = (self.make)(made);
                made += 1;
                sockets.out(connection).extend_from_slice(&request);
                sockets.flush(connection);
                lines.asked[connection] = Some(moment);
            }
            let next = pace.as_ref().map_or(now + 50_000_000, Pace::due).min(now + 50_000_000);
            sockets.turn(Duration::from_nanos(next.saturating_sub(sockets.now())), &mut lines)?;
        }
        let seconds = (lines.last - start) as f64 / 1e9;
        let Lines { answers, wrong, times, .. } = lines;
        Ok(Outcome { seconds, answers, times, wrong })
    }
}

struct Lines<'a, C> {
    /// By connection, when the request was due that is under way.
    asked: Vec<Option<Nanos>>,
    free: Vec<usize>,
    end: Nanos,
    answers: u64,
    wrong: u64,
    /// When the last answer that counts came.
    last: Nanos,
    times: Histogram<u64>,
    check: &'a mut C,
    closed: Vec<usize>,
    /// Requests that were due then, and whose connection was closed before an answer came.
    again: VecDeque<Nanos>,
}

impl<C: FnMut(Answer) -> bool> Reader for Lines<'_, C> {
    fn connected(&mut self, connection: usize, _: Nanos, _: &mut Vec<u8>) {
        self.free.push(connection);
    }

    fn data(&mut self, connection: usize, at: Nanos, bytes: &[u8], _: &mut Vec<u8>) -> Result<usize> {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(0) };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let length = match length {
            Some(length) => length,
            None if status == 204 => 0,
            None => return Err(Failure::said(format!("an answer without a length: {head}"))),
        };
        let whole = end + 4 + length;
        if bytes.len() < whole {
            return Ok(0);
        }
        let right = (self.check)(Answer { status, head: &head, body: &bytes[end + 4..whole] });
        if let Some(due) = self.asked[connection].take() {
            self.wrong += u64::from(!right);
            if at <= self.end {
                self.answers += 1;
                self.last = at;
                record(&mut self.times, at.saturating_sub(due));
            }
            self.free.push(connection);
        }
        Ok(whole)
    }

    fn closed(&mut self, connection: usize, _: Nanos) {
        self.again.extend(self.asked[connection].take());
        self.free.retain(|free| *free != connection);
        self.closed.push(connection);
    }
}

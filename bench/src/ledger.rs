//! The books of a load: what was sent, whom it has reached, and whether anything was lost, doubled or out of order.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::{
    failure::{Failure, Result},
    fleet::Handler,
    mark::{Finder, Mark},
    sockets::Nanos,
};

/// What must not happen. Zero everywhere, or the run has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// Acked messages that did not reach a member.
    pub lost: u64,
    pub doubled: u64,
    /// A sender's message that came after a later one of the same sender.
    pub disordered: u64,
    /// A `seq` that was not the one after the last; only where the server numbers messages.
    pub gaps: u64,
    /// Sends that were answered with an error, or not at all.
    pub refused: u64,
    /// Connections that the server closed.
    pub cut_off: u64,
}

impl Checks {
    /// The reference server inserts what a client sends without waiting for what it sent before, as such servers do, and
    /// so promises no order.
    pub fn failed(self, keeps_order: bool) -> bool {
        let disordered = if keeps_order { self.disordered } else { 0 };
        Self { disordered, ..self } != Self::default()
    }
}

impl Checks {
    pub fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.disordered += other.disordered;
        self.gaps += other.gaps;
        self.refused += other.refused;
        self.cut_off += other.cut_off;
    }
}

struct Message {
    /// When it was due, not when it was sent.
    due: Nanos,
    /// Members whom it has not reached.
    waiting: u32,
    acked: bool,
}

struct Member {
    client: usize,
    last_seq: u64,
    /// A bit for each message that has come.
    seen: Vec<u64>,
    /// By sender, one more than the number of the last message that has come.
    last_of: Vec<u32>,
}

struct Room {
    id: String,
    members: Vec<Member>,
    senders: usize,
    messages: Vec<Message>,
}

pub struct Ledger {
    rooms: Vec<Room>,
    /// By client: its rooms, and its place in each.
    seats: Vec<Vec<(usize, usize)>>,
    numbered: bool,
    checks: Checks,
    facts: Finder,
    acks: Finder,
    /// Messages that are not acked yet, or have not reached everybody.
    pub in_flight: usize,
    pub delivered: u64,
    pub acked: u64,
    /// Rooms, one for each message that is done.
    pub done: Vec<usize>,
    /// Messages due before this moment are not timed.
    timed_from: Nanos,
    /// Microseconds.
    pub ack_times: Histogram<u64>,
    /// Microseconds.
    pub delivery_times: Histogram<u64>,
}

/// A minute, in microseconds.
const SLOWEST: u64 = 60_000_000;

/// Three digits, from a microsecond to a minute.
pub fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, SLOWEST, 3).map_err(|error| Failure::said(error.to_string()))
}

pub fn record(times: &mut Histogram<u64>, nanos: u64) {
    times.saturating_record((nanos / 1000).max(1));
}

impl Ledger {
    /// `numbered`: the server gives every message of a room the next `seq`.
    pub fn new(clients: usize, numbered: bool) -> Result<Self> {
        Ok(Self {
            rooms: Vec::new(),
            seats: vec![Vec::new(); clients],
            numbered,
            checks: Checks::default(),
            facts: Finder::default(),
            acks: Finder::default(),
            in_flight: 0,
            delivered: 0,
            acked: 0,
            done: Vec::new(),
            timed_from: 0,
            ack_times: histogram()?,
            delivery_times: histogram()?,
        })
    }

    /// The first `senders` of the members write.
    pub fn add_room(&mut self, id: &str, clients: &[usize], senders: usize) {
        let room = self.rooms.len();
        for (place, &client) in clients.iter().enumerate() {
            self.seats[client].push((room, place));
        }
        let member = |&client| Member { client, last_seq: 0, seen: Vec::new(), last_of: vec![0; senders] };
        let members = clients.iter().map(member).collect();
        self.rooms.push(Room { id: id.to_owned(), members, senders, messages: Vec::new() });
    }

    /// Some member of some room, the room's id, and the newest number that the member has seen there.
    pub fn someone(&self, any: usize) -> (usize, &str, u64) {
        let room = &self.rooms[any % self.rooms.len()];
        let member = &room.members[any / self.rooms.len() % room.members.len()];
        (member.client, &room.id, member.last_seq)
    }

    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// Times are of what is due from now on.
    pub fn time_from(&mut self, at: Nanos) {
        self.timed_from = at;
        self.ack_times.reset();
        self.delivery_times.reset();
    }

    /// Enters the next message of a room. Answers who is to send it, the room's id and what marks it.
    pub fn enter(&mut self, room: usize, due: Nanos) -> (usize, &str, Mark) {
        let Room { id, members, senders, messages } = &mut self.rooms[room];
        let number = messages.len();
        let sender = number % *senders;
        messages.push(Message { due, waiting: members.len() as u32, acked: false });
        self.in_flight += 1;
        (members[sender].client, id, Mark { room: room as u32, sender: sender as u32, number: number as u32 })
    }

    /// What went wrong; at the end, when nothing comes any more.
    pub fn close(&self) -> Checks {
        let mut checks = self.checks;
        for message in self.rooms.iter().flat_map(|room| &room.messages) {
            if message.acked {
                checks.lost += u64::from(message.waiting);
            } else {
                checks.refused += 1;
            }
        }
        checks
    }

    fn settle(&mut self, room: usize, number: usize) {
        let message = &self.rooms[room].messages[number];
        if message.acked && message.waiting == 0 {
            self.in_flight -= 1;
            self.done.push(room);
        }
    }

    /// None for what nobody here has sent.
    fn fact(&mut self, client: usize, at: Nanos, event: &[u8]) -> Option<()> {
        let Some(mark) = self.facts.mark(event) else { return Some(()) };
        let (room, number) = (mark.room as usize, mark.number as usize);
        let place = self.seats.get(client)?.iter().find(|seat| seat.0 == room)?.1;
        let Room { members, messages, .. } = self.rooms.get_mut(room)?;
        let message = messages.get_mut(number)?;
        let member = &mut members[place];
        if self.numbered {
            let seq = self.facts.seq(event)?;
            self.checks.gaps += u64::from(member.last_seq != 0 && seq != member.last_seq + 1);
            member.last_seq = seq;
        }
        let (word, bit) = (number / 64, 1_u64 << (number % 64));
        if member.seen.len() <= word {
            member.seen.resize(word + 1, 0);
        }
        if member.seen[word] & bit != 0 {
            self.checks.doubled += 1;
            return Some(());
        }
        member.seen[word] |= bit;
        let last = member.last_of.get_mut(mark.sender as usize)?;
        self.checks.disordered += u64::from(*last > mark.number);
        *last = (*last).max(mark.number + 1);
        message.waiting -= 1;
        self.delivered += 1;
        if message.due >= self.timed_from {
            record(&mut self.delivery_times, at.saturating_sub(message.due));
        }
        if message.waiting == 0 {
            self.settle(room, number);
        }
        Some(())
    }

    fn answer(&mut self, at: Nanos, arguments: &[u8]) -> Option<()> {
        let mark = self.acks.mark(arguments)?;
        let (room, number) = (mark.room as usize, mark.number as usize);
        let message = self.rooms.get_mut(room)?.messages.get_mut(number)?;
        if message.acked {
            self.checks.doubled += 1;
            return Some(());
        }
        message.acked = true;
        self.acked += 1;
        if message.due >= self.timed_from {
            record(&mut self.ack_times, at.saturating_sub(message.due));
        }
        self.settle(room, number);
        Some(())
    }
}

const FACT: &[u8] = b"[\"message:created\"";

impl Handler for Ledger {
    fn ready(&mut self, _: usize, _: Nanos) {}

    fn event(&mut self, client: usize, at: Nanos, event: &[u8]) {
        // Some clients only come and go, and keep no books.
        if event.starts_with(FACT) && !self.seats[client].is_empty() && self.fact(client, at, event).is_none()
        {
            self.checks.doubled += 1;
        }
    }

    fn ack(&mut self, _: usize, at: Nanos, _: u32, arguments: &[u8]) {
        // A refused send stays without an ack in the books, and is counted when they are closed.
        self.answer(at, arguments);
    }

    fn closed(&mut self, _: usize, _: Nanos) {
        self.checks.cut_off += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(2, true).unwrap();
        ledger.add_room("r", &[0, 1], 1);
        ledger
    }

    fn fact(mark: Mark, seq: u64) -> Vec<u8> {
        format!("[\"message:created\",{{\"message\":{{\"seq\":{seq},\"body\":\"{}\"}}}}]", mark.body(100))
            .into_bytes()
    }

    fn ack(mark: Mark) -> Vec<u8> {
        format!("[{{\"ok\":true,\"data\":{{\"message\":{{\"body\":\"{}\"}}}}}}]", mark.body(100)).into_bytes()
    }

    fn sent(ledger: &mut Ledger, count: usize) -> Vec<Mark> {
        (0..count).map(|_| ledger.enter(0, 0).2).collect()
    }

    #[test]
    fn all_is_well_when_everything_comes_once_and_in_order() {
        let mut ledger = ledger();
        for (place, mark) in sent(&mut ledger, 70).into_iter().enumerate() {
            for client in 0..2 {
                ledger.event(client, 9, &fact(mark, place as u64 + 1));
            }
            ledger.ack(0, 9, 0, &ack(mark));
        }
        assert_eq!((ledger.close(), ledger.in_flight, ledger.delivered), (Checks::default(), 0, 140));
        assert_eq!(ledger.done.len(), 70);
    }

    #[test]
    fn what_goes_wrong_is_counted() {
        let mut ledger = ledger();
        let marks = sent(&mut ledger, 4);
        ledger.event(0, 9, &fact(marks[1], 2));
        ledger.event(0, 9, &fact(marks[0], 1));
        ledger.event(1, 9, &fact(marks[0], 1));
        ledger.event(1, 9, &fact(marks[0], 2));
        ledger.event(1, 9, &fact(Mark { number: 99, ..marks[0] }, 3));
        for mark in &marks[..3] {
            ledger.ack(0, 9, 0, &ack(*mark));
        }
        ledger.closed(1, 9);
        let expected = Checks { lost: 3, doubled: 2, disordered: 1, gaps: 1, refused: 1, cut_off: 1 };
        assert_eq!(ledger.close(), expected);
        assert_eq!(ledger.in_flight, 3);
    }
}

//! The tables: one section a scenario, one row a server.

use super::format::{number, table};
use crate::{
    lab::System,
    results::{Results, median},
    scenarios::{direct, fan_out, history, idle, login, mixed, nodes, storm},
};

/// A column: its head, the metric, and what it is divided by.
type Column = (&'static str, &'static str, f64);

pub struct Section {
    pub title: &'static str,
    pub scenario: &'static str,
    /// What is said before the tables.
    pub about: &'static str,
    /// What the size is, such as `members`.
    pub size: &'static str,
    pub columns: &'static [Column],
}

pub const SECTIONS: &[Section] = &[
    Section {
        title: "Fan-out",
        scenario: fan_out::NAME,
        about: "One room; ten of its members write bodies of 100 bytes, and every member gets every message, the writer too. At \
                saturation a fixed number of messages is on its way (500, 100 and 20 in rooms of 10, 1,000 and 10,000), and the \
                next is sent when one is acked and has reached everybody. The steady rate is 20,000 deliveries a second (2,000 in \
                the room of 10), sent whether the server keeps up or not. Times are from the moment that a message was due.",
        size: "members",
        columns: &[
            ("deliveries/s, saturated", "saturated.deliveries_per_second", 1.0),
            ("µs CPU a delivery, saturated", "saturated.server_us_per_delivery", 1.0),
            ("µs CPU a delivery, steady", "steady.server_us_per_delivery", 1.0),
            ("system calls a delivery, saturated", "saturated.syscalls_per_delivery", 1.0),
            ("steady", "steady.syscalls_per_delivery", 1.0),
            ("delivery p50 ms, steady", "steady.delivery_p50_ms", 1.0),
            ("p99 ms", "steady.delivery_p99_ms", 1.0),
            ("bytes a delivery", "steady.bytes_per_delivery", 1.0),
            ("cores of generator and mongod, saturated", "saturated.company_cpu", 1.0),
        ],
    },
    Section {
        title: "Direct messages",
        scenario: direct::NAME,
        about: "Conversations of two; each message is durable before its ack. At saturation every conversation has one message on \
                its way. The steady rate is half of what Node's one process could do, the same for all.",
        size: "pairs",
        columns: &[
            ("sends/s, saturated", "saturated.sends_per_second", 1.0),
            ("µs CPU a send, server", "saturated.server_us_per_send", 1.0),
            ("µs CPU a send, mongod", "saturated.mongod_us_per_send", 1.0),
            ("ack p99 ms, saturated", "saturated.ack_p99_ms", 1.0),
            ("sends/s, steady", "steady.sends_per_second", 1.0),
            ("ack p50 ms, steady", "steady.ack_p50_ms", 1.0),
            ("p99 ms", "steady.ack_p99_ms", 1.0),
            ("p99.9 ms", "steady.ack_p999_ms", 1.0),
            ("cores of generator and mongod, saturated", "saturated.company_cpu", 1.0),
        ],
    },
    Section {
        title: "Idle connections",
        scenario: idle::NAME,
        about: "WebSockets of people who are signed in, on which nothing happens but pings. Memory of the process and its \
                children, from `smaps_rollup`; the kernel's own memory for sockets is not in it.",
        size: "connections",
        columns: &[
            ("MB RSS, nobody", "empty.rss", 1e6),
            ("MB RSS, all", "full.rss", 1e6),
            ("MB PSS, all", "full.pss", 1e6),
            ("kB RSS a connection", "rss_per_connection", 1e3),
            ("µs CPU a connect", "connect.server_us", 1.0),
            ("seconds to connect all", "connect.seconds", 1.0),
            ("cores, idle", "idle.server_cpu", 1.0),
        ],
    },
    Section {
        title: "The storm after a node died",
        scenario: storm::NAME,
        about: "People whom this server has never seen come within a second, as clients of Socket.IO do after a disconnect; each has \
                its session checked, calls `sync` and gets the 20 messages that it missed. 50 pairs who were here all along \
                send 100 messages a second meanwhile.",
        size: "arrivals",
        columns: &[
            ("seconds until all are back", "storm.seconds", 1.0),
            ("p50 ms until in sync", "storm.sync_p50_ms", 1.0),
            ("p99 ms", "storm.sync_p99_ms", 1.0),
            ("tries again", "storm.retries", 1.0),
            ("ms CPU an arrival", "storm.server_us_per_arrival", 1e3),
            ("ack p99 ms of the others, before", "before.ack_p99_ms", 1.0),
            ("meanwhile", "storm.bystander_ack_p99_ms", 1.0),
        ],
    },
    Section {
        title: "Log-ins",
        scenario: login::NAME,
        about: "16 people at a time log in with their passwords, on all cores.",
        size: "is the cost of bcrypt",
        columns: &[
            ("log-ins/s", "log_ins_per_second", 1.0),
            ("ms CPU a log-in", "server_ms_per_log_in", 1.0),
            ("p50 ms", "log_in_p50_ms", 1.0),
            ("p99 ms", "log_in_p99_ms", 1.0),
        ],
    },
    Section {
        title: "History and search",
        scenario: history::NAME,
        about: "A made-up chat of 2,000 people and 201 conversations, a tenth of it in one channel. Somebody who has joined all \
                channels asks for 200 pages of 50 messages a second anywhere in them, and then for 50 searches a second of one \
                or two words as they occur. Over HTTP, 16 connections. Of the reference server only the newest page of a channel is asked \
                for, with 10,000 messages: it has neither pages by number nor search.",
        size: "messages",
        columns: &[
            ("page p50 ms", "page_p50_ms", 1.0),
            ("p99 ms", "page_p99_ms", 1.0),
            ("pages/s, saturated", "page.per_second", 1.0),
            ("search p50 ms", "search_p50_ms", 1.0),
            ("p99 ms", "search_p99_ms", 1.0),
            ("searches/s, saturated", "search.per_second", 1.0),
            ("import s", "import.seconds", 1.0),
            ("MB on disk", "database.bytes", 1e6),
        ],
    },
    Section {
        title: "A mixed day",
        scenario: mixed::NAME,
        about: "People in two groups of 20 and direct conversations; each writes every 30 s, types every 25 s and reads every 20 s, \
                and of one in twenty more the connection breaks every 10 s and comes back with `sync`; presence follows from that.",
        size: "people",
        columns: &[
            ("cores", "day.server_cpu", 1.0),
            ("MB RSS", "day.rss", 1e6),
            ("ack p50 ms", "day.ack_p50_ms", 1.0),
            ("p99 ms", "day.ack_p99_ms", 1.0),
            ("delivery p99 ms", "day.delivery_p99_ms", 1.0),
            ("other commands p99 ms", "day.other_p99_ms", 1.0),
            ("back in sync p99 ms", "day.sync_p99_ms", 1.0),
            ("deliveries/s", "day.deliveries_per_second", 1.0),
        ],
    },
    Section {
        title: "One node and two",
        scenario: nodes::NAME,
        about: "The room of 1,000 once more, its members on one node of ChatConnect or half on each of two. Both nodes, MongoDB and the \
                generator share all cores: what is shown is what a second node costs, not what a second machine brings.",
        size: "nodes",
        columns: &[
            ("deliveries/s, saturated", "saturated.deliveries_per_second", 1.0),
            ("µs CPU a delivery, saturated", "saturated.server_us_per_delivery", 1.0),
            ("µs CPU a delivery, steady", "steady.server_us_per_delivery", 1.0),
            ("delivery p50 ms, steady", "steady.delivery_p50_ms", 1.0),
            ("p99 ms", "steady.delivery_p99_ms", 1.0),
        ],
    },
];

impl Section {
    pub fn tables(&self, results: &Results) -> String {
        let mut text = String::new();
        for size in results.sizes(self.scenario) {
            let heads: Vec<&str> =
                std::iter::once("").chain(self.columns.iter().map(|column| column.0)).collect();
            let measured = |system: &&System| {
                results
                    .runs
                    .iter()
                    .any(|run| run.scenario == self.scenario && run.size == size && run.system == **system)
            };
            let rows =
                System::ALL.iter().filter(measured).map(|system| self.row(results, size, *system)).collect();
            let size = if size < 100 { size.to_string() } else { number(size as f64) };
            let label = match self.size.strip_prefix("is ") {
                Some(what) => format!("{} {size}", capital(what)),
                None => format!("{size} {}", self.size),
            };
            text.push_str(&format!("**{label}**\n\n{}", table(&heads, rows)));
        }
        text
    }

    fn row(&self, results: &Results, size: u64, system: System) -> Vec<String> {
        let kept_up = results.median(self.scenario, size, system, "steady.kept_up");
        let fell_behind = kept_up.is_some_and(|kept_up| kept_up < 1.0);
        let cell = |&(_, metric, by): &Column| {
            let values = results.values(self.scenario, size, system, metric);
            let values: Vec<f64> = values.into_iter().map(|value| value / by).collect();
            match median(values.clone()) {
                Some(middle) if metric.starts_with("steady.") && fell_behind => {
                    format!("{} †", spread(middle, &values))
                }
                Some(middle) => spread(middle, &values),
                None => "–".to_owned(),
            }
        };
        std::iter::once(system.name().to_owned()).chain(self.columns.iter().map(cell)).collect()
    }
}

/// The median, with the least and the greatest where they are far from it.
fn spread(middle: f64, values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if middle > 0.0 && (greatest - least) / middle > 0.1 {
        return format!("{} ({}–{})", number(middle), number(least), number(greatest));
    }
    number(middle)
}

fn capital(text: &str) -> String {
    let text = text.strip_prefix("the ").unwrap_or(text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

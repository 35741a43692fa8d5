//! How far a command is: a bar on a terminal, plain lines elsewhere.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::say;
use crate::domain::interfaces::progress::{Progress, Step};

/// How often a line is written where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(5);

const WITH_TOTAL: &str = "{msg} {wide_bar} {human_pos} of {human_len}, {per_sec}, {eta} to go";
const WITHOUT_TOTAL: &str = "{spinner} {msg} {human_pos}";

pub(super) enum Bar {
    Terminal(Mutex<ProgressBar>),
    Lines(Mutex<Line>),
}

pub(super) struct Line {
    step: Step,
    done: u64,
    total: Option<u64>,
    written: Instant,
}

const fn name(step: Step) -> &'static str {
    match step {
        Step::Check => "checking the archive",
        Step::Carry => "carrying records",
        Step::Settle => "completing",
        Step::Compare => "comparing",
    }
}

impl Bar {
    pub fn new() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Terminal(Mutex::new(ProgressBar::hidden()))
        } else {
            let line = Line { step: Step::Check, done: 0, total: None, written: Instant::now() };
            Self::Lines(Mutex::new(line))
        }
    }
}

impl Progress for Bar {
    fn begin(&self, step: Step, total: Option<u64>) {
        match self {
            Self::Terminal(bar) => {
                let mut bar = bar.lock().unwrap_or_else(PoisonError::into_inner);
                bar.finish_and_clear();
                let template = if total.is_some() { WITH_TOTAL } else { WITHOUT_TOTAL };
                let style = ProgressStyle::with_template(template);
                *bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.set_message(name(step));
                bar.tick();
            }
            Self::Lines(line) => {
                let line = &mut *line.lock().unwrap_or_else(PoisonError::into_inner);
                *line = Line { step, done: 0, total, written: Instant::now() };
                say(name(step));
            }
        }
    }

    fn advance(&self, records: u64) {
        match self {
            Self::Terminal(bar) => bar.lock().unwrap_or_else(PoisonError::into_inner).inc(records),
            Self::Lines(line) => {
                let line = &mut *line.lock().unwrap_or_else(PoisonError::into_inner);
                line.done += records;
                if line.written.elapsed() >= INTERVAL {
                    line.written = Instant::now();
                    let total = line.total.map_or_else(String::new, |total| format!(" of {total}"));
                    say(&format!("{}: {}{total}", name(line.step), line.done));
                }
            }
        }
    }

    fn end(&self) {
        if let Self::Terminal(bar) = self {
            bar.lock().unwrap_or_else(PoisonError::into_inner).finish_and_clear();
        }
    }
}

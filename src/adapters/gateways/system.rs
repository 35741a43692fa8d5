//! The machine's clock and random numbers: the only place that asks for either.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::domain::{
    entities::timestamp::Timestamp,
    interfaces::{clock::Clock, id_generator::IdGenerator},
};

pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

pub struct RandomIds;

impl IdGenerator for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the generator that everybody else is given")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the generator that everybody else is given")]
    fn secret(&self) -> Uuid {
        Uuid::new_v4()
    }
}

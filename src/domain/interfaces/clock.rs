//! Time, injected so that tests decide it.

use crate::domain::entities::timestamp::Timestamp;

pub trait Clock: Send + Sync {
    /// The current time in UTC. May step back when the machine's clock is corrected.
    fn now(&self) -> Timestamp;
}

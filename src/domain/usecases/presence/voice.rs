//! What this node says to the others.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::{
    entities::{
        ids::NodeId,
        signal::{Frame, Signal},
    },
    interfaces::signal_bus::SignalBus,
};

/// Numbers the frames of this node. Says nothing, at no cost, where it is the only one.
pub struct Voice {
    node: NodeId,
    bus: Option<Arc<dyn SignalBus>>,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    number: u64,
    /// The number at the last ticks, the newest first.
    before: [u64; Voice::QUIET],
}

impl Voice {
    /// Ticks without a word after which it says that it is there.
    const QUIET: usize = 2;

    pub fn new(node: NodeId, bus: Arc<dyn SignalBus>) -> Self {
        Self { node, bus: Some(bus), said: Mutex::default() }
    }

    /// Of a node that is the only one.
    pub fn alone() -> Self {
        Self { node: NodeId::from_uuid(Uuid::nil()), bus: None, said: Mutex::default() }
    }

    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Whether there may be somebody to speak to.
    pub fn is_alone(&self) -> bool {
        self.bus.is_none()
    }

    /// The signals follow one another directly, whoever else says something at the same time.
    pub fn say(&self, signals: impl IntoIterator<Item = Signal>) {
        let Some(bus) = &self.bus else { return };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for signal in signals {
            said.number += 1;
            bus.publish(Frame { node: self.node, number: said.number, signal });
        }
    }

    /// Once a second: breaks a silence, so that the others notice when they lost the last word before it.
    pub fn tick(&self) {
        let quiet = {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let quiet = said.before.iter().all(|before| *before == said.number);
            said.before.rotate_right(1);
            said.before[0] = said.number;
            quiet
        };
        if quiet {
            self.say([Signal::Here]);
        }
    }
}

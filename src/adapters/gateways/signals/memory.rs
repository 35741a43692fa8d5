//! Nodes in one process, for tests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::{
    entities::{ids::NodeId, signal::Frame, timestamp::Timestamp},
    error::Result,
    interfaces::{
        clock::Clock,
        node_registry::{NODE_LIFE, NodeRegistry},
        signal_bus::{SignalBus, SignalEvent, SignalFeed},
    },
};

/// What connects the nodes. Clones share it.
#[derive(Clone, Default)]
pub struct MemorySignals {
    nodes: Arc<Mutex<HashMap<NodeId, mpsc::UnboundedSender<SignalEvent>>>>,
}

impl MemorySignals {
    /// What `node` hears from now on.
    pub fn join(&self, node: NodeId) -> MemoryFeed {
        let (sender, events) = mpsc::unbounded_channel();
        // The receiver is here.
        drop(sender.send(SignalEvent::Joined));
        self.nodes().insert(node, sender);
        MemoryFeed(events)
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<NodeId, mpsc::UnboundedSender<SignalEvent>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SignalBus for MemorySignals {
    fn publish(&self, frame: Frame) {
        // A node that hears nothing any more is forgotten.
        self.nodes().retain(|node, events| {
            *node == frame.node || events.send(SignalEvent::Frame(frame.clone())).is_ok()
        });
    }

    async fn close(&self) {}
}

pub struct MemoryFeed(mpsc::UnboundedReceiver<SignalEvent>);

#[async_trait]
impl SignalFeed for MemoryFeed {
    async fn next(&mut self) -> Option<SignalEvent> {
        self.0.recv().await
    }
}

/// The nodes that are alive by this clock.
pub struct MemoryNodes {
    clock: Arc<dyn Clock>,
    beats: Mutex<HashMap<NodeId, Timestamp>>,
}

impl MemoryNodes {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, beats: Mutex::default() }
    }

    fn beats(&self) -> MutexGuard<'_, HashMap<NodeId, Timestamp>> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl NodeRegistry for MemoryNodes {
    async fn beat(&self, node: NodeId) -> Result<()> {
        self.beats().insert(node, self.clock.now());
        Ok(())
    }

    async fn alive(&self) -> Result<Vec<NodeId>> {
        let now = self.clock.now();
        let beats = self.beats();
        let alive = beats.iter().filter(|(_, beat)| now.since(**beat) < NODE_LIFE);
        let mut alive: Vec<NodeId> = alive.map(|(node, _)| *node).collect();
        alive.sort_unstable();
        Ok(alive)
    }

    async fn forget(&self, node: NodeId) -> Result<()> {
        self.beats().remove(&node);
        Ok(())
    }

    async fn forget_dead(&self) -> Result<()> {
        let now = self.clock.now();
        self.beats().retain(|_, beat| now.since(*beat).as_secs() < 60);
        Ok(())
    }
}

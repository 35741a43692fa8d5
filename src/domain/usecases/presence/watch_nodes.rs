//! Which nodes are alive, and what becomes of the people of one that is not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::track_presence::{Obituary, TrackPresence};
use crate::domain::{
    entities::ids::NodeId,
    error::Result,
    interfaces::{node_registry::NodeRegistry, user_repository::UserRepository},
};

pub struct WatchNodes {
    node: NodeId,
    registry: Arc<dyn NodeRegistry>,
    users: Arc<dyn UserRepository>,
    track: Arc<TrackPresence>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those of whose people it was not remembered yet when they were last seen.
    dead: Vec<Obituary>,
    /// Whether what earlier nodes left behind in the registry was cleared away.
    is_clean: bool,
}

impl WatchNodes {
    pub fn new(
        node: NodeId,
        registry: Arc<dyn NodeRegistry>,
        users: Arc<dyn UserRepository>,
        track: Arc<TrackPresence>,
    ) -> Self {
        Self { node, registry, users, track, state: Mutex::default() }
    }

    /// Says that this node lives, and looks who else does; answers how many. Called once in two seconds.
    ///
    /// # Errors
    /// What the registry and the repository answer; what was not done is done the next time.
    pub async fn execute(&self) -> Result<usize> {
        self.registry.beat(self.node).await?;
        let alive = self.registry.alive().await?;
        let dead = self.track.sweep(&alive);
        // Everybody notices; one is enough to write it down.
        if alive.first() == Some(&self.node) {
            self.state().dead.extend(dead);
            self.clear_away().await?;
        }
        Ok(alive.len())
    }

    /// Doing it twice changes nothing.
    async fn clear_away(&self) -> Result<()> {
        if !self.state().is_clean {
            self.registry.forget_dead().await?;
            self.state().is_clean = true;
        }
        loop {
            let next = self.state().dead.last().cloned();
            let Some(dead) = next else { return Ok(()) };
            self.users.set_last_seen_of(&dead.people, dead.at).await?;
            self.registry.forget(dead.node).await?;
            self.state().dead.pop();
        }
    }

    /// This node stops.
    ///
    /// # Errors
    /// What the registry answers; the others find out by themselves.
    pub async fn leave(&self) -> Result<()> {
        self.registry.forget(self.node).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

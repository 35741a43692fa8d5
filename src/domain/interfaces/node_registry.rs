//! Which nodes serve this database.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::{entities::ids::NodeId, error::Result};

/// A node that has not said for so long that it lives is dead. By the database's clock, so that those of the nodes do not
/// matter.
pub const NODE_LIFE: Duration = Duration::from_secs(8);

#[async_trait]
pub trait NodeRegistry: Send + Sync {
    /// The node lives.
    async fn beat(&self, node: NodeId) -> Result<()>;

    /// Those that live, the oldest first.
    async fn alive(&self) -> Result<Vec<NodeId>>;

    /// The node is no more. Nothing happens when it is not known.
    async fn forget(&self, node: NodeId) -> Result<()>;

    /// Forgets those that have been dead for at least a minute, which nobody saw die.
    async fn forget_dead(&self) -> Result<()>;
}

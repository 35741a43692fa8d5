//! This node among those that share its database.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;

use super::database::Connection;
use crate::{
    adapters::gateways::{mongo::Mongo, signals::redis},
    config::cluster::ClusterConfig,
    domain::{
        entities::ids::NodeId,
        interfaces::{
            clock::Clock,
            conversation_repository::ConversationRepository,
            event_publisher::EventPublisher,
            node_registry::NodeRegistry,
            signal_bus::{SignalBus, SignalFeed},
            user_repository::UserRepository,
        },
        usecases::presence::{
            hear_signals::HearSignals, track_presence::TrackPresence, typing::Typing, voice::Voice,
            watch_nodes::WatchNodes,
        },
    },
};

/// Why the other nodes cannot be reached in the way that the settings name.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("REDIS_URL is no address of a Redis server: {0}")]
    Redis(String),
}

/// The way to the other nodes.
pub struct Cluster {
    node: NodeId,
    bus: Arc<dyn SignalBus>,
    feed: Box<dyn SignalFeed>,
    registry: Arc<dyn NodeRegistry>,
}

impl Cluster {
    /// `None` where the database is in a file, and so there are no other nodes. Nothing is waited for.
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn join(
        config: &ClusterConfig,
        database: &Connection,
        node: NodeId,
    ) -> Result<Option<Self>, ClusterError> {
        let Connection::Mongo(mongo) = database else {
            if config.redis_url.is_some() {
                tracing::warn!("REDIS_URL is of no use without MongoDB: there is only one node");
            }
            return Ok(None);
        };
        let (outbox, feed) = match &config.redis_url {
            Some(url) => redis::start(url.as_str(), node, channel(mongo.clone(), node))
                .map_err(|error| ClusterError::Redis(error.to_string()))?,
            None => mongo.join(node),
        };
        tracing::info!(%node, "this node has joined those of its database");
        let registry = Arc::new(mongo.nodes());
        Ok(Some(Self { node, bus: Arc::new(outbox), feed: Box::new(feed), registry }))
    }

    /// Begins to listen to the others.
    fn start(
        self,
        users: Arc<dyn UserRepository>,
        track: &Arc<TrackPresence>,
        typing: &Arc<Typing>,
    ) -> Membership {
        let hear = HearSignals { track: Arc::clone(track), typing: Arc::clone(typing) };
        let watch = WatchNodes::new(self.node, self.registry, users, Arc::clone(track));
        let hearing = tokio::spawn(hear.execute(self.feed));
        Membership { bus: self.bus, hearing, watch: Arc::new(watch) }
    }
}

/// Who is there, on this node and on the others.
pub struct Presence {
    pub track: Arc<TrackPresence>,
    pub typing: Arc<Typing>,
    /// `None` of a node that is the only one.
    pub membership: Option<Membership>,
}

/// Begins to keep account of who is there.
pub fn presence(
    joined: Option<Cluster>,
    users: &Arc<dyn UserRepository>,
    conversations: &Arc<dyn ConversationRepository>,
    publisher: &Arc<dyn EventPublisher>,
    clock: &Arc<dyn Clock>,
) -> Presence {
    let voice = match &joined {
        Some(cluster) => Voice::new(cluster.node, Arc::clone(&cluster.bus)),
        None => Voice::alone(),
    };
    let voice = Arc::new(voice);
    let (users, publisher, clock) = (Arc::clone(users), Arc::clone(publisher), Arc::clone(clock));
    let track = TrackPresence::new(
        Arc::clone(&users),
        Arc::clone(&publisher),
        Arc::clone(&clock),
        Arc::clone(&voice),
    );
    let track = Arc::new(track);
    let typing = Arc::new(Typing::new(Arc::clone(conversations), publisher, clock, voice));
    let membership = joined.map(|cluster| cluster.start(users, &track, &typing));
    Presence { track, typing, membership }
}

/// What those have in common who are to hear each other, and no one else on the same Redis server: their database.
async fn channel(mongo: Mongo, node: NodeId) -> String {
    const PAUSE: Duration = Duration::from_secs(1);
    loop {
        match mongo.first_node(node).await {
            Ok(first) => return format!("chatconnect:{first}:signals"),
            Err(error) => {
                tracing::debug!(%error, cause = ?error.cause(), "the channel is not known yet");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Of a node that hears the others.
pub struct Membership {
    bus: Arc<dyn SignalBus>,
    hearing: JoinHandle<()>,
    pub watch: Arc<WatchNodes>,
}

impl Membership {
    /// Says what is still to be said, and is no node any more. Takes two seconds at most.
    pub async fn leave(self) {
        self.bus.close().await;
        match tokio::time::timeout(Duration::from_secs(1), self.watch.leave()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the other nodes find out by themselves that this one left")
            }
            Err(_) => tracing::warn!("the other nodes find out by themselves that this one left"),
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

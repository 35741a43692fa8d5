//! Signals over a Redis server: one channel, which every node publishes to and listens to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Shared},
};
use redis::{
    AsyncConnectionConfig, Client, RedisError,
    aio::{MultiplexedConnection, PubSub},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout},
};

use super::{
    inbox::{Inbox, Intake, inbox},
    outbox::{Carrier, Outbox},
};
use crate::domain::entities::ids::NodeId;

/// How long the server may take for a connection or an answer.
const ANSWER: Duration = Duration::from_secs(2);

/// After so much silence a connection is asked whether it still lives.
const PING: Duration = Duration::from_secs(5);

/// Pauses between two tries to connect: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Why there is no way through Redis.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("it did not answer in time")]
    TooLate,
    #[error("it closed the connection")]
    Closed,
    #[error("there is no connection")]
    Down,
}

/// The name of the channel, once it is known.
type Channel = Shared<BoxFuture<'static, String>>;

/// Connects as soon as the server can be reached, and again whenever the connection was lost. Nodes hear one another when
/// the name of their `channel` is the same.
///
/// # Errors
/// When `url` is none that the driver understands.
pub fn start(
    url: &str,
    node: NodeId,
    channel: impl Future<Output = String> + Send + 'static,
) -> Result<(Outbox, Inbox), RedisError> {
    let client = Client::open(url)?;
    let channel = channel.boxed().shared();
    let up = Arc::new(AtomicBool::new(false));
    let (intake, inbox) = inbox(node);
    let listening = listen(client.clone(), channel.clone(), intake, Arc::clone(&up));
    let publisher = Publisher { client, channel, up, connection: Mutex::default() };
    // While one packet is under way, company for the next one gathers.
    Ok((Outbox::start(node, publisher, Duration::ZERO, listening), inbox))
}

async fn in_time<T>(work: impl Future<Output = Result<T, RedisError>>) -> Result<T, Broken> {
    Ok(timeout(ANSWER, work).await.map_err(|_| Broken::TooLate)??)
}

struct Publisher {
    client: Client,
    channel: Channel,
    /// Whether this node hears the others. If not, the way to them need not be tried.
    up: Arc<AtomicBool>,
    /// The library's own manager keeps what a refused connection answered, and is not used for that.
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Carrier for Publisher {
    type Error = Broken;

    async fn carry(&self, packet: Vec<u8>) -> Result<(), Broken> {
        let channel = self.channel.clone().await;
        if !self.up.load(Ordering::Relaxed) {
            return Err(Broken::Down);
        }
        let mut connection = self.connection.lock().await;
        let mut current = match connection.take() {
            Some(current) => current,
            None => in_time(self.client.get_multiplexed_async_connection_with_config(&config())).await?,
        };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(channel).arg(packet);
        in_time(publish.query_async::<i64>(&mut current)).await?;
        // One on which something failed is not used again.
        *connection = Some(current);
        Ok(())
    }
}

fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(ANSWER))
}

/// Hears the others, for ever.
async fn listen(client: Client, channel: Channel, intake: Intake, up: Arc<AtomicBool>) {
    let channel = channel.await;
    let mut pause = PAUSES.0;
    loop {
        let start = Instant::now();
        let cause = match subscribe(&client, &channel).await {
            Ok(subscription) => {
                tracing::info!(channel, "signals go through Redis");
                up.store(true, Ordering::Relaxed);
                intake.joined();
                let Err(cause) = follow(subscription, &intake).await;
                up.store(false, Ordering::Relaxed);
                cause
            }
            Err(cause) => cause,
        };
        // One that breaks at once is no reason to hurry.
        if start.elapsed() > PAUSES.1 * 2 {
            pause = PAUSES.0;
        }
        tracing::warn!(%cause, ?pause, "no signals come through Redis; it is tried again");
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

async fn subscribe(client: &Client, channel: &str) -> Result<PubSub, Broken> {
    let mut subscription = in_time(client.get_async_pubsub()).await?;
    in_time(subscription.subscribe(channel)).await?;
    Ok(subscription)
}

/// Ends with the connection. A server that vanished says nothing, so a silent one is asked.
async fn follow(subscription: PubSub, intake: &Intake) -> Result<std::convert::Infallible, Broken> {
    let (mut questions, mut messages) = subscription.split();
    loop {
        match timeout(PING, messages.next()).await {
            Ok(Some(message)) => intake.packet(message.get_payload_bytes().to_vec()),
            Ok(None) => return Err(Broken::Closed),
            Err(_) => {
                in_time(questions.ping::<redis::Value>()).await?;
            }
        }
    }
}

//! The way out. Whoever has something to say only puts it into a queue; one task packs what waits and hands it on.

use std::{
    fmt::Display,
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
    time::Instant,
};

use super::wire::Packet;
use crate::domain::{
    entities::{ids::NodeId, signal::Frame},
    interfaces::signal_bus::SignalBus,
};

/// Frames that may wait. The longest ones, with [`SIGNAL_PEOPLE`](crate::domain::entities::signal::SIGNAL_PEOPLE) people,
/// are few.
const QUEUE: usize = 2048;

/// What has waited longer says nothing that is true any more.
const STALE: Duration = Duration::from_secs(3);

/// Bytes after which a packet takes no more frames.
const FULL: usize = 256 * 1024;

const FAREWELL: Duration = Duration::from_secs(1);

/// Takes packets to the other nodes, one at a time.
pub trait Carrier: Send + Sync + 'static {
    /// For the log.
    type Error: Display + Send;

    /// Gives up after a while.
    ///
    /// # Errors
    /// Why the packet is lost.
    fn carry(&self, packet: Vec<u8>) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A way to the other nodes. The way back from them ends with it.
pub struct Outbox {
    waiting: Mutex<Option<mpsc::Sender<Waiting>>>,
    sending: Mutex<Option<JoinHandle<()>>>,
    listening: AbortHandle,
}

struct Waiting {
    frame: Frame,
    since: Instant,
}

impl Outbox {
    /// Starts to send for `node`, a packet every `pace` at most, and to `listen`.
    pub fn start(
        node: NodeId,
        carrier: impl Carrier,
        pace: Duration,
        listen: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let (waiting, frames) = mpsc::channel(QUEUE);
        let sending = tokio::spawn(send(node, frames, carrier, pace));
        Self {
            waiting: Mutex::new(Some(waiting)),
            sending: Mutex::new(Some(sending)),
            listening: tokio::spawn(listen).abort_handle(),
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Frames that the other nodes will miss.
fn lost(frames: usize) {
    metrics::counter!("chatconnect_signals_lost_total", "direction" => "out").increment(frames as u64);
}

#[async_trait]
impl SignalBus for Outbox {
    fn publish(&self, frame: Frame) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = frame.signal.kind();
        let taken = waiting
            .as_ref()
            .is_some_and(|queue| queue.try_send(Waiting { frame, since: Instant::now() }).is_ok());
        if taken {
            metrics::counter!("chatconnect_signals_total", "direction" => "out", "kind" => kind).increment(1);
        } else {
            lost(1);
        }
    }

    async fn close(&self) {
        // The task ends when it has sent what waits.
        drop(self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take());
        let sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut sending) = sending
            && tokio::time::timeout(FAREWELL, &mut sending).await.is_err()
        {
            sending.abort();
        }
        self.listening.abort();
    }
}

async fn send(node: NodeId, mut waiting: mpsc::Receiver<Waiting>, carrier: impl Carrier, pace: Duration) {
    let mut broken = false;
    let mut next = Instant::now();
    while let Some(first) = waiting.recv().await {
        tokio::time::sleep_until(next).await;
        next = Instant::now() + pace;
        let (packet, frames) = pack(node, first, &mut waiting);
        if frames == 0 {
            continue;
        }
        match carrier.carry(packet.into_bytes()).await {
            Ok(()) if broken => {
                broken = false;
                tracing::info!("signals reach the other nodes again");
            }
            Ok(()) => {}
            Err(cause) => {
                lost(frames);
                if !broken {
                    tracing::warn!(%cause, "signals do not reach the other nodes; each next one is tried again");
                }
                broken = true;
            }
        }
    }
}

/// What waits, in one packet, and how many frames it is.
fn pack(node: NodeId, first: Waiting, waiting: &mut mpsc::Receiver<Waiting>) -> (Packet, usize) {
    let mut packet = Packet::new(node);
    let mut frames = 0;
    let mut next = Some(first);
    while let Some(Waiting { frame, since }) = next {
        if since.elapsed() > STALE {
            lost(1);
        } else {
            packet.push(frame.number, &frame.signal);
            frames += 1;
        }
        next = if packet.len() < FULL { waiting.try_recv().ok() } else { None };
    }
    (packet, frames)
}

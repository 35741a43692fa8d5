//! The Socket.IO layer as the web server mounts it.

use std::{sync::Arc, time::Duration};

use socketioxide::{ParserConfig, SocketIo, layer::SocketIoLayer};
use tokio::sync::Semaphore;

use super::gate::{Bindings, Gate};
use crate::{
    config::socket::SocketConfig, domain::interfaces::rate_limiter::RateLimiter,
    infrastructure::webserver::identity::Identities,
};

/// Clients that do not say hello within this long are let go.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(45);

/// Bytes that a WebSocket is read with at a time, and keeps: most of what clients send is smaller.
const READ_BUFFER: usize = 512;

pub struct SocketServer {
    layer: SocketIoLayer,
    io: SocketIo,
    bindings: Bindings,
    limiter: Arc<dyn RateLimiter>,
    crowd: Arc<Semaphore>,
}

impl SocketServer {
    pub fn new(config: &SocketConfig, limiter: Arc<dyn RateLimiter>) -> Self {
        let (layer, io) = layer(config);
        let pause = Duration::from_millis(config.ping_interval_ms.saturating_add(config.ping_timeout_ms));
        Self {
            layer,
            io,
            bindings: Bindings::new(pause * 2),
            limiter,
            crowd: Arc::new(Semaphore::new(usize::from(config.socket_arrivals))),
        }
    }

    pub fn io(&self) -> &SocketIo {
        &self.io
    }

    pub fn layer(&self) -> SocketIoLayer {
        self.layer.clone()
    }

    /// Those who arrive and those who ask for what they missed take turns, so that a crowd that comes back at once does
    /// not push everybody else away from the database.
    pub fn crowd(&self) -> &Arc<Semaphore> {
        &self.crowd
    }

    /// What stands in front of the layer.
    pub fn gate(&self, identities: Identities) -> Gate {
        Gate {
            identities,
            bindings: self.bindings.clone(),
            limiter: Arc::clone(&self.limiter),
            crowd: Arc::clone(&self.crowd),
        }
    }
}

/// The layer with our settings: Engine.IO 3 and 4, WebSocket, polling and the upgrade between them.
pub fn layer(config: &SocketConfig) -> (SocketIoLayer, SocketIo) {
    let max = usize::try_from(config.socket_max_payload).unwrap_or(usize::MAX);
    SocketIo::builder()
        .ping_interval(Duration::from_millis(config.ping_interval_ms))
        .ping_timeout(Duration::from_millis(config.ping_timeout_ms))
        .max_payload(config.socket_max_payload)
        .ws_max_message_size(max)
        .ws_max_frame_size(max)
        .max_buffer_size(config.socket_buffer)
        .ws_read_buffer_size(READ_BUFFER)
        .connect_timeout(CONNECT_TIMEOUT)
        .with_parser(ParserConfig::common().max_incoming_binary_buf_size(max))
        .build_layer()
}

/// Closes every socket, also those that take no more data.
pub async fn close(io: &SocketIo, patience: Duration) {
    if tokio::time::timeout(patience, io.close()).await.is_err() {
        tracing::warn!("some sockets did not take their farewell");
    }
}

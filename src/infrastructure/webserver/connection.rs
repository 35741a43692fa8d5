//! TCP connections that can be cut from outside, and written to beneath whoever serves them.
//!
//! A client that stops reading holds its WebSocket writer for ever: neither a ping time-out nor a disconnect ends
//! it, because both wait for that writer. Cutting the connection underneath does.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream, serve::Listener as AxumListener};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
};

use super::wire::{Wire, WireHandle};

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    pub address: SocketAddr,
    pub connection: WireHandle,
}

/// A listener whose connections can be cut, and that gives up on peers which take no data.
pub struct Listener {
    inner: TcpListener,
    stall: Duration,
    waiting: usize,
}

impl Listener {
    /// `stall` is how long sent data may stay unacknowledged (`TCP_USER_TIMEOUT`, RFC 5482), `waiting` how many shared
    /// frames may wait for a client.
    pub fn new(inner: TcpListener, stall: Duration, waiting: usize) -> Self {
        Self { inner, stall, waiting }
    }

    /// The same, on a port of its own; and where it listens.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn bind(
        host: &str,
        port: u16,
        stall: Duration,
        waiting: usize,
    ) -> io::Result<(Self, SocketAddr)> {
        let inner = TcpListener::bind((host, port)).await?;
        let address = inner.local_addr()?;
        Ok((Self::new(inner, stall, waiting), address))
    }

    fn prepare(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let socket = SockRef::from(stream);
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_secs(60)))?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(self.stall))?;
        Ok(())
    }
}

impl AxumListener for Listener {
    type Io = Connection;
    type Addr = Peer;

    async fn accept(&mut self) -> (Connection, Peer) {
        loop {
            // One at a time between the others' turns: a crowd that comes at once must not make those who are here wait.
            tokio::task::yield_now().await;
            match self.inner.accept().await {
                Ok((stream, address)) => {
                    if let Err(error) = self.prepare(&stream) {
                        tracing::debug!(%error, "a connection ended before it began");
                        continue;
                    }
                    let (reader, writer) = stream.into_split();
                    let wire = Wire::new(writer, self.waiting);
                    let peer = Peer { address, connection: WireHandle::of(&wire) };
                    return (Connection { reader, wire }, peer);
                }
                Err(error) => {
                    // Out of file descriptors, most of the time: others will be closed in a moment.
                    tracing::error!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { address: self.inner.local_addr()?, connection: WireHandle::default() })
    }
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.remote_addr().clone()
    }
}

pub struct Connection {
    reader: OwnedReadHalf,
    /// Whoever else reaches it does not keep it: it ends with the connection.
    wire: Arc<Wire>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.wire.before_read(cx)?;
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.wire.shutdown())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.poll_write_vectored(cx, bufs)
    }
}

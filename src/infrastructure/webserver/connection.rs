//! TCP connections that can be cut from outside.
//!
//! A client that stops reading holds its WebSocket writer for ever: neither a ping time-out nor a disconnect ends
//! it, because both wait for that writer. Cutting the connection underneath does.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream, serve::Listener as AxumListener};
use futures_util::task::AtomicWaker;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Ends one connection. Cheap to clone; does nothing once the connection is gone.
#[derive(Debug, Clone, Default)]
pub struct CutHandle(Arc<Cut>);

#[derive(Debug, Default)]
struct Cut {
    done: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl CutHandle {
    /// From now on every read and write of the connection fails.
    pub fn cut(&self) {
        self.0.done.store(true, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    fn check(&self, waker: &AtomicWaker, cx: &Context<'_>) -> io::Result<()> {
        waker.register(cx.waker());
        if self.0.done.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    pub address: SocketAddr,
    pub connection: CutHandle,
}

/// A listener whose connections can be cut, and that gives up on peers which take no data.
pub struct Listener {
    inner: TcpListener,
    stall: Duration,
}

impl Listener {
    /// `stall` is how long sent data may stay unacknowledged (`TCP_USER_TIMEOUT`, RFC 5482).
    pub fn new(inner: TcpListener, stall: Duration) -> Self {
        Self { inner, stall }
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
            match self.inner.accept().await {
                Ok((stream, address)) => {
                    if let Err(error) = self.prepare(&stream) {
                        tracing::debug!(%error, "a connection ended before it began");
                        continue;
                    }
                    let cut = CutHandle::default();
                    return (Connection { stream, cut: cut.clone() }, Peer { address, connection: cut });
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
        Ok(Peer { address: self.inner.local_addr()?, connection: CutHandle::default() })
    }
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.remote_addr().clone()
    }
}

pub struct Connection {
    stream: TcpStream,
    cut: CutHandle,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cut.check(&self.cut.0.reader, cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.cut.check(&self.cut.0.writer, cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.cut.check(&self.cut.0.writer, cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.cut.check(&self.cut.0.writer, cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

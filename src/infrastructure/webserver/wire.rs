//! The writing half of a connection. The HTTP server and, after it, the library write to it as to any other; beneath
//! them, frames that many sockets share are put between the library's own, each written as it is, without a copy.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    net::Shutdown,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use socket2::SockRef;
use tokio::net::{TcpStream, tcp::OwnedWriteHalf};

use super::frames::{Frames, Passed};

/// Shared frames that go into one system call.
const AT_ONCE: usize = 64;

pub struct Wire {
    stream: OwnedWriteHalf,
    cut: AtomicBool,
    /// The tasks that read and write.
    reader: AtomicWaker,
    writer: AtomicWaker,
    /// Shared frames wait until the kernel takes more.
    blocked: AtomicBool,
    out: Mutex<Out>,
    /// How many shared frames may wait.
    most: usize,
}

struct Out {
    mode: Mode,
    frames: Frames,
    waiting: VecDeque<Bytes>,
    /// Bytes of the first one that are written.
    written: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nobody else writes.
    Alone,
    /// The head of the answer to a WebSocket handshake comes, of which so many bytes have passed, and these last.
    Head {
        passed: usize,
        last: [u8; 4],
    },
    Frames,
    /// The last frame has been written.
    Over,
}

const SWITCHED: &[u8] = b"HTTP/1.1 101";
const END_OF_HEAD: [u8; 4] = *b"\r\n\r\n";

impl Wire {
    pub fn new(stream: OwnedWriteHalf, most: usize) -> Arc<Self> {
        let out = Out { mode: Mode::Alone, frames: Frames::default(), waiting: VecDeque::new(), written: 0 };
        Arc::new(Self {
            stream,
            cut: AtomicBool::new(false),
            reader: AtomicWaker::new(),
            writer: AtomicWaker::new(),
            blocked: AtomicBool::new(false),
            out: Mutex::new(out),
            most,
        })
    }

    /// To be called whenever the connection is read.
    ///
    /// # Errors
    /// `ConnectionAborted` once it was cut.
    pub fn before_read(&self, cx: &mut Context<'_>) -> io::Result<()> {
        self.check(&self.reader, cx)?;
        // Whoever put frames there does not wait for the kernel. The task that reads always waits, so it does that too.
        while self.blocked.load(Ordering::Acquire) && self.stream().poll_write_ready(cx)?.is_ready() {
            self.push_on();
            // It may have waited for the same.
            self.writer.wake();
        }
        Ok(())
    }

    /// Like [`tokio::io::AsyncWrite::poll_write`].
    pub fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(cx, |out, stream| out.write(stream, bytes))
    }

    /// Like [`tokio::io::AsyncWrite::poll_write_vectored`].
    pub fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |out, stream| match out.mode {
            Mode::Alone => stream.try_write_vectored(slices),
            _ => {
                let first = slices.iter().find(|slice| !slice.is_empty());
                first.map_or(Ok(0), |slice| out.write(stream, slice))
            }
        })
    }

    /// Says that nothing more will be written.
    ///
    /// # Errors
    /// Those of `shutdown(2)`, but not that the connection is gone.
    pub fn shutdown(&self) -> io::Result<()> {
        match SockRef::from(self.stream()).shutdown(Shutdown::Write) {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Err(error),
            _ => Ok(()),
        }
    }

    fn poll(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&mut Out, &TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.check(&self.writer, cx)?;
        loop {
            let mut out = self.out();
            match write(&mut out, self.stream()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => {
                    self.advance(&mut out);
                    return Poll::Ready(outcome);
                }
            }
            drop(out);
            ready!(self.stream().poll_write_ready(cx))?;
        }
    }

    /// Writes the shared frames that may be written now.
    fn push_on(&self) {
        self.advance(&mut self.out());
    }

    fn advance(&self, out: &mut Out) {
        let blocked = match out.write_shared(self.stream()) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            // Where they wait for the library's next frame, its task goes on with them.
            Ok(()) => false,
        };
        self.blocked.store(blocked, Ordering::Release);
        if blocked {
            self.reader.wake();
        }
    }

    fn check(&self, waker: &AtomicWaker, cx: &Context<'_>) -> io::Result<()> {
        waker.register(cx.waker());
        if self.cut.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn stream(&self) -> &TcpStream {
        self.stream.as_ref()
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Out {
    /// Writes what the one above wants to write: it waits for no more than a shared frame that is half written, or answers
    /// and pings would never come to whoever is only as fast as a busy room.
    fn write(&mut self, stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        while let (Some(first), 1..) = (self.waiting.front(), self.written) {
            self.written += stream.try_write(&first[self.written..])?;
            self.pop_written();
        }
        let count = stream.try_write(bytes)?;
        self.passed(&bytes[..count]);
        Ok(count)
    }

    fn passed(&mut self, bytes: &[u8]) {
        match &mut self.mode {
            Mode::Alone | Mode::Over => {}
            Mode::Head { passed, last } => {
                for (place, byte) in bytes.iter().enumerate() {
                    if SWITCHED.get(*passed).is_some_and(|expected| expected != byte) {
                        self.mode = Mode::Alone;
                        return;
                    }
                    *passed += 1;
                    *last = [last[1], last[2], last[3], *byte];
                    if *last == END_OF_HEAD {
                        self.mode = Mode::Frames;
                        return self.passed(&bytes[place + 1..]);
                    }
                }
            }
            Mode::Frames => {
                if self.frames.pass(bytes) == Passed::Close {
                    self.mode = Mode::Over;
                    self.waiting = VecDeque::new();
                }
            }
        }
    }

    /// All that wait, unless a frame of the library is half written, or they must wait for one.
    fn write_shared(&mut self, stream: &TcpStream) -> io::Result<()> {
        if self.waiting.is_empty() || !self.frames.is_between() || self.frames.is_awaited() {
            return Ok(());
        }
        while let Some(first) = self.waiting.front() {
            if self.waiting.len() == 1 {
                self.written += stream.try_write(&first[self.written..])?;
                self.pop_written();
                continue;
            }
            let mut slices = [IoSlice::new(&[]); AT_ONCE];
            let mut count = 0;
            for (slice, frame) in slices.iter_mut().zip(&self.waiting) {
                *slice = IoSlice::new(if count == 0 { &frame[self.written..] } else { frame });
                count += 1;
            }
            self.written += stream.try_write_vectored(&slices[..count])?;
            self.pop_written();
        }
        if self.waiting.capacity() > AT_ONCE {
            self.waiting = VecDeque::new();
        }
        Ok(())
    }

    fn pop_written(&mut self) {
        while let Some(first) = self.waiting.front().filter(|first| first.len() <= self.written) {
            self.written -= first.len();
            self.waiting.pop_front();
        }
    }
}

/// Reaches a connection as long as it is there.
#[derive(Clone, Default)]
pub struct WireHandle(Weak<Wire>);

impl WireHandle {
    pub fn of(wire: &Arc<Wire>) -> Self {
        Self(Arc::downgrade(wire))
    }

    /// From now on every read and write of the connection fails.
    pub fn cut(&self) {
        if let Some(wire) = self.0.upgrade() {
            wire.cut.store(true, Ordering::SeqCst);
            wire.reader.wake();
            wire.writer.wake();
        }
    }

    /// The next thing that is written is the answer to a WebSocket handshake.
    pub fn expects_frames(&self) {
        if let Some(wire) = self.0.upgrade() {
            wire.out().mode = Mode::Head { passed: 0, last: [0; 4] };
        }
    }

    /// Whether the connection has ended.
    pub fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Whether it takes shared frames: from the moment on when a frame that begins with `first` has been written.
    pub fn opens_after(&self, first: &[u8]) -> bool {
        let Some(wire) = self.0.upgrade() else { return false };
        let mut out = wire.out();
        let takes = out.mode == Mode::Frames;
        if takes {
            out.frames.mark(first);
        }
        takes
    }

    /// Puts a frame behind those that wait; `false` when too many do. It is written by [`Self::flush`] at the latest.
    pub fn push(&self, frame: &Bytes) -> bool {
        let Some(wire) = self.0.upgrade() else { return true };
        let mut out = wire.out();
        if out.mode == Mode::Over {
            return true;
        }
        let has_room = out.waiting.len() < wire.most;
        if has_room {
            out.waiting.push_back(frame.clone());
        }
        has_room
    }

    /// Writes what waits, as far as the kernel takes it; the rest follows when it takes more.
    pub fn flush(&self) {
        if let Some(wire) = self.0.upgrade() {
            wire.push_on();
        }
    }
}

impl std::fmt::Debug for WireHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WireHandle")
    }
}

//! A minimum rate for readers: they have to read what is sent to them, as `tintype_storage`'s pace requires of senders.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::{Activity, Doing};
use tintype_core::metrics::Ending;

/// The most that the kernel buffers for a peer beyond what is in flight, so that a stalled peer shows soon and a connection costs little.
/// By default Linux buffers up to 4 MiB, and wakes us when a third of that is gone.
const UNSENT: u32 = 128 * 1024;

/// The slowest rate for reading a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes to read in a second.
    pub bytes_per_second: u64,
    /// How far a reader may fall behind.
    pub grace: Duration,
}

/// How much longer a peer may keep us waiting. Waiting uses the time up, and every byte read earns some back.
struct Patience {
    pace: Pace,
    left: Duration,
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(pace: Pace) -> Self {
        Self {
            pace,
            left: pace.grace,
            since: None,
            alarm: None,
        }
    }

    /// Whether it was waiting for that.
    fn took(&mut self, bytes: usize) -> bool {
        let since = self.since.take();
        if let Some(since) = since {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let nanos =
            (bytes as u64).saturating_mul(1_000_000_000) / self.pace.bytes_per_second.max(1);
        self.left = (self.left + Duration::from_nanos(nanos)).min(self.pace.grace);
        since.is_some()
    }

    /// Whether this starts the wait.
    fn begin(&mut self) -> bool {
        if self.since.is_some() {
            return false;
        }
        let now = Instant::now();
        self.since = Some(now);
        let end = now + self.left;
        match &mut self.alarm {
            Some(alarm) => alarm.as_mut().reset(end),
            None => self.alarm = Some(Box::pin(sleep_until(end))),
        }
        true
    }

    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.alarm
            .as_mut()
            .map_or(Poll::Pending, |alarm| alarm.as_mut().poll(context))
    }
}

/// A connection whose peer has to read at a minimum rate.
pub struct Paced {
    stream: TcpStream,
    patience: Patience,
    activity: Activity,
}

impl Paced {
    /// Applies this pace to the peer.
    pub fn new(stream: TcpStream, pace: Pace, activity: Activity) -> Self {
        // Without it, slowness shows later and costs more.
        let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT);
        Self {
            stream,
            patience: Patience::new(pace),
            activity,
        }
    }

    fn judge(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => {
                if self.patience.took(*bytes) {
                    self.activity.now(Doing::Holds, false);
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if self.patience.begin() {
                    self.activity.now(Doing::Holds, true);
                }
                if self.patience.poll_over(context).is_ready() {
                    self.activity.ended(Ending::Slow);
                    return Poll::Ready(Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "the peer takes what it asked for too slowly",
                    )));
                }
            }
        }
        written
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        if self.patience.since.is_some() {
            // Otherwise the kernel would keep unread data, and retry sending it, for minutes.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // `hyper` calls this when it has nothing left to write.
        self.activity.flushed();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! The end of a connection: what the peer is still sending is read and thrown away, as nginx's `lingering_close` does it.
//!
//! A socket that is closed with unread bytes in it resets its connection, and a reset overtakes the response: whoever is refused in the
//! middle of a body would see a broken pipe instead of the reason.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a peer may go on sending after the response: as nginx has it.
const TIME: Duration = Duration::from_secs(30);
/// How long nothing may come meanwhile.
const SILENCE: Duration = Duration::from_secs(2);
/// What is read at once.
const PIECE: usize = 8 * 1024;

/// A connection that is shut down only when its peer has stopped sending, or has gone on for too long.
pub struct Lingering<S> {
    stream: S,
    end: Option<End>,
}

/// When it is over, whatever comes.
struct End {
    silence: Pin<Box<Sleep>>,
    latest: Instant,
}

impl End {
    fn from_now() -> Self {
        Self {
            silence: Box::pin(sleep(SILENCE)),
            latest: Instant::now() + TIME,
        }
    }

    fn something_came(&mut self) {
        let next = (Instant::now() + SILENCE).min(self.latest);
        self.silence.as_mut().reset(next);
    }
}

impl<S> Lingering<S> {
    /// Lets this connection linger.
    pub fn new(stream: S) -> Self {
        Self { stream, end: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.end.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        let this = &mut *self;
        let end = this.end.get_or_insert_with(End::from_now);
        while end.silence.as_mut().poll(context).is_pending() {
            let mut piece = [0; PIECE];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut piece))?;
            if piece.filled().is_empty() {
                break;
            }
            end.something_came();
        }
        Poll::Ready(Ok(()))
    }
}

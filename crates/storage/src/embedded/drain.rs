//! Reads a request's body to its end before it is refused.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// The longest pause and the longest total time for reading a refused body.
const PAUSE: Duration = Duration::from_secs(2);
const TOTAL: Duration = Duration::from_secs(20);

/// A request's body that can still be read after a clone of it was dropped half-read.
///
/// A client that is still sending when the response and the end of the connection arrive may see only the end, and not why it was refused.
#[derive(Clone)]
pub struct SharedBody(Arc<Mutex<Shared>>);

struct Shared {
    body: Body,
    started: bool,
    ended: bool,
}

impl SharedBody {
    pub fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            body,
            started: false,
            ended: false,
        })))
    }

    /// Whether any of it was requested: only then does a client that waits for `100 Continue` start to send.
    pub fn started(&self) -> bool {
        self.lock().started
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads and drops the rest, at most `most` bytes and for a limited time.
    pub async fn drain(mut self, most: u64) {
        let all = async {
            let mut left = most;
            while let Ok(Some(Ok(frame))) = tokio::time::timeout(PAUSE, self.frame()).await {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match left.checked_sub(length) {
                    Some(rest) => left = rest,
                    None => break,
                }
            }
        };
        // Out of time: the client has had its chance.
        let _ = tokio::time::timeout(TOTAL, all).await;
    }
}

impl http_body::Body for SharedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut shared = self.lock();
        shared.started = true;
        if shared.ended {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut shared.body).poll_frame(context));
        shared.ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{StreamExt, stream};

    use super::*;

    /// Drains a body of ten pieces of ten bytes, the first of which is read by someone else. How many were taken?
    async fn taken(most: u64) -> usize {
        static PIECE: &[u8] = &[0; 10];
        let count = Arc::new(AtomicUsize::new(0));
        let counter = count.clone();
        let pieces = stream::iter(0..10).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Error>(Bytes::from_static(PIECE))
        });
        let body = SharedBody::new(Body::from_stream(pieces));
        assert!(!body.started());
        assert!(body.clone().frame().await.is_some());
        assert!(body.started());
        body.drain(most).await;
        count.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn what_is_left_of_a_refused_body_is_read_within_bounds() {
        assert_eq!(taken(1000).await, 10);
        assert_eq!(taken(35).await, 5);
        assert_eq!(taken(0).await, 2);
    }
}

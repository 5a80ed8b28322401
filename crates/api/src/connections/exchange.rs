//! A request and its response, which report the state of their connection.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::places::{Activity, Doing};

/// While this exists, a request is being answered.
pub struct Answering(Activity);

impl Answering {
    /// Begins now.
    pub fn begin(activity: Activity) -> Self {
        activity.now(Doing::Answers, true);
        Self(activity)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.now(Doing::Answers, false);
    }
}

/// A request's body, which may stall or trickle.
pub struct Sent {
    body: Incoming,
    activity: Activity,
    /// The slowest accepted rate, bytes a second.
    slowest: u64,
    /// When it became too slow, and how many bytes have arrived since.
    behind: Option<(Instant, u64)>,
    rest: Rest,
}

/// Whether some of a request's body has not been read. Copies are the same.
#[derive(Clone, Default)]
pub struct Rest(Arc<AtomicBool>);

impl Rest {
    /// So far.
    pub fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Sent {
    /// The body as it arrives.
    pub fn new(body: Incoming, activity: Activity, slowest: u64, rest: Rest) -> Self {
        rest.0.store(!body.is_end_stream(), Ordering::Relaxed);
        Self {
            rest,
            body,
            activity,
            slowest,
            behind: None,
        }
    }

    fn waits(&mut self) {
        if self.behind.is_none() {
            self.behind = Some((Instant::now(), 0));
            self.activity.now(Doing::Lacks, true);
        }
    }

    /// A byte now and then does not make up for a wait: such a client would keep its place for ever.
    fn came(&mut self, bytes: usize) {
        let Some((since, come)) = &mut self.behind else {
            return;
        };
        *come += bytes as u64;
        if Duration::from_secs(*come)
            >= since
                .elapsed()
                .saturating_mul(u32::try_from(self.slowest).unwrap_or(u32::MAX))
        {
            self.ended();
        }
    }

    fn ended(&mut self) {
        if self.behind.take().is_some() {
            self.activity.now(Doing::Lacks, false);
        }
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.rest.0.store(false, Ordering::Relaxed);
        }
        match &frame {
            Poll::Pending => self.waits(),
            Poll::Ready(Some(Ok(frame))) => self.came(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(_) => self.ended(),
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.ended();
    }
}

/// A response's body. When it is dropped, it was handed to the connection completely or is not wanted any more.
pub struct Answer {
    body: Body,
    _answering: Answering,
}

impl Answer {
    /// The body of the response to that request.
    pub fn new(body: Body, answering: Answering) -> Self {
        Self {
            body,
            _answering: answering,
        }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

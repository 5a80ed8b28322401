//! A request and its answer, which tell what their connection is at.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use super::places::{Activity, Doing};

/// A request is being answered as long as this is there.
pub struct Answering(Activity);

impl Answering {
    /// From now on.
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

/// A request's body, which may not come.
pub struct Sent {
    body: Incoming,
    activity: Activity,
    lacks: bool,
}

impl Sent {
    /// The body as it arrives.
    pub fn new(body: Incoming, activity: Activity) -> Self {
        Self { body, activity, lacks: false }
    }

    fn lacks(&mut self, lacks: bool) {
        if self.lacks != lacks {
            self.lacks = lacks;
            self.activity.now(Doing::Lacks, lacks);
        }
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.lacks(frame.is_pending());
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
        self.lacks(false);
    }
}

/// An answer's body. When it is dropped, all of it has been handed to the connection, or none is wanted any more.
pub struct Answer {
    body: Body,
    _answering: Answering,
}

impl Answer {
    /// The body of what answers that request.
    pub fn new(body: Body, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

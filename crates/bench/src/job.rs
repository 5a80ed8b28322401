//! What is done again and again while it is measured.

use crate::lane::Lane;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::upload::Upload;

/// What is done again and again.
pub enum Job {
    /// One request, made for the turn's number.
    Request(Box<dyn Fn(u64) -> Request + Send + Sync>),
    /// Announce a file, send it, confirm it.
    Upload(Upload),
}

impl Job {
    /// One request, always the same.
    pub fn always(request: Request) -> Self {
        Self::Request(Box::new(move |_| request.clone()))
    }

    /// These requests in turn.
    pub fn in_turn(requests: Vec<Request>) -> Self {
        Self::Request(Box::new(move |turn| {
            let turn = usize::try_from(turn).unwrap_or_default();
            requests[turn % requests.len()].clone()
        }))
    }

    /// Does it once.
    pub async fn run(&self, lane: &mut Lane, turn: u64) -> Outcome {
        match self {
            Self::Request(make) => once(lane, &make(turn)).await,
            Self::Upload(upload) => upload.run(lane, turn).await,
        }
    }
}

async fn once(lane: &mut Lane, request: &Request) -> Outcome {
    match lane.send(request).await {
        Ok(answer) if answer.status == request.expected => Outcome::Done,
        Ok(answer) => Outcome::of_unexpected(&answer, request),
        Err(error) => Outcome::Cut(format!("{error:#}")),
    }
}

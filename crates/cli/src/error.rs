//! Why something was not done, and the exit status that says so.

use std::io;
use std::time::Duration;

use tintype_dto::{Problem, ProblemCode};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server refuses.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The server asks for a pause.
    #[error("{}", .0.detail)]
    Throttled(Box<Problem>, Duration),
    /// No answer arrived.
    #[error("{0}")]
    Unreachable(String),
    /// What answers is no Tintype, or something stands in between; or the storage does not do it.
    #[error("{url} answered with the status {status}. Is this the right address?")]
    Unexpected {
        /// The address, without its query.
        url: String,
        /// Of HTTP.
        status: u16,
    },
    /// The storage does not take a file that the server has announced to it.
    #[error("the storage refuses it ({0})")]
    Storage(u16),
    /// There is no login.
    #[error("You are not logged in: run `tt login`.")]
    NotLoggedIn,
    /// What was asked for makes no sense here, and what to do instead.
    #[error("{0}")]
    Denied(String),
    /// A file or program of this machine.
    #[error("{0}: {1}")]
    Local(String, io::Error),
    /// Whoever reads standard output has had enough.
    #[error("standard output is closed")]
    Closed,
    /// Some were done, others not; each has been told of. The worst of their statuses.
    #[error("{done} of {all} done")]
    Some {
        /// How many were.
        done: usize,
        /// Of how many.
        all: usize,
        /// The exit status.
        status: u8,
    },
}

impl Error {
    /// What a step on this machine attempted.
    pub fn local(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |error| Self::Local(what, error)
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Refused(problem) if problem.code == ProblemCode::Unauthenticated => 3,
            Self::NotLoggedIn => 3,
            Self::Refused(problem) if problem.status < 500 => 1,
            Self::Denied(_) => 1,
            Self::Refused(_)
            | Self::Throttled(..)
            | Self::Unreachable(_)
            | Self::Storage(_)
            | Self::Unexpected { .. } => 4,
            Self::Local(..) => 5,
            Self::Closed => 0,
            Self::Some { status, .. } => *status,
        }
    }

    /// The code of the server's problem, if it refused.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Refused(problem) | Self::Throttled(problem, _) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the same may work in a while.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(problem) => {
                matches!(problem.status, 408 | 500..=504) || problem.code == ProblemCode::Busy
            }
            Self::Unexpected { status, .. } => matches!(status, 408 | 409 | 425 | 429 | 500..=599),
            Self::Throttled(..) | Self::Unreachable(_) => true,
            Self::Storage(_)
            | Self::NotLoggedIn
            | Self::Denied(_)
            | Self::Local(..)
            | Self::Closed
            | Self::Some { .. } => false,
        }
    }

    /// Whether nobody is there, or only something that stands before them.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Unexpected {
                    status: 502..=504,
                    ..
                }
        )
    }
}

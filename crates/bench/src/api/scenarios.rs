//! What is measured.

use std::ops::RangeInclusive;

use http::header;

use crate::client::log_in;
use crate::job::Job;
use crate::prepared::Prepared;
use crate::request::Request;
use crate::seed::{ABSENT_WORD, RARE_WORD};

const CONNECTIONS: usize = 16;
/// Ids whose statements stand for those of all others.
const SAMPLES: usize = 8;

pub struct Scenario {
    pub name: &'static str,
    pub job: Job,
    pub connections: usize,
    /// A request of it and how many images have to be in the answer.
    pub check: Option<(Request, RangeInclusive<usize>)>,
    /// Requests whose statements are the floor.
    pub samples: Vec<Request>,
    /// Whether it leaves uploads that are never sent.
    pub leaves_announced: bool,
}

impl Scenario {
    fn new(name: &'static str, job: Job) -> Self {
        Self {
            name,
            job,
            connections: CONNECTIONS,
            check: None,
            samples: Vec::new(),
            leaves_announced: false,
        }
    }

    fn list(name: &'static str, request: Request, items: RangeInclusive<usize>) -> Self {
        Self {
            check: Some((request.clone(), items)),
            ..Self::new(name, Job::always(request))
        }
    }

    fn with_floor(self, samples: Vec<Request>) -> Self {
        Self { samples, ..self }
    }
}

/// Those that read rows, and all of them if that is wanted.
pub fn scenarios(prepared: &Prepared, all: bool) -> Vec<Scenario> {
    let mut out = reading(prepared);
    if all {
        out.extend(writing(prepared));
        out.extend(pictures(prepared));
    }
    out
}

fn reading(prepared: &Prepared) -> Vec<Scenario> {
    let get = |path: String| {
        Request::get(format!("/api/v1/images{path}"))
            .with(header::AUTHORIZATION, prepared.session.clone())
    };
    let list = |query: &str| get(format!("?limit=50{query}"));
    let first = list("");
    let deep = list(&format!("&cursor={}", prepared.cursor));
    let rare = list(&format!("&q={RARE_WORD}"));
    let absent = list(&format!("&q={ABSENT_WORD}"));
    let one: Vec<_> = prepared
        .ids
        .iter()
        .map(|id| get(format!("/{id}")))
        .collect();
    let samples = one.iter().take(SAMPLES).cloned().collect();
    vec![
        Scenario::list("list, first page", first.clone(), 50..=50).with_floor(vec![first]),
        Scenario::list("list, far behind", deep.clone(), 50..=50).with_floor(vec![deep]),
        Scenario::list("list, private ones", list("&visibility=private"), 50..=50),
        Scenario::list("search, 20 found", rare, 20..=20),
        Scenario::list("search, none found", absent, 0..=0),
        Scenario::new("get one", Job::in_turn(one)).with_floor(samples),
    ]
}

fn writing(prepared: &Prepared) -> [Scenario; 3] {
    let upload = prepared.upload.clone();
    let announce = Job::Request(Box::new(move |turn| upload.announcement(turn)));
    [
        Scenario {
            leaves_announced: true,
            ..Scenario::new("announce (presign)", announce)
        },
        Scenario::new("upload of 100 KB", Job::Upload(prepared.upload.clone())),
        Scenario::new("log in", Job::always(log_in())),
    ]
}

fn pictures(prepared: &Prepared) -> [Scenario; 3] {
    [
        ("thumbnail", &prepared.thumbs),
        ("original", &prepared.originals),
        ("original, 304", &prepared.known),
    ]
    .map(|(name, requests)| Scenario::new(name, Job::in_turn(requests.clone())))
}

//! The way of one file: prepared, announced, sent, confirmed.
//!
//! Its announcement has a key that follows from it alone, so that the server finds an upload again that this machine has begun before, whoever
//! was killed in between: what has arrived is confirmed, and what is an image is answered at once. Nothing has to be remembered here.

use std::thread::sleep;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use tintype_dto::{
    CreateUpload, Image, Limits, Problem, ProblemCode, PutTarget, RemovedCode, Upload, UploadState,
    Visibility,
};
use ureq::SendBody;
use ureq::http::{Request, header};
use uuid::Uuid;

use super::files::Source;
use super::prepare::{Prepared, prepare};
use crate::api::{Api, Confirmed};
use crate::error::Error;
use crate::http::without_query;

/// How long a file rests each time that its way breaks off.
const PAUSES: [u64; 3] = [1, 4, 12];
/// How many uploads of the same announcement may have ended without an image within the day that keys are remembered for.
const UPLOADS: usize = 20;
/// The longest that the server may let a file wait, all pauses together.
const PATIENCE: Duration = Duration::from_mins(30);
/// How files are uploaded.
pub struct Way<'a> {
    pub api: &'a Api,
    pub limits: &'a Limits,
    pub private: bool,
    /// By the server's clock: what was announced before may have been sent by another run.
    pub began: Option<DateTime<Utc>>,
}

/// A file that is an image.
pub struct Sent {
    pub image: Box<Image>,
    /// What was cut from it on this machine.
    pub removed: Vec<RemovedCode>,
    /// It was there, or had arrived, before.
    pub already: bool,
}

/// What came of an upload.
enum Turn {
    /// The image, and whether nothing was sent.
    Image(Box<Image>, bool),
    /// It has ended without one: another is announced.
    Ended,
}

impl Way<'_> {
    /// Uploads a file. What breaks off is tried again after a while.
    pub fn upload(&self, source: &Source, bar: &ProgressBar) -> Result<Sent, Error> {
        if source.size > self.limits.max_bytes {
            let (bytes, most) = (source.size, self.limits.max_bytes);
            let refusal = tintype_imaging::Refusal::FileTooLarge { bytes, most };
            return Err(Error::Refused(Box::new(Problem::new(
                refusal.code(),
                refusal.detail(),
            ))));
        }
        let file = prepare(&source.name, source.read()?, self.limits, self.private)?;
        let (mut pauses, mut broke_off) = (PAUSES.into_iter(), false);
        let (image, already) = loop {
            match self.publish(&file, broke_off, bar) {
                Ok(published) => break published,
                Err(error) => match pauses.next().filter(|_| error.is_temporary()) {
                    Some(pause) => sleep(Duration::from_secs(pause)),
                    None => return Err(error),
                },
            }
            broke_off = true;
        };
        Ok(Sent {
            image: self.hidden_if_asked(image)?,
            removed: file.removed,
            already,
        })
    }

    /// A picture that was there already may be visible.
    fn hidden_if_asked(&self, image: Box<Image>) -> Result<Box<Image>, Error> {
        if self.private && image.visibility != Visibility::Private {
            return patiently(|| self.api.make_private(image.id)).map(Box::new);
        }
        Ok(image)
    }

    /// The image of a file, and whether nothing had to be sent.
    fn publish(
        &self,
        file: &Prepared,
        broke_off: bool,
        bar: &ProgressBar,
    ) -> Result<(Box<Image>, bool), Error> {
        let key = key(&file.announcement)?;
        for n in 0..UPLOADS {
            let upload =
                patiently(|| self.api.announce(&file.announcement, &format!("{key}-{n}")))?;
            let may_be_there = broke_off || self.is_from_before(&upload);
            if let Turn::Image(image, already) = self.follow(upload, may_be_there, file, bar)? {
                return Ok((image, already));
            }
        }
        Err(Error::Denied(
            "It was uploaded and deleted too often today.".into(),
        ))
    }

    /// Takes an upload to its end, from wherever it is.
    fn follow(
        &self,
        upload: Upload,
        may_be_there: bool,
        file: &Prepared,
        bar: &ProgressBar,
    ) -> Result<Turn, Error> {
        if let Some(image) = upload.image {
            return Ok(Turn::Image(Box::new(image), true));
        }
        let put = match (upload.state, upload.put) {
            (UploadState::Rejected, _) => return Err(rejected(upload.problem)),
            (UploadState::Expired | UploadState::Aborted | UploadState::Ready, _) => {
                return Ok(Turn::Ended);
            }
            (UploadState::Pending, Some(put)) if !may_be_there => put,
            (UploadState::Pending | UploadState::Processing, put) => {
                match (self.confirm(upload.id), put) {
                    (Ok(image), _) => return Ok(Turn::Image(image, true)),
                    (Err(error), Some(put)) if error.code() == Some(ProblemCode::NotUploaded) => {
                        put
                    }
                    (Err(error), _) if is_over(&error) => return Ok(Turn::Ended),
                    (Err(error), _) => return Err(error),
                }
            }
        };
        if !self.put(&put, &file.bytes, bar)? {
            return Ok(Turn::Ended);
        }
        match self.confirm(upload.id) {
            Ok(image) => Ok(Turn::Image(image, false)),
            Err(error) if is_over(&error) => Ok(Turn::Ended),
            Err(error) => Err(error),
        }
    }

    fn is_from_before(&self, upload: &Upload) -> bool {
        let lasts = TimeDelta::seconds(self.limits.upload_expires_in.cast_signed());
        let announced = upload.put.as_ref().map(|put| put.expires_at - lasts);
        announced
            .zip(self.began)
            .is_some_and(|(announced, began)| announced < began)
    }

    /// Sends the bytes. `false`: the address does not take them any more.
    fn put(&self, put: &PutTarget, bytes: &[u8], bar: &ProgressBar) -> Result<bool, Error> {
        bar.set_length(bytes.len() as u64);
        bar.set_position(0);
        let mut body = bar.wrap_read(bytes);
        let mut request = Request::put(&put.url).header(header::CONTENT_LENGTH, bytes.len());
        for (name, value) in &put.headers {
            request = request.header(name, value);
        }
        let request = request.body(SendBody::from_reader(&mut body));
        let request = request.map_err(|error| {
            Error::Denied(format!("The storage's address can't be used: {error}."))
        })?;
        let url = without_query(request.uri());
        let status = self
            .api
            .http
            .send(request, bytes.len() as u64)?
            .status()
            .as_u16();
        match status {
            // 412: these bytes were stored before.
            200..=299 | 412 => Ok(true),
            401 | 403 => Ok(false),
            status => Err(Error::Unexpected { url, status }),
        }
    }

    fn confirm(&self, id: Uuid) -> Result<Box<Image>, Error> {
        loop {
            match patiently(|| self.api.confirm(id))? {
                Confirmed::Image(image) => return Ok(image),
                Confirmed::StillChecking(wait) => sleep(wait),
            }
        }
    }
}

/// Whether the upload has ended without an image.
fn is_over(error: &Error) -> bool {
    matches!(
        error.code(),
        Some(
            ProblemCode::NotFound
                | ProblemCode::NotUploaded
                | ProblemCode::UploadExpired
                | ProblemCode::UploadAborted
        )
    )
}

fn rejected(problem: Option<Problem>) -> Error {
    let unknown = || Problem::new(ProblemCode::Unknown, "It was refused.");
    Error::Refused(Box::new(problem.unwrap_or_else(unknown)))
}

/// The same for the same announcement.
fn key(announcement: &CreateUpload) -> Result<String, Error> {
    let said = serde_json::to_vec(announcement);
    let said =
        said.map_err(|error| Error::Denied(format!("The request can't be written: {error}.")))?;
    Ok(format!("tt-{}", hex::encode(Sha256::digest(said))))
}

/// Waits as the server asks for it, as long as that is bearable.
fn patiently<T>(call: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    let mut waited = Duration::ZERO;
    loop {
        match call() {
            Err(Error::Throttled(_, wait)) if waited + wait <= PATIENCE => {
                sleep(wait);
                waited += wait;
            }
            ended => return ended,
        }
    }
}

//! The way of one file: prepared, announced, sent, confirmed.
//!
//! Its announcement has a key that follows from it alone, so that the server finds an upload again that this machine has begun before, whoever
//! was killed in between: what has arrived is confirmed, and what is an image is answered at once. Nothing has to be remembered here.

use std::thread::sleep;

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
use super::same::Same;
use super::waits::Waits;
use super::words::Standing;
use crate::api::{Api, Confirmed};
use crate::error::Error;
use crate::http::without_query;

/// How many uploads of the same announcement may have ended without an image within the day that keys are remembered for.
const UPLOADS: usize = 20;
/// How often the storage may refuse a file: the first address may have expired.
const REFUSALS: usize = 2;

/// How files are uploaded.
pub struct Way<'a> {
    pub api: &'a Api,
    pub limits: &'a Limits,
    pub private: bool,
    /// By the server's clock: what was announced before may have been sent by another run.
    pub began: Option<DateTime<Utc>>,
    pub same: Same,
    pub waits: &'a Waits<'a>,
}

/// A file that is an image.
pub struct Sent {
    pub image: Box<Image>,
    /// What was cut from it on this machine.
    pub removed: Vec<RemovedCode>,
    /// How it was before.
    pub standing: Standing,
}

/// What came of an upload.
enum Turn {
    /// The image, and whether nothing was sent.
    Image(Box<Image>, bool),
    /// It has ended without one: another is announced.
    Ended,
    /// The storage has refused it with this status. Another is announced, as the address may have expired.
    Refused(u16),
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
        let hash = file.announcement.sha256.clone().unwrap_or_default();
        let _turn = self.same.wait(&hash);
        let publish = |broke_off| self.publish(&file, broke_off, bar);
        let (image, already) = self.waits.again(publish)?;
        let (image, standing) = self.standing(image, already)?;
        Ok(Sent {
            image,
            removed: file.removed,
            standing,
        })
    }

    /// How a picture was before. One that is visible is hidden if that is asked for.
    fn standing(&self, image: Box<Image>, already: bool) -> Result<(Box<Image>, Standing), Error> {
        let is_private = image.visibility == Visibility::Private;
        if self.private && !is_private {
            let hidden = self.waits.patiently(|| self.api.make_private(image.id))?;
            return Ok((Box::new(hidden), Standing::Hidden));
        }
        let standing = if is_private && !self.private {
            Standing::Private
        } else if already {
            Standing::There
        } else {
            Standing::New
        };
        Ok((image, standing))
    }

    /// The image of a file, and whether nothing had to be sent.
    fn publish(
        &self,
        file: &Prepared,
        broke_off: bool,
        bar: &ProgressBar,
    ) -> Result<(Box<Image>, bool), Error> {
        let key = key(&file.announcement)?;
        let mut refusals = 0;
        for n in 0..UPLOADS {
            let upload = self
                .waits
                .patiently(|| self.api.announce(&file.announcement, &format!("{key}-{n}")))?;
            let may_be_there = broke_off || self.is_from_before(&upload);
            match self.follow(upload, may_be_there, file, bar)? {
                Turn::Image(image, already) => return Ok((image, already)),
                Turn::Ended => {}
                Turn::Refused(status) => {
                    refusals += 1;
                    if refusals == REFUSALS {
                        return Err(Error::Storage(status));
                    }
                }
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
        if let Some(status) = self.put(&put, &file.bytes, bar)? {
            return Ok(Turn::Refused(status));
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

    /// Sends the bytes. The status with which the address does not take them, or not any more.
    fn put(&self, put: &PutTarget, bytes: &[u8], bar: &ProgressBar) -> Result<Option<u16>, Error> {
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
            200..=299 | 412 => Ok(None),
            401 | 403 => Ok(Some(status)),
            408 | 409 | 425 | 429 | 500.. => Err(Error::Unexpected { url, status }),
            _ => Err(Error::Storage(status)),
        }
    }

    fn confirm(&self, id: Uuid) -> Result<Box<Image>, Error> {
        loop {
            match self.waits.patiently(|| self.api.confirm(id))? {
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

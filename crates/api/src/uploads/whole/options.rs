//! What may be said about files that are uploaded in one request.

use std::collections::HashSet;
use std::fmt::Write;

use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use tintype_core::images::Change;
use tintype_dto::{AnswerFormat, FieldError, UpdateImage, check_expires_in};
use url::form_urlencoded;

use crate::problems::ApiError;

/// What the header of an option begins with.
const HEADER: &str = "x-tintype-";

/// The options of a request: what its headers say, over that its query, over that the fields of its form.
#[derive(Default)]
pub struct Options {
    pub filename: Option<String>,
    pub format: AnswerFormat,
    /// An API token in the address.
    pub key: Option<String>,
    /// The id of an album, or the name in its link.
    pub album: Option<String>,
    /// Seconds.
    expires_in: Option<u32>,
    update: UpdateImage,
}

/// The names of options that stand in one place.
#[derive(Default)]
pub struct Given(HashSet<String>);

impl Given {
    /// Notes one, and refuses it the second time: which of the two was meant is not ours to guess.
    pub fn once(&mut self, name: &str) -> Result<(), ApiError> {
        if self.0.insert(name.to_owned()) {
            Ok(())
        } else {
            Err(ApiError::field(name, "It is given twice: send it once."))
        }
    }
}

impl Options {
    /// Those of the headers and of the query.
    pub fn of(parts: &Parts) -> Result<Self, ApiError> {
        let mut options = Self::default();
        let mut given = Given::default();
        for (name, value) in &parts.headers {
            if let Some(name) = name.as_str().strip_prefix(HEADER) {
                let value = str::from_utf8(value.as_bytes())
                    .map_err(|_| ApiError::field(name, "This is no text in UTF-8."))?;
                // Many a server lets no header with an underscore through.
                let name = name.replace('-', "_");
                given.once(&name)?;
                options.set(&name, value)?;
            }
        }
        let query = parts.uri.query().unwrap_or_default();
        let mut given = Given::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            given.once(&name)?;
            match &*name {
                "key" => options.key = Some(value.into_owned()),
                name => options.set(name, &value)?,
            }
        }
        Ok(options)
    }

    /// One of them.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        match name {
            "filename" => self.filename = Some(value.into()),
            "title" => self.update.title = Some(Some(value.into())),
            "alt" => self.update.alt = Some(Some(value.into())),
            "visibility" => {
                let visibility = serde_json::from_value(value.into());
                self.update.visibility = Some(
                    visibility
                        .map_err(|_| ApiError::field(name, "Write `unlisted` or `private`."))?,
                );
            }
            "album" => self.album = Some(value.into()),
            "expires_in" => {
                let seconds = value.parse();
                let whole = "Send a whole number of seconds.";
                self.expires_in = Some(seconds.map_err(|_| ApiError::field(name, whole))?);
            }
            "format" => {
                self.format = match value {
                    "json" => AnswerFormat::Json,
                    "text" => AnswerFormat::Text,
                    _ => return Err(ApiError::field(name, "Write `json` or `text`.")),
                }
            }
            _ => {
                let known = "There is no such option: there are filename, title, alt, visibility, expires_in, album and format. A file needs a file name in its part.";
                return Err(ApiError::field(name, known));
            }
        }
        Ok(())
    }

    /// What they say of the images, as a text.
    pub fn fingerprint(&self) -> String {
        let said = serde_json::to_string(&self.update).unwrap_or_default();
        let mut text = format!("{}\0{said}", self.filename.as_deref().unwrap_or_default());
        if let Some(seconds) = self.expires_in {
            let _ = write!(text, "\0expires_in={seconds}");
        }
        if let Some(album) = &self.album {
            let _ = write!(text, "\0album={album}");
        }
        text
    }

    /// What to change of each image. Its time begins now.
    pub fn change(&self, now: DateTime<Utc>) -> Result<Change, Vec<FieldError>> {
        let end = self
            .expires_in
            .map(|seconds| check_expires_in(seconds, now));
        let end = end.transpose();
        let update = UpdateImage {
            expires_at: end.ok().flatten().map(Some),
            ..self.update.clone()
        };
        let change = Change::check(&update, now);
        let Err(message) = end else {
            return change;
        };
        let mut errors = change.err().unwrap_or_default();
        errors.push(FieldError {
            field: "expires_in".into(),
            message: message.into(),
        });
        Err(errors)
    }
}

//! Calls to the API, in the types of `dto`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tintype_dto::{
    AddAlbumImages, AlbumImages, AlbumPage, CreateAlbum, CreateApiToken, CreateUpload,
    CreatedAlbum, CreatedApiToken, Image, ImagePage, Limits, LogIn, MAX_PAGE_LIMIT, Problem,
    ProblemCode, Session, UpdateImage, Upload, Visibility, paths,
};
use ureq::http::{HeaderMap, Method, Request, Uri, header};
use uuid::Uuid;

use crate::address::Server;
use crate::error::Error;
use crate::http::{Http, read, without_query};

/// A server, with what stands for an account there.
#[derive(Clone)]
pub struct Api {
    pub server: Server,
    pub http: Http,
    token: Option<String>,
}

/// An answer that is no refusal.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    url: Uri,
}

/// What a confirm says.
pub enum Confirmed {
    /// The image.
    Image(Box<Image>),
    /// It is still being checked: ask again after this time.
    StillChecking(Duration),
}

impl Api {
    /// Without a token: for what needs none.
    pub fn new(server: Server) -> Self {
        Self {
            server,
            http: Http::new(),
            token: None,
        }
    }

    /// As whoever has this token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// What an upload may be, and when that was asked, by the server's clock.
    pub fn limits(&self) -> Result<(Limits, Option<DateTime<Utc>>), Error> {
        let answer = self.call(Method::GET, paths::LIMITS, None::<&()>, None)?;
        let date = answer
            .headers
            .get(header::DATE)
            .and_then(|date| date.to_str().ok());
        let now = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        Ok((answer.json()?, now.map(|now| now.with_timezone(&Utc))))
    }

    pub fn log_in(&self, who: &LogIn) -> Result<Session, Error> {
        self.call(Method::POST, paths::LOG_IN, Some(who), None)?
            .json()
    }

    /// Ends what this asks with.
    pub fn log_out(&self) -> Result<(), Error> {
        self.call(Method::POST, paths::LOG_OUT, None::<&()>, None)?
            .nothing()
    }

    pub fn create_token(&self, token: &CreateApiToken) -> Result<CreatedApiToken, Error> {
        self.call(Method::POST, paths::API_TOKENS, Some(token), None)?
            .json()
    }

    /// Announces a file. What was announced with the same key before is found again.
    pub fn announce(&self, file: &CreateUpload, key: &str) -> Result<Upload, Error> {
        self.call(Method::POST, paths::UPLOADS, Some(file), Some(key))?
            .json()
    }

    pub fn confirm(&self, id: Uuid) -> Result<Confirmed, Error> {
        let path = paths::with_id(paths::CONFIRM_UPLOAD, id);
        let answer = self.call(Method::POST, &path, None::<&()>, None)?;
        if answer.status == 202 {
            return Ok(Confirmed::StillChecking(retry_after(&answer.headers)));
        }
        Ok(Confirmed::Image(answer.json()?))
    }

    /// One page of images that these words find, the newest first.
    pub fn list(&self, query: &str) -> Result<ImagePage, Error> {
        self.call(
            Method::GET,
            &format!("{}?{query}", paths::IMAGES),
            None::<&()>,
            None,
        )?
        .json()
    }

    pub fn image(&self, id: Uuid) -> Result<Image, Error> {
        self.call(
            Method::GET,
            &paths::with_id(paths::IMAGE, id),
            None::<&()>,
            None,
        )?
        .json()
    }

    pub fn image_by_slug(&self, slug: &str) -> Result<Image, Error> {
        let path = paths::IMAGE_BY_SLUG.replace("{slug}", slug);
        self.call(Method::GET, &path, None::<&()>, None)?.json()
    }

    pub fn make_private(&self, id: Uuid) -> Result<Image, Error> {
        let change = UpdateImage {
            visibility: Some(Visibility::Private),
            ..UpdateImage::default()
        };
        self.call(
            Method::PATCH,
            &paths::with_id(paths::IMAGE, id),
            Some(&change),
            None,
        )?
        .json()
    }

    /// Moves an image to the trash.
    pub fn delete(&self, id: Uuid) -> Result<(), Error> {
        self.call(
            Method::DELETE,
            &paths::with_id(paths::IMAGE, id),
            None::<&()>,
            None,
        )?
        .nothing()
    }

    /// One page of albums, the newest first.
    pub fn albums(&self, cursor: Option<&str>) -> Result<AlbumPage, Error> {
        let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let path = format!("{}?limit={MAX_PAGE_LIMIT}{cursor}", paths::ALBUMS);
        self.call(Method::GET, &path, None::<&()>, None)?.json()
    }

    pub fn create_album(&self, album: &CreateAlbum) -> Result<CreatedAlbum, Error> {
        self.call(Method::POST, paths::ALBUMS, Some(album), None)?
            .json()
    }

    /// Puts images behind those that are in an album. What is in it stays where it is.
    pub fn add_to_album(&self, id: Uuid, images: &AddAlbumImages) -> Result<AlbumImages, Error> {
        let path = paths::with_id(paths::ADD_ALBUM_IMAGES, id);
        self.call(Method::POST, &path, Some(images), None)?.json()
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        key: Option<&str>,
    ) -> Result<Answer, Error> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::Denied(format!("The request can't be written: {error}."))
        };
        let url: Uri = self
            .server
            .url(&format!("{}{path}", paths::BASE))
            .parse()
            .map_err(|error| broken(&error))?;
        let has_no_body = method == Method::GET || method == Method::DELETE;
        let mut request = Request::builder()
            .method(method)
            .uri(&url)
            .header(header::ACCEPT, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| broken(&error))?;
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let answer = if has_no_body {
            let request = request.body(()).map_err(|error| broken(&error))?;
            self.http.send(request, 0)
        } else {
            // An empty one has a length too: some proxies ask for it.
            let body = body.unwrap_or_default();
            let size = body.len() as u64;
            let request = request.body(body).map_err(|error| broken(&error))?;
            self.http.send(request, size)
        }?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = read(answer, &url)?;
        let answer = Answer {
            status,
            headers,
            body,
            url,
        };
        match status {
            200..=299 => Ok(answer),
            _ => Err(answer.refusal()),
        }
    }
}

impl Answer {
    fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|_| self.unexpected())
    }

    /// What is done is answered with nothing; a page that something in between shows is another answer.
    fn nothing(&self) -> Result<(), Error> {
        if self.status == 204 {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn unexpected(&self) -> Error {
        Error::Unexpected {
            url: without_query(&self.url),
            status: self.status,
        }
    }

    fn refusal(&self) -> Error {
        let Ok(problem) = serde_json::from_slice::<Box<Problem>>(&self.body) else {
            return self.unexpected();
        };
        match problem.code {
            ProblemCode::Overloaded | ProblemCode::TooManyUnfinished | ProblemCode::RateLimited => {
                Error::Throttled(problem, retry_after(&self.headers))
            }
            _ => Error::Refused(problem),
        }
    }
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    // Never at once: it would ask without end.
    Duration::from_secs(seconds.unwrap_or(1).max(1))
}

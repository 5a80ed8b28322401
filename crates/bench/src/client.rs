//! One client who is signed in, for what has to be known before anything is measured.

use anyhow::{Context, Result, bail, ensure};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::lane::Lane;
use crate::product::{PASSWORD, USER};
use crate::request::Request;
use crate::server::Server;
use crate::upload::{Ended, Upload, text};

pub struct Client {
    lane: Lane,
    /// What the `Authorization` header says.
    pub session: HeaderValue,
    /// The account's id.
    pub user_id: String,
}

impl Client {
    pub async fn log_in(server: &Server) -> Result<Self> {
        let mut lane = server.lane();
        let session = answer(&mut lane, &log_in()).await?;
        let bearer = format!("Bearer {}", text(&session["token"])?);
        Ok(Self {
            lane,
            session: HeaderValue::try_from(bearer)?,
            user_id: text(&session["user"]["id"])?.to_owned(),
        })
    }

    /// The same request, with the session.
    pub fn signed(&self, request: Request) -> Request {
        request.with(header::AUTHORIZATION, self.session.clone())
    }

    pub async fn get(&mut self, path: &str) -> Result<Value> {
        let request = self.signed(Request::get(path));
        answer(&mut self.lane, &request).await
    }

    /// Has a picture published, and returns the image.
    pub async fn upload(&mut self, upload: &Upload) -> Result<Value> {
        match upload.publish(&mut self.lane, 0).await? {
            Ended::Published(image) => Ok(image),
            Ended::Otherwise(outcome) => bail!("a picture was not published: {outcome:?}"),
        }
    }
}

/// The request that opens a session.
pub fn log_in() -> Request {
    Request::post(
        "/api/v1/auth/login",
        &json!({ "username": USER, "password": PASSWORD }),
    )
}

async fn answer(lane: &mut Lane, request: &Request) -> Result<Value> {
    let answer = lane.send(request).await?;
    ensure!(
        answer.status == request.expected,
        "{} was answered {} {}",
        request.path,
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    serde_json::from_slice(&answer.body).with_context(|| format!("read {}", request.path))
}

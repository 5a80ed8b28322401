//! The whole way of a file: announced, sent, confirmed.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::lane::Lane;
use crate::outcome::Outcome;
use crate::request::{Origin, Request};

/// Where files are announced.
pub const UPLOADS: &str = "/api/v1/uploads";
/// A file and who sends it.
#[derive(Clone)]
pub struct Upload {
    pub session: HeaderValue,
    pub picture: Bytes,
    /// How long it is confirmed again while it is still being checked.
    pub patience: Duration,
}

/// How far one came.
pub enum Ended {
    /// It is this image.
    Published(Value),
    /// Something else came first.
    Otherwise(Outcome),
}

impl Upload {
    pub async fn run(&self, lane: &mut Lane, turn: u64) -> Outcome {
        match self.publish(lane, turn).await {
            Ok(Ended::Published(_)) => Outcome::Done,
            Ok(Ended::Otherwise(outcome)) => outcome,
            Err(error) => Outcome::Cut(format!("{error:#}")),
        }
    }

    /// The request that announces it.
    pub fn announcement(&self, turn: u64) -> Request {
        let file = json!({
            "filename": format!("photo-{turn}.jpg"),
            "content_type": "image/jpeg",
            "size_bytes": self.picture.len(),
        });
        Request::post(UPLOADS, &file)
            .with(header::AUTHORIZATION, self.session.clone())
            .expecting(StatusCode::CREATED)
    }

    pub async fn publish(&self, lane: &mut Lane, turn: u64) -> Result<Ended> {
        let announce = self.announcement(turn);
        let answer = lane.send(&announce).await?;
        if answer.status != announce.expected {
            return Ok(Ended::Otherwise(Outcome::of_unexpected(&answer, &announce)));
        }
        let upload: Value = serde_json::from_slice(&answer.body)?;
        let put = self.put(&upload).context("read where to send a file")?;
        let answer = lane.send(&put).await?;
        // It has landed before: the first answer was lost.
        let landed = [put.expected, StatusCode::PRECONDITION_FAILED];
        if !landed.contains(&answer.status) {
            return Ok(Ended::Otherwise(Outcome::of_unexpected(&answer, &put)));
        }
        self.confirm(lane, text(&upload["id"])?).await
    }

    fn put(&self, upload: &Value) -> Result<Request> {
        let url = text(&upload["put"]["url"])?;
        let mut put = Request::new(Origin::Media, Method::PUT, path_of(url)?);
        let headers = upload["put"]["headers"].as_object();
        for (name, value) in headers.into_iter().flatten() {
            put = put.with(
                HeaderName::try_from(name)?,
                HeaderValue::from_str(text(value)?)?,
            );
        }
        put.body = self.picture.clone();
        Ok(put)
    }

    async fn confirm(&self, lane: &mut Lane, id: &str) -> Result<Ended> {
        let until = Instant::now() + self.patience;
        let path = format!("{UPLOADS}/{id}/confirm");
        // However often it is confirmed, the answer is the same.
        let confirm = Request {
            repeatable: true,
            ..Request::new(Origin::App, Method::POST, path)
        }
        .with(header::AUTHORIZATION, self.session.clone());
        loop {
            let answer = lane.send(&confirm).await?;
            match answer.status {
                StatusCode::OK => {
                    return Ok(Ended::Published(serde_json::from_slice(&answer.body)?));
                }
                StatusCode::ACCEPTED if Instant::now() < until => {
                    sleep(answer.asks_again_in()).await;
                }
                StatusCode::ACCEPTED => return Ok(Ended::Otherwise(Outcome::Unfinished)),
                _ => return Ok(Ended::Otherwise(Outcome::of_unexpected(&answer, &confirm))),
            }
        }
    }
}

/// A text in an answer.
pub fn text(value: &Value) -> Result<&str> {
    value
        .as_str()
        .ok_or_else(|| anyhow!("there is no text where one was expected: {value}"))
}

/// What stands behind the host of an absolute address.
pub fn path_of(url: &str) -> Result<&str> {
    let behind = url.split_once("://").map(|(_, behind)| behind);
    let slash = behind.and_then(|behind| Some(&behind[behind.find('/')?..]));
    slash.with_context(|| format!("{url} is no absolute address"))
}

//! What people and the worker ask for, from what has to be there before to how it ends.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tintype_dto::{Image, Problem};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::TestServer;

/// Everything that asks the store for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Confirm,
    ConfirmNoPicture,
    Abort,
    /// An image is made private.
    Hide,
    /// The worker finishes an unconfirmed upload.
    Finish,
    /// The worker removes what an upload has left.
    Sweep,
    /// The worker removes what was deleted for good.
    Purge,
    Original,
    Preview,
    Thumb,
    Part,
    Head,
    /// All of an album.
    Archive,
    Ready,
}

impl Operation {
    pub const ALL: [Self; 14] = [
        // First: it makes an hour pass, after which everything before it would be swept as well.
        Self::Sweep,
        Self::Confirm,
        Self::ConfirmNoPicture,
        Self::Abort,
        Self::Hide,
        Self::Finish,
        Self::Purge,
        Self::Original,
        Self::Preview,
        Self::Thumb,
        Self::Part,
        Self::Head,
        Self::Archive,
        Self::Ready,
    ];

    /// Whether the worker does it, and no request waits for it.
    pub fn is_work(self) -> bool {
        matches!(self, Self::Finish | Self::Sweep | Self::Purge)
    }
}

/// One picture being uploaded, and the expected outcome.
pub struct Wanted {
    operation: Operation,
    client: Client,
    id: Uuid,
    url: String,
    /// The bytes that a whole answer has.
    body: Option<Vec<u8>>,
}

/// How an operation ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Well,
    /// It goes on in the background: ask again.
    Later,
    /// 503 with this code, and when to come back.
    Refused(String),
    /// The response had begun, and its end was missing: clients see that it is incomplete.
    Broken,
    /// Anything else.
    Badly(String),
}

impl Wanted {
    /// Makes what the operation needs.
    pub async fn prepare(
        operation: Operation,
        server: &TestServer,
        client: &Client,
        seed: u8,
    ) -> Self {
        use Operation as O;
        let bytes = if operation == O::ConfirmNoPicture {
            b"<html>no picture</html>".to_vec()
        } else {
            jpeg(seed)
        };
        let upload = client.announce_as("a.jpg", &bytes, false).await;
        assert_eq!(client.put(&upload, &bytes).await.status, 200);
        let mut wanted = Self {
            operation,
            client: client.clone(),
            id: upload.id,
            url: String::new(),
            body: None,
        };
        match operation {
            O::Confirm | O::ConfirmNoPicture | O::Abort | O::Finish => {}
            O::Sweep
            | O::Purge
            | O::Hide
            | O::Original
            | O::Preview
            | O::Thumb
            | O::Part
            | O::Head
            | O::Archive => {
                let image: Image = client.confirm(upload.id).await.ok();
                let links = image.links;
                let url = match operation {
                    O::Archive => server.archive(&client.album(&[image.id]).await),
                    O::Preview => links.preview,
                    O::Thumb => links.thumb,
                    _ => links.original,
                };
                let whole = server.fetch(&url).await.body;
                wanted.body = match operation {
                    O::Part => Some(whole[2..=9].to_vec()),
                    O::Head => Some(Vec::new()),
                    O::Sweep | O::Purge | O::Hide => None,
                    _ => Some(whole),
                };
                wanted.url = url;
                if operation == O::Purge {
                    assert_eq!(
                        client
                            .delete(&format!("/images/{}?permanent=true", image.id))
                            .await
                            .status,
                        204
                    );
                }
            }
            O::Ready => wanted.url = format!("{}/readyz", server.ops_url()),
        }
        match operation {
            O::Finish => server.clock.advance(TimeDelta::seconds(20)),
            O::Sweep => server.clock.advance(TimeDelta::minutes(61)),
            _ => {}
        }
        wanted
    }

    /// Asks once.
    pub async fn ask(&self, server: &TestServer) -> Ended {
        use Operation as O;
        match self.operation {
            O::Confirm | O::ConfirmNoPicture => {
                self.request(
                    Method::POST,
                    &format!("{}/uploads/{}/confirm", self.client.api, self.id),
                )
                .await
            }
            O::Abort => {
                self.request(
                    Method::DELETE,
                    &format!("{}/uploads/{}", self.client.api, self.id),
                )
                .await
            }
            O::Hide => {
                let url = format!("{}/images/{}", self.client.api, self.id);
                self.request(Method::PATCH, &url).await
            }
            O::Head => self.request(Method::HEAD, &self.url).await,
            O::Original | O::Preview | O::Thumb | O::Part | O::Archive | O::Ready => {
                self.request(Method::GET, &self.url).await
            }
            O::Finish | O::Sweep | O::Purge => {
                match tintype_core::worker::round(server.app()).await {
                    Ok(_) => Ended::Well,
                    Err(error) => Ended::Badly(error.to_string()),
                }
            }
        }
    }

    /// Makes what was put off due.
    pub fn wait(&self, server: &TestServer) {
        if self.operation.is_work() {
            server.clock.advance(TimeDelta::seconds(20));
        }
    }

    /// Whether what was wanted is so.
    pub async fn is_so(&self, server: &TestServer) -> bool {
        use Operation as O;
        let objects = async || {
            server
                .objects()
                .await
                .into_iter()
                .filter(|key| key.contains(&self.id.to_string()))
                .count()
        };
        match self.operation {
            O::Confirm | O::Finish => {
                let image = self.client.get(&format!("/images/{}", self.id)).await;
                image.status == 200
                    && server
                        .fetch(&image.json::<Image>().links.original)
                        .await
                        .status
                        == 200
            }
            O::Abort | O::ConfirmNoPicture => {
                self.client
                    .get(&format!("/images/{}", self.id))
                    .await
                    .status
                    == 404
            }
            O::Hide => server.fetch(&self.url).await.status == 404,
            O::Purge => objects().await == 0,
            O::Sweep => objects().await == 3,
            _ => true,
        }
    }

    async fn request(&self, method: Method, url: &str) -> Ended {
        let mut request = self.client.http.request(method, url);
        if let Some(session) = self.client.session.as_ref().filter(|_| self.body.is_none()) {
            request = request.bearer_auth(&session.token);
        }
        if self.operation == Operation::Hide {
            request = request.json(&json!({"visibility": "private"}));
        }
        if self.operation == Operation::Part {
            request = request.header("range", "bytes=2-9");
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let Ok(body) = response.bytes().await else {
            return Ended::Broken;
        };
        let retry_after = headers
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        let problem: Option<Problem> = serde_json::from_slice(&body).ok();
        let told = || format!("{status} {}", String::from_utf8_lossy(&body));
        let well = match self.operation {
            Operation::ConfirmNoPicture => StatusCode::UNPROCESSABLE_ENTITY,
            Operation::Abort => StatusCode::NO_CONTENT,
            Operation::Part => StatusCode::PARTIAL_CONTENT,
            _ => StatusCode::OK,
        };
        match status {
            StatusCode::ACCEPTED if retry_after.is_some() => Ended::Later,
            // Readiness is for machines that know nothing of problems.
            StatusCode::SERVICE_UNAVAILABLE if self.operation == Operation::Ready => {
                Ended::Refused("not ready".into())
            }
            StatusCode::SERVICE_UNAVAILABLE
                if headers["content-type"] == "application/problem+json"
                    && retry_after.is_some() =>
            {
                // An answer to HEAD has no body.
                Ended::Refused(
                    problem.map_or_else(String::new, |problem| problem.code.name().into()),
                )
            }
            StatusCode::CONFLICT => match problem {
                Some(problem) if problem.code.name() == "not_uploaded" => {
                    Ended::Refused(problem.code.name().into())
                }
                _ => Ended::Badly(told()),
            },
            status if status == well && self.body.as_ref().is_none_or(|whole| *whole == body) => {
                Ended::Well
            }
            _ => Ended::Badly(told()),
        }
    }
}

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tintype_dto::{Image, Problem, Session, Upload};
use uuid::Uuid;

use crate::server::TestServer;

/// A client of the API, signed in or not.
#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub api: String,
    pub session: Option<Session>,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        Self::try_read(response).await.unwrap()
    }

    /// `None`: it broke off.
    pub async fn try_read(response: Response) -> Option<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        Some(Self {
            status,
            headers,
            body: response.bytes().await.ok()?.to_vec(),
        })
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| {
            panic!(
                "{e}: {} {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// Asserts success and reads the body.
    pub fn ok<T: serde::de::DeserializeOwned>(&self) -> T {
        assert!(
            self.status.is_success(),
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        self.json()
    }

    /// Asserts a well-formed problem with this code.
    pub fn problem(&self, code: &str) -> Problem {
        let problem: Problem = self.json();
        assert_eq!(problem.code.name(), code, "{problem:?}");
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert!(problem.request_id.is_some(), "{problem:?}");
        problem
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|v| v.to_str().unwrap())
            .unwrap_or_default()
    }
}

impl TestServer {
    pub fn anonymous(&self) -> Client {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Client {
            http,
            api: format!("{}/api/v1", self.app_url()),
            session: None,
        }
    }

    /// A new user, signed in.
    pub async fn user(&self) -> Client {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("user{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut client = self.anonymous();
        let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
        client.session = Some(client.post("/auth/register", &body).await.ok());
        client
    }

    /// GET of an absolute address, without a token.
    pub async fn fetch(&self, url: &str) -> Answer {
        self.anonymous().send_to(Method::GET, url, |r| r).await
    }
}

impl Client {
    /// Makes this client's own account.
    pub async fn register(&mut self, name: &str) -> Session {
        let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse battery"});
        let session: Session = self.post("/auth/register", &body).await.ok();
        self.session = Some(session.clone());
        session
    }

    pub async fn send_to(
        &self,
        method: Method,
        url: &str,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        Answer::read(change(self.http.request(method, url)).send().await.unwrap()).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        Answer::read(self.request(method, path, body).send().await.unwrap()).await
    }

    /// The same, if the server lives to answer.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<Answer> {
        Answer::try_read(self.request(method, path, body).send().await.ok()?).await
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.api));
        if let Some(session) = &self.session {
            request = request.bearer_auth(&session.token);
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        self.send(
            Method::POST,
            path,
            Some(&serde_json::to_value(body).unwrap()),
        )
        .await
    }

    /// Announces these bytes as they are, with their hash.
    pub async fn announce(&self, name: &str, bytes: &[u8]) -> Upload {
        self.announce_as(name, bytes, true).await
    }

    pub async fn announce_as(&self, name: &str, bytes: &[u8], with_hash: bool) -> Upload {
        let extension = name.rsplit('.').next().unwrap();
        let content_type = format!(
            "image/{}",
            if extension == "jpg" {
                "jpeg"
            } else {
                extension
            }
        );
        let mut body =
            json!({"filename": name, "content_type": content_type, "size_bytes": bytes.len()});
        if with_hash {
            body["sha256"] = json!(hex::encode(Sha256::digest(bytes)));
        }
        self.post("/uploads", &body).await.ok()
    }

    /// PUTs the bytes as the presigned URL wants them.
    pub async fn put(&self, upload: &Upload, bytes: &[u8]) -> Answer {
        Answer::read(self.put_request(upload, bytes).send().await.unwrap()).await
    }

    /// The same, if the server lives to answer.
    pub async fn try_put(&self, upload: &Upload, bytes: &[u8]) -> Option<Answer> {
        Answer::try_read(self.put_request(upload, bytes).send().await.ok()?).await
    }

    fn put_request(&self, upload: &Upload, bytes: &[u8]) -> RequestBuilder {
        let put = upload.put.as_ref().unwrap();
        let request = self.http.put(&put.url).body(bytes.to_vec());
        put.headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        })
    }

    pub async fn confirm(&self, id: Uuid) -> Answer {
        self.send(Method::POST, &format!("/uploads/{id}/confirm"), None)
            .await
    }

    /// The answer of a confirm, if the server lives to give one.
    pub async fn try_confirm(&self, id: Uuid) -> Option<Answer> {
        self.try_send(Method::POST, &format!("/uploads/{id}/confirm"), None)
            .await
    }

    /// The whole way: announce, PUT, confirm.
    pub async fn upload(&self, name: &str, bytes: &[u8]) -> Image {
        self.try_upload(name, bytes).await.ok()
    }

    /// The same, with the answer of the confirm as it is.
    pub async fn try_upload(&self, name: &str, bytes: &[u8]) -> Answer {
        let upload = self.announce_as(name, bytes, false).await;
        let put = self.put(&upload, bytes).await;
        assert_eq!(put.status, 200, "{}", String::from_utf8_lossy(&put.body));
        self.confirm(upload.id).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn list(&self, query: &str) -> tintype_dto::ImagePage {
        self.get(&format!("/images{query}")).await.ok()
    }
}

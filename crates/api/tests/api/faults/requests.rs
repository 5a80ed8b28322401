//! Every request that asks the database for something, from what has to be there before to how it may end.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tintype_dto::{Image, OpenSessions, Session, Upload};

use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::server::TestServer;

pub const NAMES: [&str; 47] = [
    "register",
    "log in",
    "me",
    "change password",
    "log out",
    "sessions",
    "end session",
    "log out everywhere",
    "delete account",
    "announce",
    "announce once",
    "announce what is there",
    "announce many",
    "upload",
    "confirm",
    "confirm no picture",
    "confirm nothing",
    "abort",
    "list",
    "search",
    "days",
    "image",
    "change",
    "change what was read",
    "delete",
    "delete for good",
    "restore",
    "change many",
    "delete many",
    "restore many",
    "find by hash",
    "make album",
    "albums",
    "album",
    "images of album",
    "change album",
    "change album that was read",
    "add to album",
    "move in album",
    "remove from album",
    "delete album",
    "page of album",
    "archive of album",
    "original",
    "thumbnail",
    "share page",
    "page of nobody",
];

/// A request that can be sent again.
pub struct Request {
    client: Client,
    method: Method,
    url: String,
    body: Option<Value>,
    header: Option<(&'static str, String)>,
    /// The status when it is done.
    pub done: u16,
    /// The status of a repeated request whose first answer was lost.
    pub done_before: u16,
}

impl Request {
    pub async fn send(&self) -> Answer {
        self.client
            .send_to(self.method.clone(), &self.url, |mut request| {
                if let Some(session) = &self.client.session {
                    request = request.bearer_auth(&session.token);
                }
                if let Some((name, value)) = &self.header {
                    request = request.header(*name, value);
                }
                match &self.body {
                    Some(body) => request.json(body),
                    None => request,
                }
            })
            .await
    }

    /// Makes what the request of this name needs, for a user of its own.
    #[expect(clippy::too_many_lines, reason = "one arm for each request")]
    pub async fn prepare(name: &str, server: &TestServer, seed: u8) -> Self {
        let ada = server.user().await;
        let user = ada.session.as_ref().unwrap().user.username.clone();
        let bytes = jpeg(seed);
        let image = match name {
            "announce what is there"
            | "upload"
            | "list"
            | "search"
            | "days"
            | "image"
            | "change"
            | "change what was read"
            | "delete"
            | "delete for good"
            | "restore"
            | "change many"
            | "delete many"
            | "restore many"
            | "find by hash"
            | "make album"
            | "albums"
            | "album"
            | "images of album"
            | "change album"
            | "change album that was read"
            | "add to album"
            | "move in album"
            | "remove from album"
            | "delete album"
            | "page of album"
            | "archive of album"
            | "original"
            | "thumbnail"
            | "share page" => Some(ada.upload("a.jpg", &bytes).await),
            _ => None,
        };
        let album = match name {
            "make album" => None,
            "add to album" => Some(ada.album(&[]).await),
            _ if name.contains("album") => Some(ada.album(&[image.as_ref().unwrap().id]).await),
            _ => None,
        };
        let image = || image.clone().unwrap();
        let page = album.as_ref().and_then(|album| album.links.page.clone());
        let album = || format!("/albums/{}", album.as_ref().unwrap().id);
        let file = || json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()});
        let hash = hex::encode(Sha256::digest(&bytes));
        let get = |path: String| (Method::GET, path, None, 200, 200);
        let post = |path: &str, body: Value| (Method::POST, path.to_owned(), Some(body), 200, 200);
        let (method, path, body, done, done_before) = match name {
            "register" => {
                let body = json!({"username": format!("{user}x"), "email": format!("{user}x@example.com"), "password": "correct horse"});
                (Method::POST, "/auth/register".into(), Some(body), 201, 409)
            }
            "log in" => post(
                "/auth/login",
                json!({"username": user, "password": "correct horse"}),
            ),
            "me" => get("/me".into()),
            "change password" => {
                let body =
                    json!({"current_password": "correct horse", "new_password": "battery staple"});
                (Method::POST, "/me/password".into(), Some(body), 200, 401)
            }
            "log out" => (Method::POST, "/auth/logout".into(), None, 204, 401),
            "sessions" => get("/me/sessions".into()),
            "end session" => {
                let body = json!({"username": user, "password": "correct horse"});
                ada.post("/auth/login", &body).await.ok::<Session>();
                let sessions: OpenSessions = ada.get("/me/sessions").await.ok();
                let other = sessions.items.iter().find(|session| !session.current);
                let path = format!("/me/sessions/{}", other.unwrap().id);
                (Method::DELETE, path, None, 204, 404)
            }
            "log out everywhere" => (Method::POST, "/me/logout-everywhere".into(), None, 204, 401),
            "delete account" => (
                Method::POST,
                "/me/delete".into(),
                Some(json!({"password": "correct horse"})),
                204,
                401,
            ),
            "announce" | "announce once" => {
                (Method::POST, "/uploads".into(), Some(file()), 201, 201)
            }
            "announce what is there" => {
                let mut body = file();
                body["sha256"] = json!(hash);
                post("/uploads", body)
            }
            "announce many" => post("/uploads/bulk", json!({"files": [file(), file()]})),
            "upload" => get(format!("/uploads/{}", image().id)),
            "confirm" => (
                Method::POST,
                format!("/uploads/{}/confirm", landed(&ada, &bytes).await.id),
                None,
                200,
                200,
            ),
            "confirm no picture" => (
                Method::POST,
                format!("/uploads/{}/confirm", landed(&ada, b"<html>").await.id),
                None,
                422,
                422,
            ),
            "confirm nothing" => {
                let upload = ada.announce_as("a.jpg", &bytes, false).await;
                (
                    Method::POST,
                    format!("/uploads/{}/confirm", upload.id),
                    None,
                    409,
                    409,
                )
            }
            "abort" => (
                Method::DELETE,
                format!("/uploads/{}", landed(&ada, &bytes).await.id),
                None,
                204,
                204,
            ),
            "list" => get("/images".into()),
            "search" => get("/images?q=a.j".into()),
            "days" => get("/images/days".into()),
            "image" => get(format!("/images/{}", image().id)),
            "change" => (
                Method::PATCH,
                format!("/images/{}", image().id),
                Some(json!({"title": "Lake"})),
                200,
                200,
            ),
            "change what was read" => (
                Method::PATCH,
                format!("/images/{}", image().id),
                Some(json!({"title": "Lake"})),
                200,
                412,
            ),
            "delete" => (
                Method::DELETE,
                format!("/images/{}", image().id),
                None,
                204,
                404,
            ),
            "delete for good" => (
                Method::DELETE,
                format!("/images/{}?permanent=true", image().id),
                None,
                204,
                404,
            ),
            "restore" | "restore many" => {
                assert_eq!(
                    ada.delete(&format!("/images/{}", image().id)).await.status,
                    204
                );
                match name {
                    "restore" => (
                        Method::POST,
                        format!("/images/{}/restore", image().id),
                        None,
                        200,
                        404,
                    ),
                    _ => post("/images/bulk/restore", json!({"ids": [image().id]})),
                }
            }
            "change many" => post(
                "/images/bulk/update",
                json!({"ids": [image().id], "change": {"title": "Lake"}}),
            ),
            "delete many" => post("/images/bulk/delete", json!({"ids": [image().id]})),
            "find by hash" => post("/images/find-by-hash", json!({"sha256": [hash]})),
            "make album" => {
                let body = json!({"images": [image().id]});
                (Method::POST, "/albums".into(), Some(body), 201, 201)
            }
            "albums" => get("/albums".into()),
            "album" => get(album()),
            "images of album" => get(format!("{}/images", album())),
            "change album" | "change album that was read" => {
                let body = json!({"title": "Lake", "cover": image().id});
                let again = if name == "change album" { 200 } else { 412 };
                (Method::PATCH, album(), Some(body), 200, again)
            }
            "add to album" => post(
                &format!("{}/images/add", album()),
                json!({"ids": [image().id]}),
            ),
            "move in album" => post(
                &format!("{}/images/move", album()),
                json!({"ids": [image().id]}),
            ),
            "remove from album" => post(
                &format!("{}/images/remove", album()),
                json!({"ids": [image().id]}),
            ),
            "delete album" => (Method::DELETE, album(), None, 204, 404),
            "original" => get(image().links.original),
            "thumbnail" => get(image().links.thumb),
            "page of album" => get(page.unwrap()),
            "archive of album" => {
                let (_, slug) = page.as_deref().unwrap().rsplit_once('/').unwrap();
                get(format!("{}/i/a/{slug}.zip", server.media_url()))
            }
            "share page" => get(image().links.page.unwrap()),
            "page of nobody" => (
                Method::GET,
                format!("{}/s/nothing1234", server.app_url()),
                None,
                404,
                404,
            ),
            _ => panic!("{name}"),
        };
        let absolute = path.starts_with("http");
        let url = if absolute {
            path
        } else {
            format!("{}{path}", ada.api)
        };
        let header = match name {
            "announce once" => Some(("idempotency-key", "once".to_owned())),
            "change album that was read" => {
                let read = ada.get(&album()).await;
                Some(("if-match", read.header("etag").to_owned()))
            }
            "change what was read" => {
                let read = ada.get(&format!("/images/{}", image().id)).await;
                Some(("if-match", read.header("etag").to_owned()))
            }
            _ => None,
        };
        let session = ada.session.clone().filter(|_| !absolute);
        Self {
            header,
            client: Client { session, ..ada },
            method,
            url,
            body,
            done,
            done_before,
        }
    }
}

async fn landed(client: &Client, bytes: &[u8]) -> Upload {
    let upload = client.announce_as("a.jpg", bytes, false).await;
    assert_eq!(client.put(&upload, bytes).await.status, 200);
    upload
}

/// An image that was acknowledged is there, with its bytes.
pub async fn is_there(server: &TestServer, client: &Client, image: &Image) -> bool {
    let found = client.get(&format!("/images/{}", image.id)).await;
    found.status == 200
        && server.fetch(&image.links.original).await.body.len() as u64 == image.size_bytes
}

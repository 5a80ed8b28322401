//! What the scenarios have to know: a session, ids, a cursor far behind, and pictures that are really there.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{HeaderValue, header};
use rand::seq::SliceRandom;
use serde_json::Value;

use crate::client::Client;
use crate::picture::photograph;
use crate::postgres::Postgres;
use crate::request::{Origin, Request};
use crate::seed;
use crate::server::Server;
use crate::upload::{Upload, path_of, text};

const PICTURES: usize = 16;

pub struct Prepared {
    pub session: HeaderValue,
    pub user_id: String,
    /// Behind it there is less than a fifth of all.
    pub cursor: String,
    /// From pages all over the list, in any order.
    pub ids: Vec<String>,
    pub upload: Upload,
    pub thumbs: Vec<Request>,
    pub originals: Vec<Request>,
    /// The same originals, asked for by who has them.
    pub known: Vec<Request>,
}

impl Prepared {
    /// With pictures, if they are wanted.
    pub async fn make(
        postgres: &Postgres,
        database: &str,
        server: &Server,
        with_pictures: bool,
    ) -> Result<Self> {
        let mut client = Client::log_in(server).await?;
        let upload = Upload {
            session: client.session.clone(),
            picture: photograph(),
            patience: Duration::from_secs(10),
        };
        let mut prepared = Self {
            session: client.session.clone(),
            user_id: client.user_id.clone(),
            cursor: String::new(),
            ids: Vec::new(),
            upload,
            thumbs: Vec::new(),
            originals: Vec::new(),
            known: Vec::new(),
        };
        let depths = seed::depths(postgres, database).await?;
        prepared.walk(&mut client, &depths).await?;
        if with_pictures {
            prepared.publish(server, &mut client).await?;
        }
        Ok(prepared)
    }

    /// The list's first page.
    pub fn list(&self) -> Request {
        Request::get("/api/v1/images?limit=50").with(header::AUTHORIZATION, self.session.clone())
    }

    async fn walk(&mut self, client: &mut Client, depths: &[String]) -> Result<()> {
        for (at, time) in depths.iter().enumerate() {
            let page = client
                .get(&format!("/api/v1/images?limit=50&before={time}"))
                .await?;
            if at == 0 {
                let cursor = text(&page["next_cursor"]);
                cursor
                    .context("find a page far behind")?
                    .clone_into(&mut self.cursor);
            }
            for item in page["items"].as_array().into_iter().flatten() {
                self.ids.push(text(&item["id"])?.to_owned());
            }
        }
        ensure!(!self.ids.is_empty(), "the list is empty");
        self.ids.shuffle(&mut rand::rng());
        Ok(())
    }

    async fn publish(&mut self, server: &Server, client: &mut Client) -> Result<()> {
        let mut lane = server.lane();
        for _ in 0..PICTURES {
            let image = client.upload(&self.upload).await?;
            self.thumbs.push(media(&image, "thumb")?);
            let original = media(&image, "original")?;
            let answer = lane.send(&original).await?;
            let tag = answer.headers.get(header::ETAG).cloned();
            let known = original
                .clone()
                .with(header::IF_NONE_MATCH, tag.context("find the ETag")?)
                .expecting(http::StatusCode::NOT_MODIFIED);
            self.originals.push(original);
            self.known.push(known);
        }
        Ok(())
    }
}

/// The request for one of an image's pictures.
fn media(image: &Value, link: &str) -> Result<Request> {
    let path = path_of(text(&image["links"][link])?)?;
    Ok(Request::new(Origin::Media, http::Method::GET, path))
}

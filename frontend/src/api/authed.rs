//! The calls that need a token.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gloo_net::http::Method;
use leptos::prelude::expect_context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tintype_dto::{
    AddAlbumImages, Album, AlbumLinks, AlbumPage, ApiTokens, BulkDeleteImages, BulkImages,
    BulkRestoreImages, BulkUpdateImages, ChangePassword, CreateAlbum, CreateApiToken, CreateUpload,
    CreatedApiToken, DeleteAccount, Image, ImageDays, ImagePage, Limits, ListAlbums, ListDays,
    ListImages, MoveAlbumImages, OpenSessions, ProblemCode, RemoveAlbumImages, Session,
    UpdateAlbum, UpdateImage, Upload, User,
    paths::{self, with_id},
};
use uuid::Uuid;

use super::query::with_query;
use super::transport::{self, Answer, body};
use super::{ApiError, Public};
use crate::session::SessionState;

/// The calls of a signed-in user. A 401 ends the session, wherever it comes from.
#[derive(Clone)]
pub struct Authed {
    token: Arc<str>,
    session: SessionState,
}

/// The state of a confirmed upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// An image.
    Image(Box<Image>),
    /// Still being checked: confirm again after this time.
    Processing(Box<Upload>, Duration),
}

/// What is read of an album that was made just now: reading all of it would take more code than the rest of making one.
#[derive(Deserialize)]
pub struct NewAlbum {
    /// Its id.
    pub id: Uuid,
    /// Where it is.
    pub links: AlbumLinks,
}

/// What is read of an export.
#[derive(Deserialize)]
struct NewExport {
    url: String,
}

#[derive(Deserialize)]
struct CreatedAlbum {
    album: NewAlbum,
}

/// The API of the signed-in user. Call it inside the signed-in part of the page only.
#[must_use]
pub fn use_api() -> Authed {
    expect_context()
}

impl Authed {
    /// A client with a session's token.
    #[must_use]
    pub fn new(token: &str, session: SessionState) -> Self {
        Self {
            token: token.into(),
            session,
        }
    }

    /// The account.
    pub async fn me(&self) -> Result<User, ApiError> {
        self.get(paths::ME).await
    }

    /// Changes the password. Every other session ends; this one continues with the returned token.
    pub async fn change_password(&self, change: &ChangePassword) -> Result<Session, ApiError> {
        self.post(paths::CHANGE_PASSWORD, body(change)).await
    }

    /// The address of everything that the account has, in one archive.
    pub async fn export(&self) -> Result<String, ApiError> {
        let export: NewExport = self.post(paths::EXPORT, None).await?;
        Ok(export.url)
    }

    /// Ends every session, this one too.
    pub async fn log_out_everywhere(&self) -> Result<(), ApiError> {
        self.send(Method::POST, paths::LOG_OUT_EVERYWHERE, None)
            .await
            .map(drop)
    }

    /// Ends this session.
    pub async fn log_out(&self) -> Result<(), ApiError> {
        self.send(Method::POST, paths::LOG_OUT, None)
            .await
            .map(drop)
    }

    /// The sessions.
    pub async fn sessions(&self) -> Result<OpenSessions, ApiError> {
        self.get(paths::SESSIONS).await
    }

    /// Ends a session.
    pub async fn end_session(&self, id: Uuid) -> Result<(), ApiError> {
        self.send(Method::DELETE, &with_id(paths::SESSION, id), None)
            .await
            .map(drop)
    }

    /// The API tokens.
    pub async fn api_tokens(&self) -> Result<ApiTokens, ApiError> {
        self.get(paths::API_TOKENS).await
    }

    /// Makes an API token.
    pub async fn create_api_token(
        &self,
        token: &CreateApiToken,
    ) -> Result<CreatedApiToken, ApiError> {
        self.post(paths::API_TOKENS, body(token)).await
    }

    /// Ends an API token.
    pub async fn revoke_api_token(&self, id: Uuid) -> Result<(), ApiError> {
        self.send(Method::DELETE, &with_id(paths::API_TOKEN, id), None)
            .await
            .map(drop)
    }

    /// Deletes the account and all its images, for good.
    pub async fn delete_account(&self, proof: &DeleteAccount) -> Result<(), ApiError> {
        self.send(Method::POST, paths::DELETE_ACCOUNT, body(proof))
            .await
            .map(drop)
    }

    /// What an upload may be.
    pub async fn limits(&self) -> Result<Limits, ApiError> {
        Public.limits().await
    }

    /// Announces a file. Already `ready` when the user has the same picture, else with `put`.
    pub async fn create_upload(&self, upload: &CreateUpload) -> Result<Upload, ApiError> {
        self.post(paths::UPLOADS, body(upload)).await
    }

    /// Confirms that the file is stored. Idempotent.
    pub async fn confirm_upload(&self, id: Uuid) -> Result<Confirmed, ApiError> {
        let answer = self
            .send(Method::POST, &with_id(paths::CONFIRM_UPLOAD, id), None)
            .await?;
        if answer.status() == 202 {
            let wait = answer.retry_after();
            return Ok(Confirmed::Processing(answer.json().await?, wait));
        }
        Ok(Confirmed::Image(answer.json().await?))
    }

    /// Aborts an upload.
    pub async fn abort_upload(&self, id: Uuid) -> Result<(), ApiError> {
        self.send(Method::DELETE, &with_id(paths::UPLOAD, id), None)
            .await
            .map(drop)
    }

    /// One page of images, newest first.
    pub async fn list_images(&self, query: &ListImages) -> Result<ImagePage, ApiError> {
        self.get(&with_query(paths::IMAGES, query)).await
    }

    /// One page of images at this path, and its tag. `None`: it is still what it was when it had the tag `unless`.
    pub async fn page_unless(
        &self,
        path: &str,
        unless: Option<&str>,
    ) -> Result<Option<(ImagePage, Option<String>)>, ApiError> {
        let answer = self.send_unless(Method::GET, path, None, unless).await?;
        if answer.is_unchanged() {
            return Ok(None);
        }
        let tag = answer.tag();
        Ok(Some((answer.json().await?, tag)))
    }

    /// How many images each day has, the newest first.
    pub async fn list_days(&self, query: &ListDays) -> Result<ImageDays, ApiError> {
        self.get(&with_query(paths::IMAGE_DAYS, query)).await
    }

    /// One image.
    pub async fn get_image(&self, id: Uuid) -> Result<Image, ApiError> {
        self.get(&with_id(paths::IMAGE, id)).await
    }

    /// Changes an image and returns it.
    pub async fn update_image(&self, id: Uuid, change: &UpdateImage) -> Result<Image, ApiError> {
        self.send(Method::PATCH, &with_id(paths::IMAGE, id), body(change))
            .await?
            .json()
            .await
    }

    /// Makes the same change to many images and returns them.
    pub async fn update_images(&self, request: &BulkUpdateImages) -> Result<BulkImages, ApiError> {
        self.post(paths::BULK_UPDATE_IMAGES, body(request)).await
    }

    /// Deletes images, which can be restored for a week.
    pub async fn delete_images(&self, ids: Vec<Uuid>) -> Result<BulkImages, ApiError> {
        let request = BulkDeleteImages {
            ids,
            permanent: false,
        };
        self.post(paths::BULK_DELETE_IMAGES, body(&request)).await
    }

    /// Deletes images for good, out of the trash too.
    pub async fn purge_images(&self, ids: Vec<Uuid>) -> Result<BulkImages, ApiError> {
        let request = BulkDeleteImages {
            ids,
            permanent: true,
        };
        self.post(paths::BULK_DELETE_IMAGES, body(&request)).await
    }

    /// Restores deleted images. They end as they were to.
    pub async fn restore_images(&self, ids: Vec<Uuid>) -> Result<BulkImages, ApiError> {
        let request = BulkRestoreImages {
            ids,
            expires_at: None,
        };
        self.post(paths::BULK_RESTORE_IMAGES, body(&request)).await
    }

    /// Restores deleted images, which end at this time, or never.
    pub async fn restore_images_until(
        &self,
        ids: Vec<Uuid>,
        end: Option<DateTime<Utc>>,
    ) -> Result<BulkImages, ApiError> {
        let request = BulkRestoreImages {
            ids,
            expires_at: Some(end),
        };
        self.post(paths::BULK_RESTORE_IMAGES, body(&request)).await
    }

    /// Makes an album of these images.
    pub async fn create_album(&self, images: &[Uuid]) -> Result<NewAlbum, ApiError> {
        let album = CreateAlbum {
            images: images.to_vec(),
            ..CreateAlbum::default()
        };
        let created: CreatedAlbum = self.post(paths::ALBUMS, body(&album)).await?;
        Ok(created.album)
    }

    /// Puts images behind those of an album.
    pub async fn add_album_images(&self, id: Uuid, ids: Vec<Uuid>) -> Result<(), ApiError> {
        let request = AddAlbumImages { ids };
        let path = with_id(paths::ADD_ALBUM_IMAGES, id);
        self.send(Method::POST, &path, body(&request))
            .await
            .map(drop)
    }

    /// One page of albums, newest first.
    pub async fn list_albums(&self, query: &ListAlbums) -> Result<AlbumPage, ApiError> {
        self.get(&with_query(paths::ALBUMS, query)).await
    }

    /// One album.
    pub async fn get_album(&self, id: Uuid) -> Result<Album, ApiError> {
        self.get(&with_id(paths::ALBUM, id)).await
    }

    /// Changes an album and returns it.
    pub async fn update_album(&self, id: Uuid, change: &UpdateAlbum) -> Result<Album, ApiError> {
        self.send(Method::PATCH, &with_id(paths::ALBUM, id), body(change))
            .await?
            .json()
            .await
    }

    /// Takes images out of an album; they stay.
    pub async fn remove_album_images(&self, id: Uuid, ids: Vec<Uuid>) -> Result<(), ApiError> {
        let request = RemoveAlbumImages { ids };
        let path = with_id(paths::REMOVE_ALBUM_IMAGES, id);
        self.send(Method::POST, &path, body(&request))
            .await
            .map(drop)
    }

    /// Moves images of an album before another one, or to the end.
    pub async fn move_album_images(
        &self,
        id: Uuid,
        ids: Vec<Uuid>,
        before: Option<Uuid>,
    ) -> Result<(), ApiError> {
        let request = MoveAlbumImages { ids, before };
        let path = with_id(paths::MOVE_ALBUM_IMAGES, id);
        self.send(Method::POST, &path, body(&request))
            .await
            .map(drop)
    }

    /// Ends an album; its images stay.
    pub async fn delete_album(&self, id: Uuid) -> Result<(), ApiError> {
        self.send(Method::DELETE, &with_id(paths::ALBUM, id), None)
            .await
            .map(drop)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<String>,
    ) -> Result<T, ApiError> {
        self.send(Method::POST, path, body).await?.json().await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.send(Method::GET, path, None).await?.json().await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, ApiError> {
        self.send_unless(method, path, body, None).await
    }

    async fn send_unless(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        unless: Option<&str>,
    ) -> Result<Answer, ApiError> {
        let answer = transport::send(method, path, Some(&self.token), body, unless).await;
        if answer.as_ref().err().and_then(ApiError::code) == Some(ProblemCode::Unauthenticated) {
            self.session.expire(&self.token);
        }
        answer
    }
}

//! Requests that may be repeated (`Idempotency-Key`), so that one whose answer was lost makes nothing twice.

use axum::http::HeaderMap;
use tintype_core::accounts::SessionKey;
use tintype_core::db::{ImageId, Sha256};
use tintype_core::idempotency::IdempotencyKey;

use crate::app::App;
use crate::problems::ApiError;

const HEADER: &str = "idempotency-key";

/// The ids that the uploads of a request are to have.
pub struct Plan {
    key: Option<IdempotencyKey>,
    /// In the order of the files.
    pub ids: Vec<ImageId>,
    /// Whether the same request was answered before: nothing of it is done again.
    pub answered: bool,
}

impl Plan {
    /// New ids, or those of the same request before.
    ///
    /// # Errors
    /// The key is none, or stood at another request.
    pub async fn make(
        app: &App,
        session: SessionKey,
        headers: &HeaderMap,
        (operation, sent): (&str, &[u8]),
        files: usize,
    ) -> Result<Self, ApiError> {
        let Some(key) = key(session, headers, operation)? else {
            let ids = (0..files).map(|_| ImageId::generate()).collect();
            return Ok(Self {
                key: None,
                ids,
                answered: false,
            });
        };
        let planned = key.plan(app, session, Sha256::of(sent), files).await?;
        Ok(Self {
            key: Some(key),
            ids: planned.ids,
            answered: planned.answered,
        })
    }

    /// Whether the request may have been sent before.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        self.key.is_some()
    }

    /// The request is answered with these uploads, or images that were there already.
    pub async fn answer(&self, app: &App, ids: Vec<ImageId>) {
        let Some(key) = self.key.as_ref().filter(|_| !self.answered) else {
            return;
        };
        if let Err(error) = key.answered(&app.db, ids).await {
            tracing::warn!(%error, "that a request was answered was not saved");
        }
    }

    /// Nothing came of the request: the next one begins anew.
    pub async fn release(&self, app: &App) {
        let Some(key) = &self.key else { return };
        if let Err(error) = key.release(&app.db).await {
            tracing::warn!(%error, "an idempotency key was not released");
        }
    }
}

/// Whether a request says that it may be sent again.
#[must_use]
pub fn has_key(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER)
}

fn key(
    session: SessionKey,
    headers: &HeaderMap,
    operation: &str,
) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = headers.get_all(HEADER).iter();
    let (Some(first), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    // A structured field has quotes; most send none.
    let text = first.to_str().unwrap_or_default().trim_matches('"');
    let key = IdempotencyKey::new(session, operation, text).filter(|_| more.is_none());
    key.map(Some).ok_or_else(|| {
        ApiError::field(
            "Idempotency-Key",
            "Send one key of 1 to 255 visible characters, such as a UUID.",
        )
    })
}

//! What stands in a path.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use tintype_core::db::ImageId;
use uuid::Uuid;

use crate::problems::ApiError;

/// The id in the path. What is no id names nothing: 404.
pub struct PathId<T = ImageId>(pub T);

impl<T: From<Uuid>, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<Uuid>::from_request_parts(parts, state)
            .await
            .map_err(|_: PathRejection| ApiError::not_found())?;
        Ok(Self(id.into()))
    }
}

/// A name in the path. What is no text names nothing: 404.
pub struct PathName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_: PathRejection| ApiError::not_found())?;
        Ok(Self(name))
    }
}

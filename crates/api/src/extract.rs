//! Requests on their way in: bodies, queries and ids, with our own words when they can't be read.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tintype_dto::ProblemCode;
use uuid::Uuid;

use crate::problems::ApiError;

/// A JSON body. Not JSON: 415; broken JSON: 400; unknown or missing fields: 422.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(e)) => Err(ApiError::new(ProblemCode::ValidationFailed, source_text(&e))),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(ApiError::new(ProblemCode::UnsupportedContentType, "Send the body as application/json."))
            }
            Err(JsonRejection::JsonSyntaxError(e)) => Err(ApiError::new(ProblemCode::BadRequest, source_text(&e))),
            Err(e) => Err(ApiError::new(ProblemCode::BadRequest, e.body_text())),
        }
    }
}

/// The parser's own words (field and place), which never hold a value of a secret field: strings are not quoted by it but for
/// unknown variants and field names.
fn source_text(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Query parameters. What can't be read or is unknown: 422.
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, state)
            .await
            .map_err(|e: QueryRejection| ApiError::new(ProblemCode::ValidationFailed, source_text(&e)))?;
        Ok(Self(query))
    }
}

/// The id in the path. What is no id names nothing: 404.
pub struct IdPath(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_: PathRejection| ApiError::not_found())?;
        Ok(Self(id))
    }
}

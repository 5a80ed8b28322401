//! Requests on their way in: bodies, queries and ids, with our own words when they can't be read.

mod given;
mod path;
mod read;

use std::error::Error;

use axum::body::HttpBody;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_path_to_error::Error as Located;
use tintype_dto::ProblemCode;
use url::form_urlencoded;

use self::given::Given;
pub use self::path::{PathId, PathName};
use self::read::read;
use crate::problems::ApiError;

/// A JSON body. Not JSON: 415; broken JSON: 400; unknown or missing fields, and values of another kind than documented: 422.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let given = given(request, state).await?;
        read(&given).map(Self).map_err(ApiError::fields)
    }
}

/// The same where there need not be anything.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        match given(request, state).await? {
            Given::Null => Ok(None),
            given => read(&given).map(Self).map(Some).map_err(ApiError::fields),
        }
    }
}

async fn given<S: Send + Sync>(request: Request, state: &S) -> Result<Given, ApiError> {
    let given = <axum::Json<Given> as FromRequest<S>>::from_request(request, state).await;
    given.map(|axum::Json(given)| given).map_err(unread)
}

fn unread(rejection: JsonRejection) -> ApiError {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ApiError::new(
            ProblemCode::UnsupportedContentType,
            "Send the body as application/json.",
        ),
        JsonRejection::JsonSyntaxError(error) => {
            ApiError::new(ProblemCode::BadRequest, broken(&error))
        }
        _ => ApiError::new(ProblemCode::BadRequest, "The body can't be read."),
    }
}

/// Where JSON is broken; not how, as the parser's words may hold a piece of it.
fn broken(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut found = causes.filter_map(|cause| cause.downcast_ref::<Located<serde_json::Error>>());
    found.next().map_or_else(
        || "The body is no JSON.".into(),
        |found| {
            let (line, column) = (found.inner().line(), found.inner().column());
            format!("The body is no JSON: look at line {line}, column {column}.")
        },
    )
}

/// Query parameters. What can't be read or is unknown: 422.
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let given = form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Given::Written(value.into_owned())));
        read(&Given::Fields(given.collect()))
            .map(Self)
            .map_err(ApiError::fields)
    }
}

//! The answer to files that were taken.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tintype_dto::{AnswerFormat, UploadedImages};

pub struct Answer {
    pub uploaded: UploadedImages,
    pub format: AnswerFormat,
    /// Seconds, for those that are still being checked.
    pub retry_after: u32,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let is_done = self.uploaded.pending.is_empty();
        let mut response = match self.format {
            AnswerFormat::Json => Json(self.uploaded).into_response(),
            AnswerFormat::Text => {
                let lines: String = self
                    .uploaded
                    .result
                    .iter()
                    .flat_map(|url| [url, "\n"])
                    .collect();
                lines.into_response()
            }
        };
        if !is_done {
            *response.status_mut() = StatusCode::ACCEPTED;
            let seconds = HeaderValue::from(self.retry_after);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

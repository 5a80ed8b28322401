//! How each operation can say no.

use serde_json::{Map, Value, json};
use tintype_dto::{Problem, ProblemCode, UploadRefusal};

use super::examples::REQUEST_ID;

/// What the name of an example begins with where files are refused.
const OF_FILES: &str = "files_";

/// An example of a code.
fn example(code: ProblemCode, takes_files: bool) -> serde_json::Result<Value> {
    let problem = Problem {
        request_id: Some(REQUEST_ID.into()),
        ..Problem::new(code, code.title())
    };
    let value = if takes_files {
        serde_json::to_value(UploadRefusal::of(problem, Vec::new()))?
    } else {
        serde_json::to_value(problem)?
    };
    Ok(json!({ "summary": code.title(), "value": value }))
}

/// Adds a response for each status that an error of this operation can have, and to `examples` those that it refers to.
pub fn add(
    operation: &mut Map<String, Value>,
    examples: &mut Map<String, Value>,
) -> serde_json::Result<()> {
    let codes = codes(operation)?;
    let takes_files = operation
        .get("requestBody")
        .is_some_and(|body| body["content"]["application/octet-stream"].is_object());
    let (schema, prefix) = if takes_files {
        ("UploadRefusal", OF_FILES)
    } else {
        ("Problem", "")
    };
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return Ok(());
    };
    for same_status in codes.chunk_by(|a, b| a.status() == b.status()) {
        let Some(first) = same_status.first() else {
            continue;
        };
        let mut of_status = Map::new();
        for code in same_status {
            let name = format!("{prefix}{}", code.name());
            let path = format!("#/components/examples/{name}");
            of_status.insert(code.name().into(), json!({ "$ref": path }));
            examples.insert(name, example(*code, takes_files)?);
        }
        let names: Vec<_> = same_status
            .iter()
            .map(|code| format!("`{}`: {}", code.name(), code.title()))
            .collect();
        let response = json!({
            "description": names.join("; "),
            "content": { "application/problem+json": {
                "schema": { "$ref": format!("#/components/schemas/{schema}") },
                "examples": of_status,
            } },
        });
        responses.insert(first.status().to_string(), response);
    }
    Ok(())
}

/// The operation's own codes, those that any request can meet, and those that follow from a body and from security.
fn codes(operation: &mut Map<String, Value>) -> serde_json::Result<Vec<ProblemCode>> {
    use ProblemCode as C;
    let own = operation
        .remove("x-problem-codes")
        .unwrap_or_else(|| json!([]));
    let mut codes: Vec<C> = serde_json::from_value(own)?;
    codes.extend([
        C::BadRequest,
        C::RequestTimeout,
        C::UnknownHost,
        C::Internal,
        C::DatabaseUnavailable,
        C::DatabaseFull,
        C::Overloaded,
    ]);
    if operation.contains_key("requestBody") {
        codes.extend([
            C::BodyTooLarge,
            C::UnsupportedContentType,
            C::ValidationFailed,
        ]);
    }
    if operation.contains_key("security") {
        codes.extend([C::Unauthenticated, C::InsufficientScope, C::RateLimited]);
    } else {
        operation.insert("security".into(), json!([]));
    }
    codes.sort_by_key(|code| (code.status(), code.name()));
    codes.dedup();
    Ok(codes)
}

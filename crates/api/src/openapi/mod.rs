//! The OpenAPI document: generated from the route table, completed with what every operation has in common.

mod examples;

use serde_json::{Map, Value, json};
use tintype_dto::{Problem, ProblemCode, UploadRefusal};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tintype",
        description = "An image host. Announce a file (`create_upload`), `PUT` it to the presigned URL, confirm it (`confirm_upload`). \
                       Every error is `application/problem+json` with a stable `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem, UploadRefusal)),
    tags(
        (name = "accounts", description = "Registration, sign-in, who am I"),
        (name = "uploads", description = "From a file to an image"),
        (name = "images", description = "Published images"),
    )
)]
struct Document;

/// The document without paths, to hand to the router.
pub fn base() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Completes the generated document: security scheme, problem responses, examples.
pub fn complete(document: &utoipa::openapi::OpenApi) -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(document)?;
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of a session, for 7 days." },
        "token": { "type": "http", "scheme": "bearer", "description": "The secret of an API token, which may do what its scopes say." },
        "key": { "type": "apiKey", "in": "query", "name": "key", "description": "The secret of an API token that may upload and nothing else, for programs that can send no header." }
    });
    let examples = examples::all()?;
    for operation in operations(&mut document) {
        let codes = problem_codes(operation)?;
        add_problems(operation, &codes)?;
        add_examples(operation, &examples);
    }
    Ok(document)
}

/// Every operation object of the document.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let items = document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut);
    items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
}

/// The operation's own codes, and those that follow from a body and from security.
fn problem_codes(operation: &mut Map<String, Value>) -> serde_json::Result<Vec<ProblemCode>> {
    use ProblemCode as C;
    let own = operation
        .remove("x-problem-codes")
        .unwrap_or_else(|| json!([]));
    let mut codes: Vec<C> = serde_json::from_value(own)?;
    codes.extend([
        C::Internal,
        C::DatabaseUnavailable,
        C::DatabaseFull,
        C::Overloaded,
    ]);
    if operation.contains_key("requestBody") {
        codes.extend([
            C::BadRequest,
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

fn add_problems(
    operation: &mut Map<String, Value>,
    codes: &[ProblemCode],
) -> serde_json::Result<()> {
    let takes_files = operation
        .get("requestBody")
        .is_some_and(|body| body["content"]["application/octet-stream"].is_object());
    let schema = if takes_files {
        "UploadRefusal"
    } else {
        "Problem"
    };
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return Ok(());
    };
    for same_status in codes.chunk_by(|a, b| a.status() == b.status()) {
        let mut examples = Map::new();
        for code in same_status {
            let problem = Problem {
                request_id: Some(examples::REQUEST_ID.into()),
                ..Problem::new(*code, code.title())
            };
            let value = if takes_files {
                serde_json::to_value(UploadRefusal::of(problem, Vec::new()))?
            } else {
                serde_json::to_value(problem)?
            };
            examples.insert(code.name().into(), json!({ "value": value }));
        }
        let names: Vec<_> = same_status
            .iter()
            .map(|code| format!("`{}`: {}", code.name(), code.title()))
            .collect();
        let Some(first) = same_status.first() else {
            continue;
        };
        let mut response = json!({
            "description": names.join("; "),
            "content": { "application/problem+json": { "schema": { "$ref": format!("#/components/schemas/{schema}") }, "examples": examples } },
        });
        if [429, 503].contains(&first.status()) {
            response["headers"] = json!({ "Retry-After": {
                "description": "Seconds until it is worth trying again.",
                "schema": { "type": "integer", "minimum": 1 },
            } });
        }
        responses.insert(first.status().to_string(), response);
    }
    Ok(())
}

/// Adds an example to every JSON body, of requests and responses: that of the operation and status, or else of its type.
fn add_examples(operation: &mut Map<String, Value>, examples: &Map<String, Value>) {
    let name = operation["operationId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut bodies: Vec<(String, &mut Value)> = Vec::new();
    for (key, value) in operation.iter_mut() {
        match key.as_str() {
            "requestBody" => bodies.push((String::new(), value)),
            "responses" => {
                let responses = value.as_object_mut().into_iter().flatten();
                bodies.extend(
                    responses.map(|(status, response)| (format!("{name} {status}"), response)),
                );
            }
            _ => {}
        }
    }
    for (place, body) in bodies {
        if let Some(media) = body.pointer_mut("/content/application~1json")
            && let Some(path) = media["schema"]["$ref"].as_str()
            && let Some(name) = path.rsplit('/').next()
            && let Some(example) = examples.get(&place).or_else(|| examples.get(name))
        {
            media["example"] = example.clone();
        }
    }
}

//! The OpenAPI document: generated from the route table, completed with what every operation has in common.

mod examples;
mod headers;
mod links;
mod problems;

use serde_json::{Map, Value, json};
use tintype_dto::{
    ExportManifest, ListedState, PendingUpload, Problem, ProcessingUpload, SortOrder, UploadRefusal,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tintype",
        description = "An image host. Send a file in one request (`upload_images`); or announce it (`create_upload`), `PUT` it to the presigned \
                       URL, confirm it (`confirm_upload`). Every error is `application/problem+json` with a stable `code`. A guide, the catalogue \
                       of errors and a changelog stand at `/docs`. What is added is added without notice: pass over fields, codes and values of \
                       enums that you don't know.",
        contact(name = "Whoever runs this server"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ExportManifest, ListedState, Problem, SortOrder, UploadRefusal, PendingUpload, ProcessingUpload)),
    tags(
        (name = "accounts", description = "Accounts, sign-in, API tokens: who you are, and which programs may act for you."),
        (name = "uploads", description = "From a file to an image: in one request, or announced, sent to the storage and confirmed."),
        (name = "images", description = "Published images: found, changed, deleted and restored, one by one or many at once."),
        (name = "albums", description = "Albums: ordered sets of images with one link each."),
    )
)]
struct Document;

/// The document without paths, to hand to the router.
pub fn base() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Completes the generated document: security schemes, problem responses, headers, links, examples.
pub fn complete(document: &utoipa::openapi::OpenApi) -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(document)?;
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of a session, for 7 days." },
        "token": { "type": "http", "scheme": "bearer", "description": "The secret of an API token, which may do what its scopes say." },
        "key": { "type": "apiKey", "in": "query", "name": "key", "description": "The secret of an API token that may upload and nothing else, for programs that can send no header." }
    });
    document["components"]["headers"] = headers::all();
    let examples = examples::all()?;
    let mut of_problems = Map::new();
    for operation in operations(&mut document) {
        problems::add(operation, &mut of_problems)?;
        headers::describe(operation);
        headers::add(operation);
        links::add(operation);
        name_optional_body(operation);
        add_examples(operation, &examples);
    }
    document["components"]["examples"] = of_problems.into();
    Ok(document)
}

/// The responses of an operation, with their statuses.
fn responses(operation: &mut Map<String, Value>) -> impl Iterator<Item = (&str, &mut Value)> {
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    let entries = responses.into_iter().flat_map(Map::iter_mut);
    entries.map(|(status, response)| (status.as_str(), response))
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

/// A body that may be left out is not `null`.
fn name_optional_body(operation: &mut Map<String, Value>) {
    let body = operation.get_mut("requestBody");
    let schema = body.and_then(|body| body.pointer_mut("/content/application~1json/schema"));
    if let Some(schema) = schema
        && let Some(choices) = schema.get("oneOf").and_then(Value::as_array)
        && let Some(named) = choices.iter().find(|one| one["$ref"].is_string()).cloned()
    {
        *schema = named;
    }
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

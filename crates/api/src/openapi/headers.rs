//! The headers of requests and answers.

use serde_json::{Map, Value, json};

/// Those that more than one operation sends, by their names.
pub fn all() -> Value {
    json!({
        "ETag": {
            "description": "The state that the answer shows: for `If-None-Match`, and for `If-Match` with a change.",
            "schema": { "type": "string" },
            "example": "\"8c2b1f04d1a3e957\"",
        },
        "RateLimit": {
            "description": "For each limit of requests, how many are left (`r`), and after how many seconds counting begins anew (`t`). A server without limits sends none.",
            "schema": { "type": "string" },
            "example": "\"account\";r=1199;t=60",
        },
        "RateLimit-Policy": {
            "description": "For each limit of requests, how many there may be (`q`) in how many seconds (`w`).",
            "schema": { "type": "string" },
            "example": "\"account\";q=1200;w=60",
        },
        "Retry-After": {
            "description": "Seconds until it is worth asking again.",
            "schema": { "type": "integer", "minimum": 1 },
            "example": 5,
        },
        "WWW-Authenticate": {
            "description": "How to say who asks.",
            "schema": { "type": "string" },
            "example": "Bearer",
        },
        "X-Request-Id": {
            "description": "What to tell the operator when something goes wrong.",
            "schema": { "type": "string", "format": "uuid" },
            "example": super::examples::REQUEST_ID,
        },
    })
}

const COUNTED: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// Adds them to the answers that have them.
pub fn add(operation: &mut Map<String, Value>) {
    let is_counted = operation["security"]
        .as_array()
        .is_some_and(|accepted| !accepted.is_empty());
    for (status, response) in super::responses(operation) {
        let tag = response["headers"]["ETag"].is_object().then_some("ETag");
        let own = match status {
            "401" => Some("WWW-Authenticate"),
            "202" | "429" | "503" => Some("Retry-After"),
            _ => None,
        };
        // Who is not known yet is not counted.
        let counted = COUNTED
            .iter()
            .filter(|_| is_counted && !["400", "401", "408", "421"].contains(&status));
        let names = own.into_iter().chain(tag).chain(counted.copied());
        for name in names.chain(["X-Request-Id"]) {
            response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
}

/// Says what the headers of a request are: a text, if they are sent at all.
pub fn describe(operation: &mut Map<String, Value>) {
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    let headers = parameters.into_iter().flatten();
    for parameter in headers.filter(|parameter| parameter["in"] == "header") {
        parameter["schema"] = match parameter["name"].as_str() {
            Some("Idempotency-Key") => {
                json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" })
            }
            _ => json!({ "type": "string" }),
        };
    }
}

//! The headers of answers.

use serde_json::{Map, Value, json};

/// Those that more than one operation sends, by their names.
pub fn all() -> Value {
    json!({
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

/// Adds them to the answers that have them.
pub fn add(operation: &mut Map<String, Value>) {
    for (status, response) in super::responses(operation) {
        let own = match status {
            "401" => Some("WWW-Authenticate"),
            "202" | "429" | "503" => Some("Retry-After"),
            _ => None,
        };
        for name in own.into_iter().chain(["X-Request-Id"]) {
            response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
}

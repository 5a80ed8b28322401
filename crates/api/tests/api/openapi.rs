//! The published description is fresh and complete.

use serde_json::Value;

fn committed() -> String {
    std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../openapi/openapi.json"
    ))
    .unwrap()
}

/// Every operation: its method, path and object.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        item.as_object()
            .unwrap()
            .keys()
            .cloned()
            .map(move |method| (path.clone(), method))
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = paths.iter().flat_map(of_path).collect();
    all.into_iter()
        .map(|(path, method)| {
            (
                format!("{method} {path}"),
                &document["paths"][&path][&method],
            )
        })
        .collect()
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let fresh = serde_json::to_string_pretty(&tintype_api::router::document().unwrap()).unwrap();
    assert_eq!(committed().trim_end(), fresh, "run `just openapi`");
}

#[test]
fn every_operation_is_complete() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let operations = operations(&document);
    assert_eq!(operations.len(), 43);
    for (name, operation) in &operations {
        assert!(
            name.contains(&format!(" {}/", tintype_dto::paths::BASE)),
            "{name} is in its place"
        );
        assert!(
            operation["operationId"].is_string() && operation["summary"].is_string(),
            "{name} has an id and a summary"
        );
        assert!(
            operation["security"].is_array(),
            "{name} says what it needs"
        );
        let bare = ["confirm", "export", "logout", "logout-everywhere"]
            .iter()
            .any(|word| name.ends_with(word))
            && !name.contains("bulk");
        let takes_files = ["post /api/v1/images", "put /api/v1/images"].contains(&name.as_str());
        let takes_body = name.starts_with("patch") || name.starts_with("post") && !bare;
        let takes_body = takes_body && !takes_files;
        assert_eq!(
            operation["requestBody"]["content"]["application/octet-stream"].is_object(),
            takes_files,
            "{name} takes files"
        );
        assert_eq!(
            operation["requestBody"]["content"]["application/json"]["example"].is_object(),
            takes_body,
            "{name} has its body"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{name} can succeed"
        );
        for (status, response) in responses {
            let complete = match status.as_str() {
                "204" | "304" => response["content"].is_null(),
                s if s.starts_with('2') => {
                    response["content"]["application/json"]["example"].is_object()
                        || response["content"]["application/octet-stream"].is_object()
                }
                _ => response["content"]["application/problem+json"]["examples"]
                    .as_object()
                    .is_some_and(|examples| !examples.is_empty()),
            };
            assert!(complete, "{name} {status} has an example");
            assert_eq!(
                response["headers"]["Retry-After"].is_object(),
                ["202", "429", "503"].contains(&status.as_str()),
                "{name} {status} says when to come back"
            );
            assert!(response["headers"]["X-Request-Id"].is_object());
        }
        let accepted = operation["security"].as_array().unwrap();
        for scheme in accepted
            .iter()
            .flat_map(|one| one.as_object().unwrap().keys())
        {
            assert!(
                document["components"]["securitySchemes"][scheme].is_object(),
                "{name}: {scheme}"
            );
        }
        let secured = accepted.iter().any(|s| s["session"].is_array());
        assert_eq!(
            responses.contains_key("401"),
            secured || name.ends_with("login"),
            "{name} says 401 when it asks for a token"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        if let Some(reference) = value["$ref"].as_str() {
            assert!(
                document
                    .pointer(reference.trim_start_matches('#'))
                    .is_some(),
                "{reference}"
            );
        }
        match value {
            Value::Object(map) => map.values().for_each(|v| walk(v, document)),
            Value::Array(list) => list.iter().for_each(|v| walk(v, document)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(&committed()).unwrap();
    walk(&document, &document);
}

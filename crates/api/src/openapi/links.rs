//! What can be done next with what an answer holds.

use serde_json::{Map, Value, json};

/// An operation and the status of its answer; where the id is in there; and the operations that take it.
const LINKS: [(&str, &str, &str, &[&str]); 12] = [
    (
        "create_upload",
        "201",
        "/id",
        &["get_upload", "confirm_upload", "abort_upload"],
    ),
    (
        "get_upload",
        "200",
        "/id",
        &["confirm_upload", "abort_upload"],
    ),
    ("confirm_upload", "200", "/id", OF_IMAGES),
    (
        "confirm_upload",
        "202",
        "/id",
        &["get_upload", "confirm_upload"],
    ),
    ("upload_images", "200", "/id", OF_IMAGES),
    ("put_image", "200", "/id", OF_IMAGES),
    (
        "upload_images",
        "202",
        "/pending/0",
        &["get_upload", "confirm_upload"],
    ),
    (
        "put_image",
        "202",
        "/pending/0",
        &["get_upload", "confirm_upload"],
    ),
    ("get_image", "200", "/id", &["update_image", "delete_image"]),
    ("create_album", "201", "/album/id", OF_ALBUMS),
    ("get_album", "200", "/id", OF_ALBUMS),
    (
        "create_api_token",
        "201",
        "/token/id",
        &["revoke_api_token"],
    ),
];
const OF_ALBUMS: &[&str] = &[
    "list_album_images",
    "add_album_images",
    "update_album",
    "delete_album",
];
const OF_IMAGES: &[&str] = &["get_image", "update_image", "delete_image", "restore_image"];

/// Adds the links of this operation.
pub fn add(operation: &mut Map<String, Value>) {
    let name = operation["operationId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for (status, response) in super::responses(operation) {
        let of_this = LINKS
            .iter()
            .filter(|link| link.0 == name && link.1 == status);
        for (_, _, place, next) in of_this {
            for operation in *next {
                response["links"][operation] = json!({
                    "operationId": operation,
                    "parameters": { "id": format!("$response.body#{place}") },
                });
            }
        }
    }
}

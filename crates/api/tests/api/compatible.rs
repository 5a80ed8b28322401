//! What has been released stays: a client that was made for a released document works with this server.

mod comparison;

use std::path::Path;

use serde_json::{Value, json};

use self::comparison::breaks;

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn released() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/released");
    let files = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let documents = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let documents: Vec<_> = documents
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                read(&path),
            )
        })
        .collect();
    assert!(!documents.is_empty());
    documents
}

/// What the released documents did not say and the server held all the same: nothing that worked stops working. `bounds.rs` sends each of them.
fn held_before_it_was_written() -> Vec<String> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../openapi/released/held-before-it-was-written.txt"
    );
    let lines = std::fs::read_to_string(path).unwrap();
    let lines = lines
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn nothing_that_was_released_is_taken_away_or_narrowed() {
    let now = tintype_api::router::document().unwrap();
    let held = held_before_it_was_written();
    let mut met = Vec::new();
    for (version, document) in released() {
        let (known, broken): (Vec<_>, Vec<_>) = breaks(&document, &now)
            .into_iter()
            .partition(|found| held.contains(found));
        assert!(
            broken.is_empty(),
            "clients of {version} break:\n{}",
            broken.join("\n")
        );
        met.extend(known);
    }
    for known in held {
        assert!(
            met.contains(&known),
            "take this out, it is not met any more: {known}"
        );
    }
}

/// The document with one change: `remove`s what stands at a path, `set`s it, or `push`es to the list there.
fn changed(document: &Value, case: &Value) -> Value {
    let [kind, path, value] = [1, 2, 3].map(|part| &case[part]);
    let (folder, name) = path.as_str().unwrap().rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    let mut document = document.clone();
    let place = document
        .pointer_mut(folder)
        .unwrap_or_else(|| panic!("{path}"));
    match (kind.as_str().unwrap(), place) {
        ("set", Value::Array(list)) => list[name.parse::<usize>().unwrap()] = value.clone(),
        ("set", place) => place[name] = value.clone(),
        ("push", place) => place[name].as_array_mut().unwrap().push(value.clone()),
        ("remove", Value::Array(list)) => drop(list.remove(name.parse().unwrap())),
        ("remove", place) => assert!(
            place.as_object_mut().unwrap().remove(&name).is_some(),
            "{path}"
        ),
        (other, _) => panic!("{other}"),
    }
    document
}

#[test]
fn every_kind_of_break_is_found() {
    let images = "/paths/~1api~1v1~1images";
    let list = format!("{images}/get");
    let upload = "/components/schemas/CreateUpload";
    let file_name = format!("{upload}/properties/filename");
    let image = "/components/schemas/Image";
    let name = "/components/schemas/CreateApiToken/properties/name";
    let of = json!({"name": "of", "in": "query", "required": true, "schema": {"type": "string"}});
    let cases = json!([
        ["a path", "remove", "/paths/~1api~1v1~1me", null, "GET /api/v1/me is gone"],
        ["a method", "remove", format!("{images}~1{{id}}/patch"), null, "PATCH /api/v1/images/{id} is gone"],
        ["a parameter", "remove", format!("{list}/parameters/0"), null, "the parameter limit is gone"],
        ["a required parameter", "push", format!("{list}/parameters"), of, "the parameter of is required"],
        ["a credential", "remove", format!("{list}/security/1"), null, "no longer lets token in"],
        ["another scope", "set", format!("{list}/security/1/token"), ["write"], "no longer lets token in"],
        ["a type of body", "remove", format!("{images}/post/requestBody/content/multipart~1form-data"), null, "takes no multipart/form-data"],
        ["a required body", "set", format!("{images}~1{{id}}~1restore/post/requestBody"), {"required": true}, "a body is required"],
        ["a field of requests", "remove", format!("{upload}/properties/sha256"), null, "CreateUpload.sha256 is gone"],
        ["a required field", "push", format!("{upload}/required"), "sha256", "CreateUpload.sha256 is required"],
        ["a value of an enum", "remove", "/components/schemas/Scope/enum/0", null, "does not take \"upload\""],
        ["values alone", "set", format!("{file_name}/enum"), ["a"], "CreateUpload.filename takes but few values"],
        ["null", "set", "/components/schemas/UpdateImage/properties/title/type", "string", "UpdateImage.title does not take null"],
        ["a narrower bound", "set", format!("{name}/maxLength"), 50, "CreateApiToken.name has another maxLength"],
        ["a new bound", "set", format!("{file_name}/maxLength"), 9, "CreateUpload.filename has another maxLength"],
        ["a new pattern", "set", format!("{file_name}/pattern"), "^a$", "CreateUpload.filename has another pattern"],
        ["a status", "remove", "/paths/~1api~1v1~1uploads/post/responses/200", null, "200 is gone"],
        ["a new success", "set", "/paths/~1api~1v1~1me/get/responses/203", {"description": ""}, "203 is new"],
        ["a header", "remove", "/paths/~1api~1v1~1uploads~1{id}~1confirm/post/responses/202/headers/Retry-After", null, "the header Retry-After is gone"],
        ["a type of answers", "remove", format!("{images}/post/responses/200/content/text~1plain"), null, "200 is no text/plain"],
        ["a field of answers", "remove", format!("{image}/properties/slug"), null, "Image.slug is gone"],
        ["a field that may be missing", "remove", format!("{image}/required/1"), null, "may be left out"],
        ["another type", "set", format!("{image}/properties/width/type"), ["integer", "null"], "Image.width may be null"],
        ["another kind of items", "set", "/components/schemas/ImagePage/properties/items/items", {"type": "string"}, "Image may be string"],
    ]);
    let old = tintype_api::router::document().unwrap();
    assert_eq!(breaks(&old, &old), [""; 0]);
    for case in cases.as_array().unwrap() {
        let found = breaks(&old, &changed(&old, case));
        let expected = case[4].as_str().unwrap();
        assert!(
            found.iter().any(|found| found.contains(expected)),
            "{}: {found:#?}",
            case[0]
        );
    }
}

#[test]
fn what_is_added_breaks_nobody() {
    let cases = json!([
        ["an operation", "set", "/paths/~1api~1v1~1you", {"get": {"responses": {}}}],
        ["an optional parameter", "push", "/paths/~1api~1v1~1images/get/parameters", {"name": "of", "in": "query", "schema": {"type": "string"}}],
        ["an optional field", "set", "/components/schemas/CreateUpload/properties/more", {"type": "string"}],
        ["a field of answers", "set", "/components/schemas/Image/properties/more", {"type": "string"}],
        ["a wider bound", "set", "/components/schemas/CreateApiToken/properties/name/maxLength", 500],
        ["another code", "push", "/components/schemas/ProblemCode/enum", "tired"],
    ]);
    let old = tintype_api::router::document().unwrap();
    for case in cases.as_array().unwrap() {
        assert_eq!(breaks(&old, &changed(&old, case)), [""; 0], "{}", case[0]);
    }
}

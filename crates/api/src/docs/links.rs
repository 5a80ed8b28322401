//! Links in texts.

use maud::{Markup, html};
use serde_json::Value;

/// The document, in which descriptions name operations by their headings and link to them: people see no operation ids.
pub fn between_operations(document: &Value) -> Value {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let links = operations.filter_map(|(_, operation)| {
        let (id, summary) = (
            operation["operationId"].as_str()?,
            operation["summary"].as_str()?,
        );
        Some((format!("`{id}`"), format!("[{summary}](#{id})")))
    });
    let mut document = document.clone();
    replace(&mut document, &links.collect::<Vec<_>>());
    document
}

/// Replaces words in every description.
fn replace(value: &mut Value, words: &[(String, String)]) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, words)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "description" => {
                        for (from, to) in words {
                            *text = text.replace(from, to);
                        }
                    }
                    value => replace(value, words),
                }
            }
        }
        _ => {}
    }
}

/// A text in which `[words](#place)` is a link.
pub fn linked(text: &str) -> Markup {
    let link = text.split_once('[').and_then(|(before, rest)| {
        let (words, rest) = rest.split_once("](#")?;
        let (place, after) = rest.split_once(')')?;
        Some((before, words, place, after))
    });
    html! {
        @if let Some((before, words, place, after)) = link {
            (before) a href={ "#" (place) } { (words) } (linked(after))
        } @else {
            (text)
        }
    }
}

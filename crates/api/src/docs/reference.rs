//! Operations and types, as the document has them.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::prose;

/// Operations with the same tag.
pub struct Group<'a> {
    name: &'a str,
    about: &'a str,
    operations: Vec<Operation<'a>>,
}

struct Operation<'a> {
    method: String,
    path: &'a str,
    fields: &'a Value,
}

/// The operations by their tags, in the order of the tags.
pub fn groups(document: &Value) -> Vec<Group<'_>> {
    let operations = || {
        entries(&document["paths"]).flat_map(|(path, item)| {
            entries(item).map(move |(method, fields)| Operation {
                method: method.to_uppercase(),
                path,
                fields,
            })
        })
    };
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = text(&tag["name"]);
        Group {
            name,
            about: text(&tag["description"]),
            operations: operations()
                .filter(|operation| operation.fields["tags"][0] == name)
                .collect(),
        }
    })
    .collect()
}

impl Group<'_> {
    pub fn contents(&self) -> Markup {
        html! {
            h2 { (self.name) }
            ul {
                @for operation in &self.operations {
                    li { a href={ "#" (operation.id()) } { (text(&operation.fields["summary"])) } }
                }
            }
        }
    }

    pub fn operations(&self) -> Markup {
        html! {
            section id=(self.name) {
                h2 { (self.name) }
                p { (prose(self.about)) }
                @for operation in &self.operations { (operation.markup()) }
            }
        }
    }
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(&self.fields["operationId"])
    }

    fn markup(&self) -> Markup {
        let body = &self.fields["requestBody"];
        html! {
            article id=(self.id()) {
                h3 { (text(&self.fields["summary"])) }
                p.call { b { (self.method) } " " code { (self.path) } " " span { "operation " code { (self.id()) } } }
                @if let Some(about) = self.fields["description"].as_str() { p { (prose(about)) } }
                (self.credentials())
                @if let Some(parameters) = self.fields["parameters"].as_array() { (self::parameters(parameters)) }
                @for (media, content) in entries(&body["content"]) { p { "Sends " (kind(&content["schema"])) ", " code { (media) } "." } (example(content)) }
                (responses(&self.fields["responses"]))
            }
        }
    }
}

impl Operation<'_> {
    /// What a request has to carry.
    fn credentials(&self) -> Markup {
        let accepted = self.fields["security"].as_array();
        let mut scopes = accepted
            .into_iter()
            .flatten()
            .filter_map(|one| one["token"][0].as_str());
        html! {
            @match (accepted.is_none_or(Vec::is_empty), scopes.next()) {
                (true, _) => {}
                (false, None) => p.credentials { "With a session: no API token may do this." }
                (false, Some(scope)) => p.credentials { "With a session, or an API token with the scope " code { (scope) } "." }
            }
        }
    }
}

fn parameters(parameters: &[Value]) -> Markup {
    html! {
        dl {
            @for parameter in parameters {
                dt { code { (text(&parameter["name"])) } " " span { (kind(&parameter["schema"])) " in " (text(&parameter["in"])) } }
                dd { (prose(text(&parameter["description"]))) }
            }
        }
    }
}

fn responses(responses: &Value) -> Markup {
    let (good, bad): (Vec<_>, Vec<_>) =
        entries(responses).partition(|(status, _)| status.starts_with('2'));
    html! {
        @for (status, response) in good {
            p { b { (status) } " " (prose(text(&response["description"])))
                @for (_, content) in entries(&response["content"]) { " " (kind(&content["schema"])) "." }
            }
            @for (_, content) in entries(&response["content"]) { (example(content)) }
        }
        p.errors {
            "Errors: "
            @for (_, response) in bad {
                @for (code, _) in entries(&response["content"]["application/problem+json"]["examples"]) {
                    a href={ "#error-" (code) } { (code) } " "
                }
            }
        }
    }
}

fn example(content: &Value) -> Markup {
    let example = serde_json::to_string_pretty(&content["example"]).unwrap_or_default();
    html! {
        @if !content["example"].is_null() {
            details { summary { "Example" } pre tabindex="0" { code { (example) } } }
        }
    }
}

/// Every named type.
pub fn types(document: &Value) -> Markup {
    html! {
        section #types {
            h2 { "Types" }
            @for (name, schema) in entries(&document["components"]["schemas"]) {
                article id={ "type-" (name) } {
                    h3 { (name) }
                    @if let Some(about) = schema["description"].as_str() { p { (prose(about)) } }
                    @if !schema["properties"].is_object() { p { (kind(schema)) } }
                    @for part in parts(schema) { (fields(part)) }
                }
            }
        }
    }
}

/// The schema, or those that it is made of, where they have fields.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let made_of = schema["allOf"].as_array().into_iter().flatten();
    std::iter::once(schema)
        .chain(made_of)
        .filter(|part| part["properties"].is_object())
}

fn fields(schema: &Value) -> Markup {
    let is_required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|required| required.iter().any(|field| field == name))
    };
    html! {
        dl {
            @for (name, field) in entries(&schema["properties"]) {
                dt {
                    code { (name) } " "
                    span { (kind(field)) @if !is_required(name) { ", may be left out" } }
                }
                dd { (prose(about(field))) }
            }
        }
    }
}

/// A description, also where it stands beside one of some alternatives.
fn about(schema: &Value) -> &str {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    std::iter::once(schema)
        .chain(alternatives)
        .find_map(|schema| schema["description"].as_str())
        .unwrap_or_default()
}

/// What kind of value a schema allows.
fn kind(schema: &Value) -> Markup {
    if let Some(path) = schema["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap_or_default();
        return html! { a href={ "#type-" (name) } { (name) } };
    }
    if let Some(values) = schema["enum"].as_array() {
        return html! { "one of " (listed(values, |value| html! { code { (text(value)) } }, ", ")) };
    }
    for (word, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(schemas) = schema[word].as_array() {
            return listed(schemas, kind, between);
        }
    }
    match &schema["type"] {
        Value::Array(types) => {
            html! { (listed(types, |name| html! { (text(name)) }, " or ")) (bounds(schema)) }
        }
        name if name == "array" => html! { "array of " (kind(&schema["items"])) (bounds(schema)) },
        name => html! {
            (text(name))
            @if let Some(format) = schema["format"].as_str() { " (" (format) ")" }
            (bounds(schema))
        },
    }
}

/// How long, how many or how large it may be.
fn bounds(schema: &Value) -> Markup {
    let units = [
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
        ("minimum", "maximum", ""),
    ];
    html! {
        @for (least, most, unit) in units {
            @match (schema[least].as_u64().filter(|least| *least > 0), schema[most].as_u64()) {
                (Some(least), Some(most)) => { ", " (least) " to " (most) (unit) }
                (Some(least), None) => { ", at least " (least) (unit) }
                (None, Some(most)) => { ", at most " (most) (unit) }
                (None, None) => {}
            }
        }
        @if let Some(pattern) = schema["pattern"].as_str() { ", as " code { (pattern) } }
    }
}

fn listed<'a>(values: &'a [Value], markup: impl Fn(&'a Value) -> Markup, between: &str) -> Markup {
    html! {
        @for (number, value) in values.iter().enumerate() {
            @if number > 0 { (between) }
            (markup(value))
        }
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = object.as_object().into_iter().flat_map(Map::iter);
    fields.map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

//! What a client of an older document can no longer do with a newer one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Which way a schema travels: what clients send may be widened, and what they get may be narrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Answer,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
    /// Pairs of named schemas that were compared already: types may hold themselves.
    seen: BTreeSet<(String, String, bool)>,
}

/// Everything that breaks, in words.
pub fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison {
        old,
        new,
        found: Vec::new(),
        seen: BTreeSet::new(),
    };
    for (path, item) in entries(&old["paths"]) {
        for (method, operation) in entries(item) {
            let name = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                Some(now) => comparison.operation(&name, operation, now),
                None => comparison.found.push(format!("{name} is gone")),
            }
        }
    }
    comparison.found
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A schema, or what it refers to, with the name that it has there.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
    match schema["$ref"].as_str() {
        Some(path) => (
            path.rsplit('/').next(),
            document.pointer(path.trim_start_matches('#')).unwrap(),
        ),
        None => (None, schema),
    }
}

impl Comparison<'_> {
    fn note(&mut self, place: &str, what: &str) {
        self.add(format!("{place} {what}"));
    }

    fn add(&mut self, found: String) {
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }

    fn operation(&mut self, name: &str, old: &Value, new: &Value) {
        for accepted in items(&old["security"]) {
            let still = items(&new["security"]).any(|now| {
                entries(now).all(|(scheme, scopes)| {
                    let had = accepted.get(scheme);
                    had.is_some_and(|had| items(scopes).all(|scope| items(had).any(|s| s == scope)))
                })
            });
            if !still {
                let schemes: Vec<_> = entries(accepted)
                    .map(|(scheme, _)| scheme.as_str())
                    .collect();
                self.note(name, &format!("no longer lets {} in", schemes.join(" ")));
            }
        }
        self.parameters(name, &old["parameters"], &new["parameters"]);
        self.body(name, &old["requestBody"], &new["requestBody"]);
        for (status, response) in entries(&old["responses"]) {
            match new["responses"].get(status) {
                Some(now) => self.answer(&format!("{name} {status}"), response, now),
                None if status.starts_with('2') => self.note(name, &format!("{status} is gone")),
                None => {}
            }
        }
        for (status, _) in entries(&new["responses"]) {
            if status.starts_with('2') && old["responses"].get(status).is_none() {
                self.note(name, &format!("{status} is new"));
            }
        }
    }

    fn parameters(&mut self, name: &str, old: &Value, new: &Value) {
        let find = |among: &Value, like: &Value| {
            let mut same =
                items(among).filter(|p| p["name"] == like["name"] && p["in"] == like["in"]);
            same.next().cloned()
        };
        for parameter in items(old) {
            let called = parameter["name"].as_str().unwrap();
            match find(new, parameter) {
                Some(now) => {
                    let place = format!("{name} {called}");
                    self.schema(Way::Request, &place, &parameter["schema"], &now["schema"]);
                }
                None => self.note(name, &format!("the parameter {called} is gone")),
            }
        }
        for parameter in items(new) {
            let was = find(old, parameter).is_some_and(|was| was["required"] == true);
            if parameter["required"] == true && !was {
                let called = parameter["name"].as_str().unwrap();
                self.note(name, &format!("the parameter {called} is required"));
            }
        }
    }

    fn body(&mut self, name: &str, old: &Value, new: &Value) {
        if new["required"] == true && old["required"] != true {
            self.note(name, "a body is required");
        }
        for (media, content) in entries(&old["content"]) {
            match new["content"].get(media) {
                Some(now) => self.schema(Way::Request, name, &content["schema"], &now["schema"]),
                None => self.note(name, &format!("takes no {media}")),
            }
        }
    }

    fn answer(&mut self, name: &str, old: &Value, new: &Value) {
        for (header, _) in entries(&old["headers"]) {
            if new["headers"].get(header).is_none() {
                self.note(name, &format!("the header {header} is gone"));
            }
        }
        for (media, content) in entries(&old["content"]) {
            match new["content"].get(media) {
                Some(now) => self.schema(Way::Answer, name, &content["schema"], &now["schema"]),
                None => self.note(name, &format!("is no {media}")),
            }
        }
    }

    fn schema(&mut self, way: Way, place: &str, old: &Value, new: &Value) {
        let (old_name, _) = resolved(self.old, old);
        let (new_name, _) = resolved(self.new, new);
        if let (Some(old), Some(new)) = (old_name, new_name)
            && !self
                .seen
                .insert((old.into(), new.into(), way == Way::Request))
        {
            return;
        }
        let place = old_name.unwrap_or(place);
        let (old, new) = (alternatives(self.old, old), alternatives(self.new, new));
        // Whoever sends must find a reader, and what is answered must be known to one.
        let (theirs, ours) = match way {
            Way::Request => (&old, &new),
            Way::Answer => (&new, &old),
        };
        for one in theirs {
            let alike: Vec<_> = ours
                .iter()
                .filter(|other| kind(other) == kind(one))
                .collect();
            let compare = |comparison: &mut Self, other: &Value| match way {
                Way::Request => comparison.sent(place, one, other),
                Way::Answer => comparison.got(place, other, one),
            };
            let tried = alike.iter().map(|other| {
                let mut trial = Comparison {
                    old: self.old,
                    new: self.new,
                    found: Vec::new(),
                    seen: self.seen.clone(),
                };
                compare(&mut trial, other);
                trial
            });
            match tried.min_by_key(|trial| trial.found.len()) {
                Some(best) => {
                    self.seen = best.seen;
                    best.found.into_iter().for_each(|found| self.add(found));
                }
                None if way == Way::Request => {
                    self.note(place, &format!("does not take {}", kind(one)));
                }
                None => self.note(place, &format!("may be {}", kind(one))),
            }
        }
    }

    /// What is sent as `old` says must be what `new` takes.
    fn sent(&mut self, place: &str, old: &Value, new: &Value) {
        for (field, schema) in entries(&old["properties"]) {
            let inner = format!("{place}.{field}");
            match new["properties"].get(field) {
                Some(now) => self.schema(Way::Request, &inner, schema, now),
                None => self.note(&inner, "is gone"),
            }
        }
        for field in items(&new["required"]) {
            if !items(&old["required"]).any(|was| was == field) {
                self.note(
                    &format!("{place}.{}", field.as_str().unwrap()),
                    "is required",
                );
            }
        }
        if new["enum"].is_array() && !old["enum"].is_array() {
            self.note(place, "takes but few values");
        }
        for value in items(&old["enum"]) {
            if new["enum"].is_array() && !items(&new["enum"]).any(|now| now == value) {
                self.note(place, &format!("does not take {value}"));
            }
        }
        for (bound, is_lower) in [
            ("minimum", true),
            ("minLength", true),
            ("minItems", true),
            ("maximum", false),
            ("maxLength", false),
            ("maxItems", false),
        ] {
            let narrower = match (old[bound].as_f64(), new[bound].as_f64()) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(old), Some(new)) if is_lower => new > old,
                (Some(old), Some(new)) => new < old,
            };
            if narrower {
                self.note(place, &format!("has another {bound}"));
            }
        }
        if !new["pattern"].is_null() && new["pattern"] != old["pattern"] {
            self.note(place, "has another pattern");
        }
        if old["items"].is_object() && new["items"].is_object() {
            self.schema(
                Way::Request,
                &format!("{place}[]"),
                &old["items"],
                &new["items"],
            );
        }
    }

    /// What is answered as `new` says must be what readers of `old` know. New fields and new values of enums they pass over.
    fn got(&mut self, place: &str, old: &Value, new: &Value) {
        for (field, schema) in entries(&old["properties"]) {
            let inner = format!("{place}.{field}");
            let was_there = items(&old["required"]).any(|required| required == field);
            match new["properties"].get(field) {
                Some(now) => {
                    self.schema(Way::Answer, &inner, schema, now);
                    if was_there && !items(&new["required"]).any(|required| required == field) {
                        self.note(&inner, "may be left out");
                    }
                }
                // What was not always there is never there in the variant of one state.
                None if !was_there
                    && new["properties"]
                        .get("state")
                        .is_some_and(|state| state["enum"].is_array()) => {}
                None => self.note(&inner, "is gone"),
            }
        }
        if old["items"].is_object() && new["items"].is_object() {
            self.schema(
                Way::Answer,
                &format!("{place}[]"),
                &old["items"],
                &new["items"],
            );
        }
    }
}

/// What a value may be: each alternative with one type.
fn alternatives(document: &Value, schema: &Value) -> Vec<Value> {
    let (_, schema) = resolved(document, schema);
    for word in ["oneOf", "anyOf"] {
        if schema[word].is_array() {
            return items(&schema[word])
                .flat_map(|one| alternatives(document, one))
                .collect();
        }
    }
    if schema["allOf"].is_array() {
        let parts = items(&schema["allOf"]).flat_map(|part| alternatives(document, part));
        return vec![parts.fold(
            serde_json::json!({"type": "object", "properties": {}, "required": []}),
            |mut all, part| {
                for (name, field) in entries(&part["properties"]) {
                    all["properties"][name] = field.clone();
                }
                let required = items(&part["required"]).cloned();
                all["required"].as_array_mut().unwrap().extend(required);
                all
            },
        )];
    }
    match schema["type"].as_array() {
        Some(types) => {
            let of_type = |name: &Value| {
                let mut one = schema.clone();
                one["type"] = name.clone();
                one
            };
            types.iter().map(of_type).collect()
        }
        None => vec![schema.clone()],
    }
}

fn kind(schema: &Value) -> &str {
    schema["type"].as_str().unwrap_or("anything")
}

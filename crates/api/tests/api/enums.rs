//! The published document names the values of every enum as serde writes them.

use std::collections::BTreeMap;

use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tintype_dto::{
    AnswerFormat, BulkOutcome, ContentType, CreatedUpload, HiddenBecause, ListedState, ProblemCode,
    Registration, RemovedBy, RemovedCode, Scope, SortOrder, TokenType, UploadState, Visibility,
};

/// What a derived enum says of itself when it is about to be read.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = names;
        Err(Error::custom("only asked"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        panic!("no derived enum")
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

fn names<T: for<'de> Deserialize<'de>>() -> Vec<Value> {
    let mut names: &[&str] = &[];
    assert!(T::deserialize(Names(&mut names)).is_err());
    names.iter().map(|name| json!(name)).collect()
}

/// The same of an enum of plain values, each of which is written as it is read.
fn values<T: for<'de> Deserialize<'de> + Serialize>() -> Vec<Value> {
    let names = names::<T>();
    for name in &names {
        let value: T = serde_json::from_value(name.clone()).unwrap();
        assert_eq!(serde_json::to_value(value).unwrap(), *name);
    }
    names
}

fn committed() -> Value {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../openapi/openapi.json"
    ))
    .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Calls `see` with every object in the document and where it is.
fn walk<'a>(value: &'a Value, path: &str, see: &mut impl FnMut(&str, &'a Value)) {
    see(path, value);
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| walk(value, &format!("{path}/{key}"), see)),
        Value::Array(list) => list.iter().for_each(|value| walk(value, path, see)),
        _ => {}
    }
}

/// What a value of the document refers to, or itself.
fn referred<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let path = value["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'));
    path.map_or(value, |path| document.pointer(path).unwrap())
}

#[test]
fn every_enum_of_the_document_has_the_values_that_are_written() {
    let document = committed();
    let written = BTreeMap::from([
        ("AnswerFormat", values::<AnswerFormat>()),
        ("BulkOutcome", values::<BulkOutcome>()),
        ("ContentType", values::<ContentType>()),
        ("HiddenBecause", values::<HiddenBecause>()),
        ("ListedState", values::<ListedState>()),
        ("ProblemCode", values::<ProblemCode>()),
        ("Registration", values::<Registration>()),
        ("RemovedBy", values::<RemovedBy>()),
        ("RemovedCode", values::<RemovedCode>()),
        ("Scope", values::<Scope>()),
        ("SortOrder", values::<SortOrder>()),
        ("TokenType", values::<TokenType>()),
        ("UploadState", values::<UploadState>()),
        ("Visibility", values::<Visibility>()),
    ]);
    let written: BTreeMap<_, _> = written
        .into_iter()
        .map(|(name, values)| (name.to_owned(), values))
        .collect();
    let mut published = BTreeMap::new();
    walk(&document, "", &mut |path, value| {
        // An array: what is called `enum` may also be a property.
        if let Some(list) = value.get("enum").and_then(Value::as_array) {
            let name = path
                .strip_prefix("/components/schemas/")
                .unwrap_or_else(|| panic!("{path} has values of its own: name its type"));
            // What an upload is in one state names that state.
            if let Some(of_upload) = name.strip_suffix("Upload/properties/state") {
                assert!(
                    list.len() == 1 && list[0] == of_upload.to_lowercase(),
                    "{path}"
                );
                assert!(values::<UploadState>().contains(&list[0]), "{path}");
            } else {
                published.insert(name.to_owned(), list.clone());
            }
        }
    });
    // A new enum gets a line above.
    assert_eq!(published, written);
}

#[test]
fn every_choice_of_the_document_has_the_names_that_are_written() {
    let document = committed();
    let mut choices = Vec::new();
    walk(&document, "", &mut |path, value| {
        if let Some(list) = value.get("oneOf").and_then(Value::as_array) {
            let is_null = |choice: &&Value| choice["type"] == "null";
            let names: Vec<_> = list
                .iter()
                .filter(|choice| !is_null(choice))
                .filter_map(|choice| referred(&document, choice)["properties"].as_object())
                .filter(|properties| properties.len() == 1)
                .collect();
            if !names.is_empty() {
                choices.push((
                    path.to_owned(),
                    names
                        .iter()
                        .flat_map(|properties| properties.keys())
                        .map(|name| json!(name))
                        .collect::<Vec<_>>(),
                ));
            }
        }
    });
    assert_eq!(
        choices,
        [(
            "/components/schemas/CreatedUpload".to_owned(),
            names::<CreatedUpload>()
        )]
    );
}

#[test]
fn every_problem_of_an_operation_is_one_of_the_published_codes() {
    let document = committed();
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"]
        .as_array()
        .unwrap();
    let mut seen = 0;
    walk(&document["paths"], "", &mut |path, value| {
        if let Some(problems) = value
            .pointer("/application~1problem+json/examples")
            .and_then(Value::as_object)
        {
            for (name, example) in problems {
                seen += 1;
                assert!(
                    codes.contains(&json!(name))
                        && referred(&document, example)["value"]["code"] == json!(name),
                    "{path}: {name}"
                );
            }
        }
        assert!(
            value.get("x-problem-codes").is_none(),
            "{path}: they are read into the answers"
        );
    });
    assert!(seen > 100, "{seen}");
    for code in ProblemCode::ALL {
        assert!(codes.contains(&json!(code.name())), "{}", code.name());
    }
}

//! JSON, parsed by the browser and deserialized into the wire types. A parser in Rust would weigh as much as several pages, half of it
//! error messages that nobody sees. `serde-wasm-bindgen` passes the same tests and was measured: 11 KB more, and three times as many long
//! tasks while the gallery loads pages.

use std::fmt;

use js_sys::{Array, JSON, Object};
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use wasm_bindgen::{JsCast, JsValue};

/// Reads a value. `None`: the text is not JSON, or not of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    read_parsed(JSON::parse(text).ok()?)
}

/// The same of what is parsed already.
pub fn read_parsed<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Json(value)).ok()
}

/// A value as the browser has parsed it.
struct Json(JsValue);

/// The value is of another type. There is no message, to keep the texts out of the page.
#[derive(Debug)]
struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Mismatch {}

impl Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl IntoDeserializer<'_, Mismatch> for Json {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.0.as_f64() {
            visit_whole(number, visitor)
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else if let Some(list) = self.0.dyn_ref::<Array>() {
            visitor.visit_seq(SeqDeserializer::new(list.iter().map(Self)))
        } else if self.0.is_object() {
            visitor.visit_map(MapDeserializer::new(self.fields()))
        } else {
            visitor.visit_unit()
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// A name alone, or an object with one field, the variant's name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.0.as_string() {
            Some(name) => visitor.visit_enum(name.into_deserializer()),
            None if self.fields().nth(1).is_some() => Err(Mismatch),
            None => visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(
                self.fields(),
            ))),
        }
    }

    /// Structs are objects: what `derive` makes to read them from lists would weigh as much again.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if self.0.is_object() && !Array::is_array(&self.0) {
            visitor.visit_map(MapDeserializer::new(self.fields()))
        } else {
            Err(Mismatch)
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.0
            .as_string()
            .ok_or(Mismatch)
            .and_then(|text| visitor.visit_string(text))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.dyn_ref::<Array>() {
            Some(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().map(Self))),
            None => Err(Mismatch),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

impl Json {
    fn fields(&self) -> impl Iterator<Item = (String, Self)> {
        let entries = self.0.dyn_ref().map(Object::entries).unwrap_or_default();
        entries.into_iter().map(|entry| {
            let entry: Array = entry.unchecked_into();
            (
                entry.get(0).as_string().unwrap_or_default(),
                Self(entry.get(1)),
            )
        })
    }
}

/// The wire has only whole numbers, none of them negative.
fn visit_whole<'de, V: Visitor<'de>>(number: f64, visitor: V) -> Result<V::Value, Mismatch> {
    if number < 0.0 || number.fract() != 0.0 {
        return Err(Mismatch);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not negative"
    )]
    visitor.visit_u64(number as u64)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde::Deserialize;
    use tintype_dto::{Image, ImagePage, Limits, Problem, ProblemCode, RemovedCode};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::read;

    const IMAGE: &str = r#"{"id":"01928f5e-7b3a-7c4d-9e1f-000000000001","slug":"k3J9xQ2mVb7","title":null,"filename":"é\"1.jpg",
        "content_type":"image/jpeg","size_bytes":9007199254740991,"width":640,"height":427,"sha256":"ab","visibility":"private",
        "removed":[{"code":"maker_note","by":"client"}],"placeholder":"aGFzaA==","created_at":"2026-11-24T10:20:30.000001Z",
        "links":{"page":"p","original":"o","preview":"r","thumb":"t"},"added_since":{"a":[1,{}]}}"#;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Point,
        Circle(u8),
        Box { width: Option<u32> },
    }

    #[wasm_bindgen_test]
    fn what_the_api_sends_is_read_as_serde_json_reads_it() {
        assert_eq!(
            read::<Image>(IMAGE).unwrap(),
            serde_json::from_str::<Image>(IMAGE).unwrap()
        );
        let page = format!(r#"{{"items":[{IMAGE},{IMAGE}],"next_cursor":"x"}}"#);
        assert_eq!(
            read::<ImagePage>(&page).unwrap(),
            serde_json::from_str::<ImagePage>(&page).unwrap()
        );
        let problem = Problem::new(ProblemCode::QuotaExceeded, "No room.");
        assert_eq!(
            read::<Problem>(&serde_json::to_string(&problem).unwrap()),
            Some(problem)
        );
        assert_eq!(
            read::<Vec<RemovedCode>>(r#"["exif","c2pa"]"#).unwrap(),
            [RemovedCode::Exif, RemovedCode::C2pa]
        );
    }

    #[wasm_bindgen_test]
    fn a_page_that_was_left_open_reads_the_codes_of_a_newer_server() {
        assert_eq!(
            read::<Vec<RemovedCode>>(r#"["exif","aura"]"#).unwrap(),
            [RemovedCode::Exif, RemovedCode::Unknown]
        );
        let problem = r#"{"type":"about:blank","title":"T","status":418,"code":"aura_missing","detail":"Do this.","errors":[]}"#;
        let problem = read::<Problem>(problem).unwrap();
        assert_eq!(
            (problem.code, problem.status, &*problem.detail),
            (ProblemCode::Unknown, 418, "Do this.")
        );
    }

    #[wasm_bindgen_test]
    fn enums_of_every_kind_are_read() {
        let shapes = r#"["Point",{"Circle":3},{"Box":{"width":null}},{"Box":{}}]"#;
        let expected = [
            Shape::Point,
            Shape::Circle(3),
            Shape::Box { width: None },
            Shape::Box { width: None },
        ];
        assert_eq!(read::<Vec<Shape>>(shapes).unwrap(), expected);
    }

    #[wasm_bindgen_test]
    fn what_is_something_else_is_not_read() {
        for text in [
            "",
            "{",
            "null",
            "[]",
            "7",
            r#""x""#,
            r#"{"items":7}"#,
            r#"{"items":[{"id":"x"}]}"#,
            r#"{"items":null}"#,
        ] {
            assert_eq!(read::<ImagePage>(text), None, "{text}");
        }
        for text in ["-1", "0.5", "256", "true", r#""1""#] {
            assert_eq!(read::<u8>(text), None, "{text}");
        }
        for text in [
            r#"{"Circle":300}"#,
            r#"{"Circle":1,"Point":2}"#,
            r#"{"Oval":1}"#,
            r#""Oval""#,
            r#"{"Point":1}"#,
            "{}",
            "null",
        ] {
            assert_eq!(read::<Shape>(text), None, "{text}");
        }
        assert_eq!(read::<Limits>("<html>"), None);
    }
}

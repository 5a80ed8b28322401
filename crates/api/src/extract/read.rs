//! Reading what is given as a type of the wire, and everything that is wrong with it: which field, and what to do.
//!
//! `serde` stops at the first fault. So whatever is wrong or missing is noted, and reading begins again with a stand-in at that place, until
//! nothing new is found. No message holds a value: it may be a password.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use tintype_dto::FieldError;

use super::given::Given;

/// The most faults that are named: somebody is to read them.
const MOST: usize = 20;
/// The most of a name that is repeated, characters.
const NAME: usize = 100;
/// What stands for a text that can't be read: it will do where an id is wanted, too.
const TEXT: &str = "00000000-0000-0000-0000-000000000000";

/// Reads a value of this type.
///
/// # Errors
/// What is wrong with which field.
pub fn read<T: DeserializeOwned>(given: &Given) -> Result<T, Vec<FieldError>> {
    let faults = RefCell::new(Faults::default());
    loop {
        let before = faults.borrow().noted.len();
        let place = Place {
            value: Some(given),
            path: String::new(),
            faults: &faults,
        };
        let read = T::deserialize(place);
        let Faults { noted, .. } = &*faults.borrow();
        match read {
            Ok(value) if noted.is_empty() => return Ok(value),
            Err(_) if before < noted.len() && noted.len() < MOST => {}
            _ => return Err(noted.clone()),
        }
    }
}

#[derive(Default)]
struct Faults {
    noted: Vec<FieldError>,
    /// The places where a stand-in is read.
    stand_ins: BTreeSet<String>,
}

impl Faults {
    fn note(&mut self, path: &str, message: impl Into<String>) {
        let field = match path {
            "" => "body".into(),
            path => path.to_owned(),
        };
        if self.noted.len() < MOST && self.noted.iter().all(|fault| fault.field != field) {
            self.noted.push(FieldError {
                field,
                message: message.into(),
            });
        }
        self.stand_ins.insert(path.into());
    }
}

/// Why reading stopped.
#[derive(Debug)]
enum Stop {
    /// A field is missing; where, is known one level up.
    Missing(&'static str),
    /// It is noted already, or a text is not what its type wants.
    Here,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request is not what its type wants")
    }
}

impl std::error::Error for Stop {}

impl serde::de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Here
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// A value and where it stands.
struct Place<'a> {
    /// `None`: a stand-in, which is whatever it is asked to be.
    value: Option<&'a Given>,
    path: String,
    faults: &'a RefCell<Faults>,
}

impl<'a> Place<'a> {
    fn inside(&self, name: &str, value: Option<&'a Given>) -> Self {
        let name: String = name.chars().take(NAME).collect();
        let path = if self.path.is_empty() || name.starts_with('[') {
            format!("{}{name}", self.path)
        } else {
            format!("{}.{name}", self.path)
        };
        let is_stand_in = self.faults.borrow().stand_ins.contains(&path);
        Self {
            value: value.filter(|_| !is_stand_in),
            path,
            faults: self.faults,
        }
    }

    fn wrong<T>(&self, message: impl Into<String>) -> Result<T, Stop> {
        self.faults.borrow_mut().note(&self.path, message);
        Err(Stop::Here)
    }

    /// Those of the given fields that the type has, each once, and stand-ins for those that are known to be missing.
    fn fields(
        &self,
        given: &'a [(String, Given)],
        known: &'static [&'static str],
    ) -> Vec<Field<'a>> {
        let mut fields: Vec<Field<'a>> = Vec::new();
        for (name, value) in given {
            let place = self.inside(name, Some(value));
            match known.iter().find(|known| **known == name) {
                None => {
                    let message = format!(
                        "There is nothing of this name here: leave it out. There is {}.",
                        listed(known)
                    );
                    self.faults.borrow_mut().note(&place.path, message);
                }
                Some(name) if fields.iter().any(|(other, _)| other == name) => {
                    let mut faults = self.faults.borrow_mut();
                    faults.note(&place.path, "It is given twice: send it once.");
                }
                Some(name) => fields.push((name, place)),
            }
        }
        for name in known {
            let place = self.inside(name, None);
            let is_noted = self.faults.borrow().stand_ins.contains(&place.path);
            if is_noted && fields.iter().all(|(other, _)| other != name) {
                fields.push((name, place));
            }
        }
        fields
    }

    fn whole_number<'de, V: Visitor<'de>>(
        self,
        most: impl Into<u64>,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let most = most.into();
        let number = match self.value {
            None => Some(1),
            // 5.0 is a whole number to JSON Schema.
            Some(Given::Number(number)) => number.to_string().trim_end_matches(".0").parse().ok(),
            Some(Given::Written(text)) => text.parse().ok(),
            Some(_) => None,
        };
        match number {
            Some(number) if number <= most => visitor.visit_u64(number),
            Some(_) => self.wrong("Send a smaller number."),
            None => self.wrong("Send a whole number, 0 or more."),
        }
    }
}

/// What a type wants of a text.
fn in_our_words(wanted: &dyn Expected) -> String {
    match wanted.to_string() {
        wanted if wanted.contains("UUID") => {
            "Send an id, as 019dd1a4-7c00-7000-8000-000000000001.".into()
        }
        wanted if wanted.contains("RFC 3339") => "Send a time, as 2026-11-24T10:20:30Z.".into(),
        wanted => format!("Send {wanted}."),
    }
}

/// `a`, `b` and the like, with commas.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        // No type of a request asks for it; one that did would be refused whatever is sent, and its test would say so.
        self.wrong("Leave this out.")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.value {
            Some(Given::Bool(value)) => visitor.visit_bool(*value),
            Some(Given::Written(text)) if text == "true" => visitor.visit_bool(true),
            Some(Given::Written(text)) if text == "false" => visitor.visit_bool(false),
            None => visitor.visit_bool(false),
            Some(_) => self.wrong("Send `true` or `false`."),
        }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.whole_number(u16::MAX, visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.whole_number(u32::MAX, visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.whole_number(u64::MAX, visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let wanted = in_our_words(&visitor);
        let read = match self.value {
            Some(Given::Text(text) | Given::Written(text)) => visitor.visit_str(text),
            None => visitor.visit_str(TEXT),
            Some(_) => Err(Stop::Here),
        };
        read.or_else(|_| self.wrong(wanted))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.value {
            None | Some(Given::Null) => visitor.visit_none(),
            Some(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let name = match self.value {
            Some(Given::Text(text) | Given::Written(text)) => Some(&**text),
            None => variants.first().copied(),
            Some(_) => None,
        };
        match name.filter(|name| variants.contains(name)) {
            Some(name) => visitor.visit_enum(StrDeserializer::new(name)),
            None => self.wrong(format!("Send one of {}.", listed(variants))),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.value {
            Some(Given::List(values)) => visitor.visit_seq(Items {
                list: &self,
                values,
                next: 0,
            }),
            None => visitor.visit_seq(SeqDeserializer::new(std::iter::empty::<u8>())),
            Some(_) => self.wrong("Send an array."),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let fields = match self.value {
            Some(Given::Fields(given)) => self.fields(given, known),
            None => known
                .iter()
                .map(|name| (*name, self.inside(name, None)))
                .collect(),
            Some(_) => return self.wrong("Send an object."),
        };
        let read = visitor.visit_map(Fields {
            left: fields.into_iter(),
            value: None,
        });
        read.or_else(|stop| match stop {
            Stop::Missing(name) => self.inside(name, None).wrong("It is missing: send it."),
            Stop::Here => Err(stop),
        })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map identifier
        ignored_any
    }
}

struct Items<'a> {
    list: &'a Place<'a>,
    values: &'a [Given],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Stop> {
        let Some(value) = self.values.get(self.next) else {
            return Ok(None);
        };
        let place = self.list.inside(&format!("[{}]", self.next), Some(value));
        self.next += 1;
        seed.deserialize(place).map(Some)
    }
}

type Field<'a> = (&'static str, Place<'a>);

struct Fields<'a> {
    left: std::vec::IntoIter<Field<'a>>,
    value: Option<Place<'a>>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Stop> {
        let Some((name, place)) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(place);
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        match self.value.take() {
            Some(place) => seed.deserialize(place),
            None => Err(Stop::Here),
        }
    }
}

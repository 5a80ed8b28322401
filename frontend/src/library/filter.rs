//! Which images are listed and in which order, as it stands in the gallery's address.

use serde::de::DeserializeOwned;
use tintype_dto::{ListDays, ListImages, MAX_PAGE_LIMIT, SortOrder};
use web_sys::UrlSearchParams;

use crate::json;
use crate::router::GALLERY;

/// Enough for the first view. `static/start.js` fetches the same page.
const FIRST_PAGE: u16 = 60;
/// The address has the names of the API.
const NAMES: [&str; 4] = ["q", "visibility", "content_type", "sort"];

/// What can be asked for, as a place among the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Words that all have to occur.
    Words,
    Visibility,
    ContentType,
    Sort,
}

/// Which images are listed: the values as they are in the address. Empty: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter([String; NAMES.len()]);

impl Filter {
    /// What an address of the gallery asks for.
    pub fn of(address: &str) -> Self {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let query = UrlSearchParams::new_with_str(query).ok();
        let value = |name| query.as_ref().and_then(|query| query.get(name));
        Self(NAMES.map(|name| value(name).unwrap_or_default()))
    }

    /// The gallery's address with this filter.
    pub fn address(&self) -> String {
        let mut address = String::from(GALLERY);
        for (name, value) in NAMES.iter().zip(&self.0) {
            if !value.is_empty() {
                address.push(if address == GALLERY { '?' } else { '&' });
                let value = String::from(js_sys::encode_uri_component(value));
                address.push_str(&[name, "=", &value].concat());
            }
        }
        address
    }

    /// The value of a field.
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// The same with another value.
    pub fn with(mut self, field: Field, value: String) -> Self {
        self.0[field as usize] = value;
        self
    }

    /// Whether all images are listed, the newest first.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all images are listed, in whichever order.
    pub fn is_whole(&self) -> bool {
        self.clone().with(Field::Sort, String::new()).is_all()
    }

    /// The order.
    pub fn sort(&self) -> SortOrder {
        self.read(Field::Sort).unwrap_or_default()
    }

    /// A value that the API knows.
    fn read<T: DeserializeOwned>(&self, field: Field) -> Option<T> {
        json::read(&["\"", self.get(field), "\""].concat())
    }

    /// The query for the days of all pages.
    pub fn days(&self) -> ListDays {
        ListDays {
            q: self.words(),
            visibility: self.read(Field::Visibility),
            content_type: self.read(Field::ContentType),
        }
    }

    fn words(&self) -> Option<String> {
        Some(self.get(Field::Words).to_owned()).filter(|text| !text.is_empty())
    }

    /// The query for the page after `cursor`, or for the first page.
    pub fn query(&self, cursor: Option<String>) -> ListImages {
        let ListDays {
            q,
            visibility,
            content_type,
        } = self.days();
        ListImages {
            limit: Some(cursor.as_ref().map_or(FIRST_PAGE, |_| MAX_PAGE_LIMIT)),
            cursor,
            q,
            visibility,
            content_type,
            sort: Some(self.sort()).filter(|sort| *sort != SortOrder::Newest),
            ..ListImages::default()
        }
    }
}

//! Which images are listed and in which order, as it stands in the gallery's address.

use serde::de::DeserializeOwned;
use tintype_dto::paths::{self, with_id};
use tintype_dto::{ListAlbumImages, ListDays, ListImages, MAX_PAGE_LIMIT, SortOrder};
use uuid::Uuid;
use web_sys::UrlSearchParams;

use crate::api::with_query;
use crate::json;
use crate::router::{GALLERY, album_address, album_of};

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

/// Which images are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The album whose images are listed, all of them and in its order.
    album: Option<Uuid>,
    /// The values as they are in the address. Empty: any.
    values: [String; NAMES.len()],
}

/// The order of what is listed, as far as it can be told from the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
    /// By something else: only the server knows where an image belongs.
    Other,
}

impl Filter {
    /// What an address of the gallery asks for.
    pub fn of(address: &str) -> Self {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let query = UrlSearchParams::new_with_str(query).ok();
        let value = |name| query.as_ref().and_then(|query| query.get(name));
        Self {
            album: album_of(address),
            values: NAMES.map(|name| value(name).unwrap_or_default()),
        }
    }

    /// That for the images of an album.
    pub fn of_album(album: Uuid) -> Self {
        Self {
            album: Some(album),
            ..Self::default()
        }
    }

    /// The album whose images are listed.
    pub fn album(&self) -> Option<Uuid> {
        self.album
    }

    /// The gallery's address with this filter.
    pub fn address(&self) -> String {
        if let Some(album) = self.album {
            return album_address(album);
        }
        let mut address = String::from(GALLERY);
        for (name, value) in NAMES.iter().zip(&self.values) {
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
        &self.values[field as usize]
    }

    /// The same with another value.
    pub fn with(mut self, field: Field, value: String) -> Self {
        self.values[field as usize] = value;
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

    /// What the order is by.
    pub fn order(&self) -> Order {
        match (self.album, self.sort()) {
            (None, SortOrder::Newest) => Order::NewestFirst,
            (None, SortOrder::Oldest) => Order::OldestFirst,
            _ => Order::Other,
        }
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

    /// What is read of the API for the page after `cursor`, or for the first page: a path with its query.
    pub fn page(&self, cursor: Option<String>) -> String {
        let limit = Some(cursor.as_ref().map_or(FIRST_PAGE, |_| MAX_PAGE_LIMIT));
        if let Some(album) = self.album {
            let path = with_id(paths::ALBUM_IMAGES, album);
            return with_query(&path, &ListAlbumImages { limit, cursor });
        }
        let ListDays {
            q,
            visibility,
            content_type,
        } = self.days();
        let query = ListImages {
            limit,
            cursor,
            q,
            visibility,
            content_type,
            sort: Some(self.sort()).filter(|sort| *sort != SortOrder::Newest),
            ..ListImages::default()
        };
        with_query(paths::IMAGES, &query)
    }
}

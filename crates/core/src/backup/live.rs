//! What the bucket has of images, listed once in their order: what is in the backup already is not read again, and has to be noticed when the
//! bucket has lost it.

use std::collections::{HashMap, VecDeque};

use tintype_storage::{ListedObject, StoreError};

use crate::keys::IMAGES;
use crate::objects::Objects;

/// See the module.
pub struct Live<'a> {
    store: &'a Objects,
    page: VecDeque<ListedObject>,
    /// Behind which key the next page begins; `None`: there is none.
    next: Option<Option<String>>,
}

impl<'a> Live<'a> {
    /// From the first image on.
    pub fn new(store: &'a Objects) -> Self {
        Self {
            store,
            page: VecDeque::new(),
            next: Some(None),
        }
    }

    /// The sizes of the objects up to the last of these keys, from where the last call ended.
    pub async fn sizes(
        &mut self,
        keys: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, u64>, StoreError> {
        let mut sizes = HashMap::new();
        let Some(last) = keys.filter(|key| key.starts_with(IMAGES)).max() else {
            return Ok(sizes);
        };
        loop {
            while let Some(object) = self.page.pop_front_if(|object| object.key.as_str() <= last) {
                sizes.insert(object.key, object.size_bytes);
            }
            let (true, Some(after)) = (self.page.is_empty(), self.next.take()) else {
                return Ok(sizes);
            };
            let page = self.store.list(IMAGES, after.as_deref()).await?;
            self.page = page.items.into();
            self.next = page.next.map(Some);
        }
    }
}

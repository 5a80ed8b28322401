//! The objects under a prefix.

use std::collections::VecDeque;

use tintype_storage::{ListedObject, StoreError};

use crate::objects::Objects;

/// The objects under a prefix, in the order of their keys, read a page at a time.
pub struct Listing<'a> {
    store: &'a Objects,
    prefix: &'static str,
    page: VecDeque<ListedObject>,
    after: Option<String>,
    is_last: bool,
}

impl<'a> Listing<'a> {
    pub fn new(store: &'a Objects, prefix: &'static str) -> Self {
        Self {
            store,
            prefix,
            page: VecDeque::new(),
            after: None,
            is_last: false,
        }
    }

    /// The next page of objects, `None` after the last.
    pub async fn page(&mut self) -> Result<Option<Vec<ListedObject>>, StoreError> {
        Ok(Some(self.next(None).await?).filter(|page| !page.is_empty()))
    }

    /// The next objects before the key `bound`, at most one page. Empty: there are no more.
    pub async fn next(&mut self, bound: Option<&str>) -> Result<Vec<ListedObject>, StoreError> {
        if self.page.is_empty() && !self.is_last {
            let page = self.store.list(self.prefix, self.after.as_deref()).await?;
            self.is_last = page.next.is_none();
            self.after = page.next;
            self.page = page.items.into();
        }
        let count = bound.map_or(self.page.len(), |bound| {
            self.page
                .partition_point(|object| object.key.as_str() < bound)
        });
        Ok(self.page.drain(..count).collect())
    }
}

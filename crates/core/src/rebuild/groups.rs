//! The objects of one image, which come together in the order of keys.

use std::collections::VecDeque;

use tintype_storage::{ListedObject, StoreError};

use crate::db::ImageId;
use crate::inventory::Listing;
use crate::keys;
use crate::objects::Objects;

/// What the bucket has of one image.
#[derive(Debug)]
pub struct Group {
    pub id: ImageId,
    pub objects: Vec<ListedObject>,
}

/// All of them, read a page at a time.
pub struct Groups<'a> {
    listing: Listing<'a>,
    page: VecDeque<ListedObject>,
    /// Objects whose key names no image.
    pub others: u64,
}

impl<'a> Groups<'a> {
    pub fn new(store: &'a Objects) -> Self {
        Self {
            listing: Listing::new(store, keys::IMAGES),
            page: VecDeque::new(),
            others: 0,
        }
    }

    /// The next ones, at most so many. None: there are no more.
    pub async fn next(&mut self, most: usize) -> Result<Vec<Group>, StoreError> {
        let mut groups: Vec<Group> = Vec::with_capacity(most);
        while let Some(object) = self.peek().await? {
            let Some(id) = keys::id_in(&object.key) else {
                self.others += 1;
                self.page.pop_front();
                continue;
            };
            let is_same = groups.last().is_some_and(|group| group.id == id);
            if !is_same && groups.len() == most {
                break;
            }
            let object = self.page.pop_front();
            match groups.last_mut().filter(|_| is_same) {
                Some(group) => group.objects.extend(object),
                None => groups.push(Group {
                    id,
                    objects: object.into_iter().collect(),
                }),
            }
        }
        Ok(groups)
    }

    async fn peek(&mut self) -> Result<Option<&ListedObject>, StoreError> {
        if self.page.is_empty()
            && let Some(page) = self.listing.page().await?
        {
            self.page = page.into();
        }
        Ok(self.page.front())
    }
}

//! What every handler works with.

use std::ops::Deref;
use std::sync::Arc;

use tintype_core::Services;

use crate::config::Config;
use crate::delivery::ArchivePlaces;
use crate::request_limits::RequestLimits;
use crate::signed_links::{DeleteLinks, SignedLinks};
use crate::tokens::Tokens;
use crate::uploads::WholePlaces;
use crate::urls::Urls;

/// What every handler works with: [`Services`], and what only HTTP has. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// What the rules work with.
    pub services: Services,
    /// The configuration.
    pub config: Config,
    /// The public addresses.
    pub urls: Urls,
    /// Signs the addresses of private images.
    pub links: SignedLinks,
    /// Signs the addresses that delete an image.
    pub delete_links: DeleteLinks,
    /// Places for files in one request.
    pub whole_places: WholePlaces,
    /// Places for archives of albums.
    pub archive_places: ArchivePlaces,
    /// Counts the requests of tokens and accounts.
    pub request_limits: RequestLimits,
    /// Makes and checks session tokens.
    pub tokens: Tokens,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// So that a handler gives an [`App`] to a rule that asks for [`Services`].
impl Deref for Parts {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.services
    }
}

//! Stub: the upload queue comes here.

use leptos::prelude::*;
use tintype_dto::Image;
use web_sys::File;

/// The queue.
#[derive(Clone, Copy)]
pub struct Uploads {
    /// Images as they are published, in that order.
    pub published: RwSignal<Vec<Image>>,
}

/// Provides the queue to everything below.
pub fn provide_uploads() {
    provide_context(Uploads { published: RwSignal::default() });
}

/// The queue.
pub fn use_uploads() -> Uploads {
    expect_context()
}

impl Uploads {
    /// Takes files into the queue.
    pub fn add_files(self, files: Vec<File>) {
        drop(files);
    }
}

/// The queue on show.
#[component]
pub fn UploadTray() -> impl IntoView {}

//! Lists whose rows stay while their keys do.

use std::sync::Arc;

use leptos::prelude::*;

/// One row of a list, to be made when its key is new.
pub struct ListRow {
    key: u128,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

impl ListRow {
    /// `make` runs when no row has this key yet.
    pub fn new<V: IntoView + 'static>(
        key: impl Into<u128>,
        make: impl FnOnce() -> V + Send + 'static,
    ) -> Self {
        Self {
            key: key.into(),
            make: Box::new(move || make().into_any()),
        }
    }
}

/// The rows of a list. All lists share the one `For` in here: another for each type of row would weigh some kilobytes.
pub fn rows(each: impl Fn() -> Vec<ListRow> + Send + Sync + 'static) -> AnyView {
    let each: Arc<dyn Fn() -> Vec<ListRow> + Send + Sync> = Arc::new(each);
    view! { <For each=move || each() key=|row| row.key children=|row| (row.make)() /> }.into_any()
}

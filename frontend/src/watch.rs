//! What happens when something changes. Closures lose their types here: an effect for each of them would weigh a kilobyte.

use leptos::prelude::*;

/// Runs once at the start, and after what it reads has changed.
pub fn watch(run: impl FnMut() + 'static) {
    watch_boxed(Box::new(run));
}

/// The same. It gets what it returned the last time.
pub fn watch_since<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) {
    let mut last = None;
    watch(move || last = Some(run(last.take())));
}

fn watch_boxed(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}

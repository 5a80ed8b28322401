//! The browser's file dialog.

use leptos::prelude::*;
use leptos::{ev, html};
use web_sys::File;

use crate::text;

/// Opens the browser's file dialog from anywhere in the signed-in page.
#[derive(Clone, Copy)]
pub struct FilePicker(NodeRef<html::Input>);

/// Provides the dialog; [`PickerInput`] has to stand somewhere below.
pub fn provide_picker() -> FilePicker {
    let picker = FilePicker(NodeRef::new());
    provide_context(picker);
    picker
}

/// The dialog.
pub fn use_picker() -> FilePicker {
    expect_context()
}

impl FilePicker {
    /// Opens the dialog. Only works in answer to something that the user did.
    pub fn open(self) {
        if let Some(input) = self.0.get_untracked() {
            input.click();
        }
    }
}

/// The file input behind the buttons: not seen, but there for browsers and tests.
#[component]
pub fn PickerInput(chosen: Callback<Vec<File>>) -> impl IntoView {
    let FilePicker(input) = use_picker();
    let on_change = move |event: ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let files = input
            .files()
            .map(|list| (0..list.length()).filter_map(|at| list.item(at)).collect());
        // The same file can be chosen again.
        input.set_value("");
        chosen.run(files.unwrap_or_default());
    };
    view! {
        <input
            node_ref=input
            id="file-picker"
            class="unseen"
            type="file"
            multiple
            accept="image/jpeg,image/png,image/gif,image/webp"
            tabindex="-1"
            aria-label=text::BROWSE
            on:change=on_change
        />
    }
}

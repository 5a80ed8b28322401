//! The browser's file dialog.

use leptos::prelude::*;
use leptos::{ev, html};
use web_sys::File;

use crate::text;

/// Opens the browser's file dialog from anywhere in the signed-in page.
#[derive(Clone, Copy)]
pub struct FilePicker(NodeRef<html::Input>);

/// Provides the dialog; [`PickerInput`] has to be rendered somewhere below.
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
    /// Opens the dialog. Works only in response to a user's action.
    pub fn open(self) {
        if let Some(input) = self.0.get_untracked() {
            input.click();
        }
    }
}

/// The hidden file input behind the buttons, for browsers and tests.
#[component]
pub fn PickerInput(chosen: Callback<Vec<File>>) -> impl IntoView {
    let FilePicker(input) = use_picker();
    let on_change = move |event: ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let files = input
            .files()
            .map(|list| (0..list.length()).filter_map(|at| list.item(at)).collect());
        // Lets the same file be chosen again.
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

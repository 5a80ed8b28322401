//! Where the focus goes when what had it is gone.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What takes the focus that nothing else has, the uppermost layer first.
const LAYERS: [&str; 2] = [".viewer", "main"];

/// Leads the focus to the uppermost layer, if a frame from now nothing has it that can be seen.
pub fn keep() {
    request_animation_frame(|| {
        if is_lost() {
            lead_to(&LAYERS);
        }
    });
}

/// Focuses the first of these selectors' elements that there is.
pub fn lead_to(selectors: &[&str]) {
    let found = selectors
        .iter()
        .find_map(|selector| document().query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Focuses a button that is shown from the next frame on.
pub fn lead_to_button(button: NodeRef<html::Button>) {
    request_animation_frame(move || {
        if let Some(button) = button.try_get_untracked().flatten() {
            button.focus().ok();
        }
    });
}

/// Whether nothing has the focus, or something that is not shown.
pub fn is_lost() -> bool {
    document().active_element().is_none_or(|focused| {
        focused.tag_name() == "BODY" || focused.get_bounding_client_rect().width() == 0.0
    })
}

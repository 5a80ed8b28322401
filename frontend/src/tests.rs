//! Components, as people meet them: found by label and role in a real browser.

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::tick;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, EventInit, HtmlElement, HtmlInputElement};

use crate::api::Authed;
use crate::components::provide_picker;
use crate::pages::{NotFound, Register};
use crate::prepare::provide_cleaning;
use crate::router::provide_router;
use crate::session::provide_session;
use crate::text;
use crate::theme::provide_theme;
use crate::toasts::{provide_toasts, use_toasts};

wasm_bindgen_test_configure!(run_in_browser);

/// A mounted part of the page, removed when dropped.
struct Mounted {
    root: HtmlElement,
    _mounted: Box<dyn std::any::Any>,
}

impl Mounted {
    async fn show<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&root).unwrap();
        let app = || {
            provide_router();
            let session = provide_session();
            provide_theme();
            provide_cleaning();
            provide_toasts();
            provide_picker();
            provide_context(Authed::new("token", session));
            view()
        };
        let mounted = mount_to(root.clone(), app);
        tick().await;
        Self {
            root,
            _mounted: Box::new(mounted),
        }
    }

    fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    fn input(&self, name: &str) -> HtmlInputElement {
        self.root
            .query_selector(&format!("input[name={name}]"))
            .unwrap()
            .unwrap()
            .unchecked_into()
    }

    async fn type_into(&self, name: &str, value: &str) {
        let input = self.input(name);
        input.focus().unwrap();
        input.set_value(value);
        let bubbles = EventInit::new();
        bubbles.set_bubbles(true);
        input
            .dispatch_event(&Event::new_with_event_init_dict("input", &bubbles).unwrap())
            .unwrap();
        input.dispatch_event(&Event::new("blur").unwrap()).unwrap();
        tick().await;
    }

    async fn press(&self, name: &str) {
        let buttons = self.root.query_selector_all("button").unwrap();
        let button = (0..buttons.length())
            .filter_map(|at| buttons.item(at))
            .find(|button| {
                button
                    .text_content()
                    .is_some_and(|text| text.contains(name))
            })
            .unwrap();
        button.unchecked_into::<HtmlElement>().click();
        tick().await;
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.root.remove();
    }
}

#[wasm_bindgen_test]
async fn the_register_form_says_which_rule_an_answer_breaks() {
    let page = Mounted::show(|| view! { <Register /> }).await;
    page.type_into("username", "a b").await;
    assert!(
        page.text()
            .contains("Use letters a-z, digits, - and _ only."),
        "{}",
        page.text()
    );
    page.type_into("username", "ada").await;
    assert!(page.text().contains(text::USERNAME_HINT));
    assert_eq!(page.input("username").get_attribute("aria-invalid"), None);
}

#[wasm_bindgen_test]
async fn an_empty_register_form_is_not_sent_and_the_first_mistake_gets_the_focus() {
    let page = Mounted::show(|| view! { <Register /> }).await;
    assert!(!page.text().contains("Use at least"));
    page.press(text::REGISTER).await;
    assert!(
        page.text().contains("Use at least 3 characters.")
            && page.text().contains("Use at least 8 characters.")
    );
    assert!(
        page.text()
            .contains("Enter an address like name@example.com.")
    );
    let focused = document().active_element().unwrap();
    assert_eq!(focused.id(), "username");
}

#[wasm_bindgen_test]
async fn a_password_can_be_shown_and_hidden() {
    let page = Mounted::show(|| view! { <Register /> }).await;
    assert_eq!(page.input("password").type_(), "password");
    page.press(text::SHOW).await;
    assert_eq!(page.input("password").type_(), "text");
    page.press(text::HIDE).await;
    assert_eq!(page.input("password").type_(), "password");
}

#[wasm_bindgen_test]
async fn an_empty_gallery_invites_a_drop_and_offers_to_browse() {
    let page = Mounted::show(|| view! { <crate::pages::EmptyGallery /> }).await;
    assert!(page.text().contains(text::EMPTY_TITLE));
    page.press(text::BROWSE).await;
}

#[wasm_bindgen_test]
async fn an_unknown_address_leads_home() {
    let page = Mounted::show(|| view! { <NotFound /> }).await;
    let link = page.root.query_selector("a[href='/']").unwrap().unwrap();
    assert_eq!(link.text_content().as_deref(), Some(text::GO_HOME));
}

#[wasm_bindgen_test]
async fn a_notice_can_be_undone_once() {
    let undone = RwSignal::new(0);
    let page = Mounted::show(move || {
        use_toasts().undoable(text::deleted(1), text::UNDO, move || {
            undone.update(|count| *count += 1);
        });
        view! { <crate::components::ToastStack /> }
    })
    .await;
    assert!(page.text().contains(&text::deleted(1)));
    page.press(text::UNDO).await;
    assert_eq!(undone.get_untracked(), 1);
    assert!(!page.text().contains(&text::deleted(1)));
}

#[wasm_bindgen_test]
fn sizes_are_short_words() {
    let words = [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (2_340_000, "2.3 MB"),
        (25_000_000, "25 MB"),
        (467_890, "467 KB"),
    ];
    for (bytes, expected) in words {
        assert_eq!(text::file_size(bytes), expected);
    }
    assert_eq!(
        text::list(&["location", "camera", "comment"]),
        "location, camera and comment"
    );
}

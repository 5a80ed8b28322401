//! The behaviour of all copy buttons, and the form in which links are copied.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, Snippet};

use crate::toasts::Toasts;
use crate::watch::watch_since;
use crate::{clipboard, local_storage, text};

const SHOWN: Duration = Duration::from_secs(2);
const KEY: &str = "tintype.copy-as";

/// The form in which a picture's link is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFormat {
    /// The address of its share page.
    Page,
    Snippet(Snippet),
}

impl CopyFormat {
    /// Every form.
    pub const ALL: [Self; 5] = [
        Self::LINK,
        Self::Page,
        Self::Snippet(Snippet::Markdown),
        Self::Snippet(Snippet::Html),
        Self::Snippet(Snippet::BbCode),
    ];
    /// The address of the picture itself.
    pub const LINK: Self = Self::Snippet(Snippet::Link);

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => text::PAGE,
            Self::Snippet(snippet) => snippet.name(),
        }
    }

    /// The form with this name, or else the link.
    pub fn named(name: &str) -> Self {
        let named = Self::ALL.into_iter().find(|form| form.name() == name);
        named.unwrap_or(Self::LINK)
    }

    /// What is copied. A private picture has no share page: where that would be, there is the picture's link.
    pub fn write(self, image: &Image) -> String {
        match self {
            Self::Page => image
                .links
                .page
                .as_ref()
                .unwrap_or(&image.links.original)
                .clone(),
            Self::Snippet(snippet) => snippet.write(image),
        }
    }
}

/// Provides the form that was chosen last, on this device, to everything below.
pub fn provide_copy_format() {
    let stored = local_storage::get(KEY).unwrap_or_default();
    let format = RwSignal::new(CopyFormat::named(&stored));
    provide_context(format);
    watch_since(move |before: Option<CopyFormat>| {
        let now = format.get();
        if before.is_some_and(|before| before != now) {
            local_storage::set(KEY, now.name());
        }
        now
    });
}

/// The form that was chosen last.
pub fn use_copy_format() -> RwSignal<CopyFormat> {
    expect_context()
}

/// The label of a copy button: its name, or "copied" for two seconds.
#[derive(Clone, Copy)]
pub struct CopyLabel {
    name: &'static str,
    done: RwSignal<bool>,
}

impl CopyLabel {
    /// A button with this name.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            done: RwSignal::new(false),
        }
    }

    /// The label, tracked.
    pub fn get(self) -> &'static str {
        if self.done.get() {
            text::COPIED
        } else {
            self.name
        }
    }

    /// Says for two seconds, and to screen readers at once, that it is copied.
    pub fn done(self, toasts: Toasts, words: &'static str) {
        self.done.try_set(true);
        toasts.announce(words);
        set_timeout(
            move || {
                self.done.try_set(false);
            },
            SHOWN,
        );
    }
}

/// A button that copies, and beside it the choice of the form.
#[component]
pub fn CopyIn(
    label: CopyLabel,
    copy: Callback<CopyFormat>,
    #[prop(optional, into)] hidden: Signal<bool>,
) -> impl IntoView {
    let format = use_copy_format();
    let option = move |one: CopyFormat| {
        view! { <option prop:selected=move || format.get() == one>{one.name()}</option> }
    };
    view! {
        <div class="copy-in" hidden=hidden>
            <button type="button" on:click=move |_| copy.run(format.get_untracked())>
                {move || label.get()}
            </button>
            <select aria-label=text::COPY_AS on:change=move |event| format.set(CopyFormat::named(&event_target_value(&event)))>
                {CopyFormat::ALL.map(option)}
            </select>
        </div>
    }
}

/// Copies `content` and announces it in `label` and to screen readers. `fallback` runs if the browser refuses to copy.
pub fn copy_with_notice(
    content: String,
    label: CopyLabel,
    toasts: Toasts,
    fallback: impl FnOnce() + 'static,
) {
    spawn_local(async move {
        if clipboard::copy(&content).await {
            label.done(toasts, text::LINK_COPIED);
        } else {
            toasts.show(text::CANNOT_COPY);
            fallback();
        }
    });
}

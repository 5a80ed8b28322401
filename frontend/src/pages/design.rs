//! `/design`: the tokens and the components, live. Only builds with the feature `design` have it: `just design`.

use leptos::prelude::*;
use tintype_dto::check_password;

use crate::components::{
    CopyLabel, Field, FieldState, Icon, Logo, ThemeChoice, copy_with_notice, page_title, required,
};
use crate::toasts::use_toasts;

const COLOURS: [(&str, &str); 16] = [
    ("paper", "behind everything"),
    ("sheet", "fields, buttons"),
    ("raised", "what lies above the page"),
    ("ink", "words"),
    ("soft", "words beside words"),
    ("line", "edges of surfaces"),
    ("field-line", "edges of what is filled in"),
    ("hover", "under the pointer"),
    ("iron", "the accent: one thing a view"),
    ("on-iron", "words on it"),
    ("iron-strong", "the accent under the pointer"),
    ("iron-wash", "chosen, marked"),
    ("mat", "around an open picture"),
    ("ok", "it worked"),
    ("bad", "it did not"),
    ("shadow", "above the page"),
];
const SPACES: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];
const RADII: [&str; 4] = ["r1", "r2", "r3", "pill"];
const SIZES: [(&str, &str); 3] = [
    ("large", "Headings, 22"),
    ("text", "Everything, 15"),
    ("small", "Hints and labels, 13"),
];
const ICONS: [(&str, Icon); 7] = [
    ("Plus", Icon::Plus),
    ("Close", Icon::Close),
    ("Left", Icon::Left),
    ("Right", Icon::Right),
    ("Lock", Icon::Lock),
    ("Tick", Icon::Tick),
    ("Zoom", Icon::Zoom),
];

/// The whole sheet.
#[component]
pub fn Design() -> impl IntoView {
    page_title(|| Some("Design".into()));
    view! {
        <main class="design">
            <header>
                <Logo />
                <h1>"Tintype, its parts"</h1>
                <ThemeChoice />
            </header>
            <Colours />
            <Measures />
            <Buttons />
            <Fields />
            <Messages />
        </main>
    }
}

#[component]
fn Colours() -> impl IntoView {
    let swatch = |(name, use_for): (&'static str, &'static str)| {
        view! {
            <li>
                <span class=format!("swatch {name}")></span>
                <code>{format!("--{name}")}</code>
                <small>{use_for}</small>
            </li>
        }
    };
    view! {
        <section aria-labelledby="colours">
            <h2 id="colours">"Colours"</h2>
            <ul class="swatches">{COLOURS.map(swatch)}</ul>
        </section>
    }
}

#[component]
fn Measures() -> impl IntoView {
    let shown_as = |shape: &'static str| {
        move |name: &'static str| {
            view! {
                <li>
                    <span class=format!("{shape} {name}")></span>
                    <code>{format!("--{name}")}</code>
                </li>
            }
        }
    };
    let size = |(name, words): (&'static str, &'static str)| view! { <p class=format!("size {name}")>{words}</p> };
    view! {
        <section aria-labelledby="measures">
            <h2 id="measures">"Type, space, corners"</h2>
            <div class="parts">{SIZES.map(size)}</div>
            <ul class="parts">{SPACES.map(shown_as("bar"))}</ul>
            <ul class="parts">{RADII.map(shown_as("corner"))}</ul>
        </section>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let copy = CopyLabel::new("Copies its name");
    let toasts = use_toasts();
    let icon = |(name, icon): (&'static str, Icon)| {
        view! {
            <button type="button" class="round" aria-label=name>
                {icon.view()}
            </button>
        }
    };
    view! {
        <section aria-labelledby="buttons">
            <h2 id="buttons">"Buttons"</h2>
            <div class="parts">
                <button type="button" class="button primary">"Primary"</button>
                <button type="button" class="button">"Plain"</button>
                <button type="button" class="button quiet">"Quiet"</button>
                <button type="button" class="button quiet danger">"Danger"</button>
                <button type="button" class="button primary" aria-disabled="true">"At work"</button>
                <button type="button" class="button" on:click=move |_| copy_with_notice("Tintype".into(), copy, toasts, || ())>
                    {move || copy.get()}
                </button>
            </div>
            <div class="parts">{ICONS.map(icon)}</div>
            <div class="parts">
                <kbd>"Esc"</kbd>
                <span class="spinner"></span>
            </div>
        </section>
    }
}

#[component]
fn Fields() -> impl IntoView {
    let (plain, wrong, password) = (
        FieldState::new(required),
        FieldState::new(required),
        FieldState::new(check_password),
    );
    wrong.refuse("This name is taken: choose another.".into());
    view! {
        <section aria-labelledby="fields">
            <h2 id="fields">"Fields"</h2>
            <div class="columns">
                <Field state=plain name="plain" label="A field" hint="What belongs here." autocomplete="off" />
                <Field state=wrong name="wrong" label="A field with a mistake" autocomplete="off" />
                <Field state=password name="password" label="A password" kind="password" hint="8 characters at least." autocomplete="off" />
            </div>
            <label class="check">
                <input type="checkbox" checked />
                "A choice of yes and no"
            </label>
        </section>
    }
}

#[component]
fn Messages() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <section aria-labelledby="messages">
            <h2 id="messages">"Saying what happened"</h2>
            <p class="notice">"A notice: what happened, and what to do next."</p>
            <p class="notice bad">"A notice that something did not work."</p>
            <div class="parts">
                <button type="button" class="button" on:click=move |_| toasts.show("It is done.")>
                    "Toast"
                </button>
                <button type="button" class="button" on:click=move |_| toasts.undoable("It is deleted.", "Undo", || ())>
                    "Toast with undo"
                </button>
            </div>
        </section>
    }
}

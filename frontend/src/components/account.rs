//! The account menu: the user, the theme, settings and log out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Usage, User};

use super::shortcuts::use_shortcuts;
use crate::api::use_api;
use crate::router::use_router;
use crate::session::use_session;
use crate::text;
use crate::theme::{Theme, use_theme};

/// The account button and its menu: a native popover, which closes on Escape and on a click elsewhere.
#[component]
pub fn Account() -> impl IntoView {
    let (session, router, shortcuts) = (use_session(), use_router(), use_shortcuts());
    let (api, leaving) = (use_api(), StoredValue::new(use_api()));
    // The page is logged out at once; that the server hears of it is worth no wait.
    let log_out = move |_| {
        let api = leaving.get_value();
        spawn_local(async move { drop(api.log_out().await) });
        session.log_out();
    };
    let refresh = move || {
        let api = api.clone();
        spawn_local(async move {
            if let Ok(user) = api.me().await {
                session.set_user(user);
            }
        });
    };
    refresh();
    let initials = move || session.user().map(|user| initials(&user.username));
    view! {
        <button type="button" class="avatar" popovertarget="account" aria-label=text::ACCOUNT data-initials=initials on:click=move |_| refresh()>
        </button>
        <div id="account" class="account" popover="auto" role="dialog" aria-label=text::ACCOUNT>
            {move || session.user().map(|user| view! { <AccountSummary user /> })}
            <ThemeChoice />
            <hr />
            <button type="button" class="button" popovertarget="account" popovertargetaction="hide" on:click=move |_| router.go("/settings")>
                {text::SETTINGS}
            </button>
            <button type="button" class="button" popovertarget="account" popovertargetaction="hide" on:click=move |_| router.go("/trash")>
                {text::TRASH}
            </button>
            <button type="button" class="button" on:click=log_out>
                {text::LOG_OUT}
            </button>
            <p class="foot">
                <a href="/docs" rel="external" target="_blank">
                    {text::API_DOCS}
                </a>
                <button type="button" class="link" popovertarget="account" popovertargetaction="hide" on:click=move |_| shortcuts.open()>
                    {text::SHORTCUTS}
                </button>
                <span>{concat!("Tintype ", env!("CARGO_PKG_VERSION"))}</span>
            </p>
        </div>
    }
}

/// The user, and how much storage is in use.
#[component]
pub fn AccountSummary(user: User) -> impl IntoView {
    let Usage {
        images,
        bytes,
        quota_bytes,
    } = user.usage;
    view! {
        <div>
            <p class="name">{user.username}</p>
            <p class="mail">{user.email}</p>
        </div>
        <div>
            <p class="label">{text::USAGE}</p>
            <p>{text::usage(images, bytes, quota_bytes)}</p>
            {quota_bytes.map(|quota| view! { <Meter used=bytes quota /> })}
        </div>
    }
}

#[component]
fn Meter(used: u64, quota: u64) -> impl IntoView {
    let percent = (used.saturating_mul(100) / quota.max(1)).min(100);
    view! {
        <div class="meter" aria-hidden="true">
            <div style:width=format!("{percent}%")></div>
        </div>
    }
}

/// Light, dark or the system's theme.
#[component]
pub fn ThemeChoice(
    /// The name of the radio buttons, unique on the page.
    #[prop(default = "theme")]
    name: &'static str,
) -> impl IntoView {
    let theme = use_theme();
    let choice = move |one: Theme| {
        let label = match one {
            Theme::System => text::THEME_SYSTEM,
            Theme::Light => text::THEME_LIGHT,
            Theme::Dark => text::THEME_DARK,
        };
        view! {
            <label>
                <input type="radio" name=name prop:checked=move || theme.get() == one on:change=move |_| theme.set(one) />
                {label}
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>{text::THEME}</legend>
            <div class="choices">{Theme::ALL.map(choice)}</div>
        </fieldset>
    }
}

/// One or two letters for the button: the initials of the first two words of a name, or its start.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split(['-', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [first, second, ..] => first
            .chars()
            .take(1)
            .chain(second.chars().take(1))
            .collect(),
        _ => name.chars().take(2).collect(),
    }
}

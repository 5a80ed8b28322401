//! `/settings`: the account, how the page looks, and what happens to pictures before they are sent.

mod api_tokens;
mod client_kit;
mod delete_account;
mod password;
mod sessions;
mod take_along;

use leptos::prelude::*;

use self::api_tokens::ApiTokens;
use self::delete_account::DeleteAccount;
use self::password::ChangePassword;
use self::sessions::Sessions;
use self::take_along::TakeAlong;
use crate::components::{AccountSummary, ThemeChoice};
use crate::prepare::use_cleaning;
use crate::session::use_session;
use crate::text;
use crate::upload::use_copy_at_end;

/// All of it on one sheet.
#[component]
pub fn Settings() -> impl IntoView {
    let session = use_session();
    view! {
        <div class="settings">
            <h1>{text::SETTINGS}</h1>
            <section>
                <h2>{text::ACCOUNT}</h2>
                {move || session.user().map(|user| view! { <AccountSummary user /> })}
            </section>
            <section>
                <ThemeChoice name="theme-setting" />
            </section>
            <section>
                <h2>{text::UPLOADS}</h2>
                <Switch switch=use_cleaning() name=text::CLEAN_HERE hint=text::CLEAN_HERE_HINT id="cleaning-hint" />
                <Switch switch=use_copy_at_end() name=text::COPY_AT_END hint=text::COPY_AT_END_HINT id="copy-hint" />
            </section>
            <ApiTokens />
            <ChangePassword />
            <Sessions />
            <TakeAlong />
            <DeleteAccount />
        </div>
    }
}

/// A switch that this browser remembers, and what it means.
#[component]
fn Switch(
    switch: RwSignal<bool>,
    name: &'static str,
    hint: &'static str,
    id: &'static str,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                aria-describedby=id
                prop:checked=switch
                on:change:target=move |event| switch.set(event.target().checked())
            />
            {name}
        </label>
        <p class="hint" id=id>
            {hint}
        </p>
    }
}

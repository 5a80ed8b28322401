//! `/settings`: the account, how the page looks, and what happens to pictures before they are sent.

mod api_tokens;
mod client_kit;
mod delete_account;
mod password;
mod sessions;

use leptos::prelude::*;

use self::api_tokens::ApiTokens;
use self::delete_account::DeleteAccount;
use self::password::ChangePassword;
use self::sessions::Sessions;
use crate::components::{AccountSummary, ThemeChoice};
use crate::prepare::use_cleaning;
use crate::session::use_session;
use crate::text;

/// All of it on one sheet.
#[component]
pub fn Settings() -> impl IntoView {
    let session = use_session();
    let cleaning = use_cleaning();
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
                <label class="check">
                    <input
                        type="checkbox"
                        aria-describedby="cleaning-hint"
                        prop:checked=cleaning
                        on:change:target=move |event| cleaning.set(event.target().checked())
                    />
                    {text::CLEAN_HERE}
                </label>
                <p class="hint" id="cleaning-hint">
                    {text::CLEAN_HERE_HINT}
                </p>
            </section>
            <ApiTokens />
            <ChangePassword />
            <Sessions />
            <DeleteAccount />
        </div>
    }
}

//! The settings' section that deletes the account.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{DeleteAccount as Proof, ProblemCode};

use crate::api::use_api;
use crate::components::{Field, FieldState, required};
use crate::session::use_session;
use crate::text;
use crate::toasts::use_toasts;

/// Deletes the account, which can't be undone, so it asks for the password.
#[component]
pub fn DeleteAccount() -> impl IntoView {
    let (session, toasts, api) = (use_session(), use_toasts(), StoredValue::new(use_api()));
    let password = FieldState::new(required);
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !FieldState::check(&[password]) {
            return;
        }
        busy.set(true);
        let (proof, api) = (
            Proof {
                password: password.value(),
            },
            api.get_value(),
        );
        spawn_local(async move {
            match api.delete_account(&proof).await {
                Ok(()) => {
                    toasts.show(text::ACCOUNT_DELETED);
                    session.log_out();
                }
                Err(_) if busy.is_disposed() => {}
                Err(error) => {
                    busy.set(false);
                    match error.code() {
                        Some(ProblemCode::WrongPassword) => password.refuse(error.message()),
                        _ => toasts.show(error.message()),
                    }
                }
            }
        });
    };
    view! {
        <section>
            <h2>{text::DELETE_ACCOUNT}</h2>
            <p class="hint">{text::DELETE_ACCOUNT_HINT}</p>
            <details>
                <summary class="button quiet danger">{text::DELETE_ACCOUNT_OPEN}</summary>
                <form novalidate on:submit=submit>
                    <Field state=password name="delete-password" label=text::PASSWORD kind="password" autocomplete="current-password" />
                    <button class="button danger" aria-disabled=move || busy.get().then_some("true")>
                        {text::DELETE_ACCOUNT_NOW}
                    </button>
                </form>
            </details>
        </section>
    }
}

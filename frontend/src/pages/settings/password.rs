//! The settings' section on the password.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{ChangePassword as Change, ProblemCode, check_password};

use crate::api::use_api;
use crate::components::{Field, FieldState, required};
use crate::session::use_session;
use crate::text;
use crate::toasts::use_toasts;

/// Changes the password, and ends other sessions.
#[component]
pub fn ChangePassword() -> impl IntoView {
    let (session, toasts, api) = (use_session(), use_toasts(), StoredValue::new(use_api()));
    let (current, new) = (FieldState::new(required), FieldState::new(check_password));
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !FieldState::check(&[current, new]) {
            return;
        }
        busy.set(true);
        problem.set(None);
        let (change, api) = (
            Change {
                current_password: current.value(),
                new_password: new.value(),
            },
            api.get_value(),
        );
        spawn_local(async move {
            match api.change_password(&change).await {
                Ok(fresh) => {
                    toasts.show(text::PASSWORD_CHANGED);
                    session.begin(fresh);
                }
                Err(_) if busy.is_disposed() => {}
                Err(error) => {
                    busy.set(false);
                    match (error.code(), error.field("new_password")) {
                        (Some(ProblemCode::WrongPassword), _) => current.refuse(error.message()),
                        (_, Some(message)) => new.refuse(message),
                        _ => problem.set(Some(error.message())),
                    }
                }
            }
        });
    };
    view! {
        <section>
            <h2>{text::PASSWORD}</h2>
            <form novalidate on:submit=submit>
                <div role="alert">{move || problem.get().map(|problem| view! { <p class="notice bad">{problem}</p> })}</div>
                <Field
                    state=current
                    name="current-password"
                    label=text::CURRENT_PASSWORD
                    kind="password"
                    autocomplete="current-password"
                />
                <Field
                    state=new
                    name="new-password"
                    label=text::NEW_PASSWORD
                    hint=text::PASSWORD_HINT
                    kind="password"
                    autocomplete="new-password"
                />
                <button class="button" aria-disabled=move || busy.get().then_some("true")>
                    {text::CHANGE_PASSWORD}
                </button>
            </form>
        </section>
    }
}

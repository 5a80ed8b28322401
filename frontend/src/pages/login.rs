//! `/login`: logging in.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{LogIn as Credentials, Registration};

use super::auth::{AuthPage, Brand, keeping_next, redirect_when_signed_in};
use crate::api::Public;
use crate::components::{Field, FieldState, page_title, required};
use crate::session::use_session;
use crate::text;
use crate::upload::use_uploads;

/// `/login`
#[component]
pub fn LogIn() -> impl IntoView {
    let (session, uploads) = (use_session(), use_uploads());
    page_title(|| Some(text::LOG_IN.into()));
    redirect_when_signed_in();
    let (username, password) = (FieldState::new(required), FieldState::new(required));
    // Nobody is sent to a form that makes no account.
    let closed = RwSignal::new(false);
    spawn_local(async move {
        if let Ok(limits) = Public.limits().await {
            closed.try_set(limits.registration == Registration::Closed);
        }
    });
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !FieldState::check(&[username, password]) {
            return;
        }
        busy.set(true);
        problem.set(None);
        let credentials = Credentials {
            username: username.value(),
            password: password.value(),
        };
        spawn_local(async move {
            match Public.log_in(&credentials).await {
                Ok(new) => session.begin(new),
                Err(_) if busy.is_disposed() => {}
                Err(error) => {
                    problem.set(Some(error.message()));
                    busy.set(false);
                    password.focus();
                }
            }
        });
    };
    let ended = move || {
        let waiting = uploads.with(|queue| queue.totals().open);
        let waiting = (waiting > 0).then(|| text::upload::wait_for_log_in(waiting));
        (session.expired() && problem.with(Option::is_none))
            .then(|| view! { <p class="notice">{text::SESSION_ENDED} " " {waiting}</p> })
    };
    view! {
        <AuthPage>
            <form novalidate on:submit=submit>
                <Brand />
                <h1>{text::LOG_IN_TITLE}</h1>
                {ended}
                <div role="alert">{move || problem.get().map(|problem| view! { <p class="notice bad">{problem}</p> })}</div>
                <Field state=username name="username" label=text::USERNAME_OR_EMAIL autocomplete="username" focus=true />
                <Field state=password name="password" label=text::PASSWORD kind="password" autocomplete="current-password" />
                <button class="button primary wide" aria-disabled=move || busy.get().then_some("true")>
                    {move || if busy.get() { text::LOGGING_IN } else { text::LOG_IN }}
                </button>
                <p class="other">{text::FORGOTTEN}</p>
                <p class="other" hidden=move || closed.get()>
                    {text::NEW_HERE}
                    " "
                    <a href=keeping_next("/register")>{text::REGISTER}</a>
                </p>
            </form>
        </AuthPage>
    }
}

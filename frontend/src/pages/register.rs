//! `/register`: a new account.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{
    ProblemCode, RegisterUser, Registration, check_email, check_password, check_username,
};

use super::auth::{AuthPage, Brand, keeping_next, redirect_when_signed_in};
use crate::api::{ApiError, Public};
use crate::components::{Field, FieldState, page_title};
use crate::session::use_session;
use crate::text;

#[derive(Clone, Copy)]
struct Form {
    username: FieldState,
    email: FieldState,
    password: FieldState,
}

/// `/register`
#[component]
pub fn Register() -> impl IntoView {
    let session = use_session();
    page_title(|| Some(text::REGISTER.into()));
    redirect_when_signed_in();
    let form = Form::new();
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<String>));
    warn_when_closed(problem);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !form.check() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let account = form.account();
        spawn_local(async move {
            match Public.register(&account).await {
                Ok(new) => session.begin(new),
                Err(_) if busy.is_disposed() => {}
                Err(error) => {
                    problem.set(form.explain(&error));
                    busy.set(false);
                }
            }
        });
    };
    let Form {
        username,
        email,
        password,
    } = form;
    view! {
        <AuthPage>
            <form novalidate on:submit=submit>
                <Brand />
                <h1>{text::REGISTER_TITLE}</h1>
                <div role="alert">{move || problem.get().map(|problem| view! { <p class="notice bad">{problem}</p> })}</div>
                <Field state=username name="username" label=text::USERNAME hint=text::USERNAME_HINT autocomplete="username" focus=true />
                <Field state=email name="email" label=text::EMAIL kind="email" autocomplete="email" />
                <Field
                    state=password
                    name="password"
                    label=text::PASSWORD
                    hint=text::PASSWORD_HINT
                    kind="password"
                    autocomplete="new-password"
                />
                <button class="button primary wide" aria-disabled=move || busy.get().then_some("true")>
                    {move || if busy.get() { text::REGISTERING } else { text::REGISTER }}
                </button>
                <p class="other">{text::REGISTERED_ALREADY} " " <a href=keeping_next("/login")>{text::LOG_IN}</a></p>
            </form>
        </AuthPage>
    }
}

impl Form {
    fn new() -> Self {
        Self {
            username: FieldState::new(|text| check_username(text.trim()).map(drop)),
            email: FieldState::new(|text| check_email(text.trim()).map(drop)),
            password: FieldState::new(check_password),
        }
    }

    fn check(self) -> bool {
        FieldState::check(&[self.username, self.email, self.password])
    }

    fn account(self) -> RegisterUser {
        RegisterUser {
            username: self.username.value().trim().to_owned(),
            email: self.email.value().trim().to_owned(),
            password: self.password.value(),
        }
    }

    /// Shows the server's errors at their fields; returns the message if it belongs to none.
    fn explain(self, error: &ApiError) -> Option<String> {
        match error.code() {
            Some(ProblemCode::UsernameTaken) => self.username.refuse(error.message()),
            Some(ProblemCode::EmailTaken) => self.email.refuse(error.message()),
            _ => {
                let fields = [
                    ("password", self.password),
                    ("email", self.email),
                    ("username", self.username),
                ];
                let shown = fields
                    .map(|(name, state)| error.field(name).map(|message| state.refuse(message)));
                return shown.iter().all(Option::is_none).then(|| error.message());
            }
        }
        None
    }
}

fn warn_when_closed(problem: RwSignal<Option<String>>) {
    spawn_local(async move {
        if Public
            .limits()
            .await
            .is_ok_and(|limits| limits.registration == Registration::Closed)
        {
            problem.try_set(Some(text::REGISTRATION_CLOSED.into()));
        }
    });
}

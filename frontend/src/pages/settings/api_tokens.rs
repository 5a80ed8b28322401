//! The settings' section on API tokens: what programs have in place of a password.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{ApiToken, CreateApiToken, Scope, check_token_name};
use uuid::Uuid;

use super::client_kit::ClientKit;
use crate::api::use_api;
use crate::components::{CopyLabel, Field, FieldState, ListRow, copy_with_notice, rows};
use crate::dates;
use crate::text;
use crate::toasts::use_toasts;
use crate::watch::watch;

/// How long a token may work, days; `0`: until it is revoked.
const DAYS: [(u32, &str); 4] = [
    (7, text::TOKEN_WEEK),
    (30, text::TOKEN_30_DAYS),
    (365, text::TOKEN_YEAR),
    (0, text::TOKEN_ALWAYS),
];

/// The tokens that there are, a form that makes one, and the secret of the one just made.
#[component]
pub fn ApiTokens() -> impl IntoView {
    let (toasts, api) = (use_toasts(), StoredValue::new(use_api()));
    let tokens = RwSignal::new(Vec::<ApiToken>::new());
    let secret = RwSignal::new(None::<String>);
    spawn_local(async move {
        if let Ok(listed) = api.get_value().api_tokens().await {
            tokens.try_set(listed.items);
        }
    });
    let revoke = Callback::new(move |id: Uuid| {
        spawn_local(async move {
            match api.get_value().revoke_api_token(id).await {
                Ok(()) => {
                    tokens.try_update(|tokens| tokens.retain(|token| token.id != id));
                    toasts.show(text::TOKEN_REVOKED);
                }
                Err(error) => toasts.show(error.message()),
            }
        });
    });
    let list = rows(move || {
        let row = |token: ApiToken| {
            ListRow::new(token.id.as_u128(), move || view! { <Token token revoke /> })
        };
        tokens.get().into_iter().map(row).collect()
    });
    view! {
        <section>
            <h2>{text::API_TOKENS}</h2>
            <p class="hint">
                {text::API_TOKENS_HINT} " " <a href="/docs#tokens" target="_blank">{text::API_TOKENS_DOCS}</a>
            </p>
            <ul node_ref=list class="credentials"></ul>
            {move || secret.get().map(|secret| view! { <Secret secret /> })}
            <MakeToken tokens secret />
        </section>
    }
}

#[component]
fn Token(token: ApiToken, revoke: Callback<Uuid>) -> impl IntoView {
    let (id, asked) = (token.id, RwSignal::new(false));
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.name()).collect();
    let used = token.last_used_at.map_or_else(
        || text::TOKEN_UNUSED.into(),
        |time| text::token_used(&dates::day_name(time, false)),
    );
    let end = token
        .expires_at
        .map(|time| text::token_ends(&dates::moment(time)));
    view! {
        <li>
            <div>
                <p class="name" id=format!("token-{id}")>{token.name}</p>
                <p class="hint">{scopes.join(", ")} " · " {used} {end.map(|end| format!(" · {end}"))}</p>
            </div>
            <button
                type="button"
                class="button quiet danger"
                aria-describedby=format!("token-{id}")
                on:click=move |_| {
                    // It can't be taken back, so it is asked for twice.
                    if asked.get_untracked() {
                        revoke.run(id);
                    }
                    asked.set(true);
                }
                on:blur=move |_| asked.set(false)
            >
                {move || if asked.get() { text::TOKEN_REVOKE_NOW } else { text::TOKEN_REVOKE }}
            </button>
        </li>
    }
}

/// What is shown this once.
#[component]
fn Secret(secret: String) -> impl IntoView {
    let (toasts, label) = (use_toasts(), CopyLabel::new(text::COPY));
    let shown = NodeRef::<html::Input>::new();
    let select = move || {
        if let Some(input) = shown.get_untracked() {
            input.select();
        }
    };
    // What is shown this once is what is looked at next.
    watch(move || {
        if let Some(input) = shown.get() {
            input.focus().ok();
        }
    });
    let (content, kit) = (secret.clone(), secret.clone());
    let copy = move |_| copy_with_notice(content.clone(), label, toasts, select);
    view! {
        <p role="status">{text::TOKEN_SECRET_HINT}</p>
        <div class="code">
            <input node_ref=shown type="text" readonly aria-label=text::TOKEN_SECRET prop:value=secret on:focus=move |_| select() />
            <button type="button" on:click=copy>
                {move || label.get()}
            </button>
        </div>
        <ClientKit secret=kit />
    }
}

#[component]
fn MakeToken(tokens: RwSignal<Vec<ApiToken>>, secret: RwSignal<Option<String>>) -> impl IntoView {
    let (toasts, api) = (use_toasts(), StoredValue::new(use_api()));
    let name = FieldState::new(|text| check_token_name(text, str::to_owned).map(drop));
    let scopes = RwSignal::new(vec![Scope::Upload]);
    let (days, busy) = (RwSignal::new(0_u32), RwSignal::new(false));
    let form = NodeRef::<html::Details>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !FieldState::check(&[name]) || scopes.read_untracked().is_empty()
        {
            return;
        }
        busy.set(true);
        let request = CreateApiToken {
            name: name.value(),
            scopes: scopes.get_untracked(),
            expires_in_days: Some(days.get_untracked()).filter(|days| *days > 0),
        };
        spawn_local(async move {
            match api.get_value().create_api_token(&request).await {
                Ok(made) => {
                    tokens.try_update(|tokens| tokens.insert(0, made.token));
                    secret.try_set(Some(made.secret));
                    name.clear();
                    if let Some(form) = form.get_untracked() {
                        form.set_open(false);
                    }
                }
                Err(error) => match error.field("name") {
                    Some(message) => name.refuse(message),
                    None => toasts.show(error.message()),
                },
            }
            busy.try_set(false);
        });
    };
    view! {
        <details node_ref=form>
            <summary class="button">{text::TOKEN_NEW}</summary>
            <form novalidate on:submit=submit>
                <Field state=name name="token-name" label=text::TOKEN_NAME hint=text::TOKEN_NAME_HINT autocomplete="off" />
                <Scopes scopes />
                <label>
                    {text::TOKEN_FOR}
                    <select on:change:target=move |event| days.set(event.target().value().parse().unwrap_or_default())>
                        {DAYS.map(|(days, name)| view! { <option value=days selected=days == 0>{name}</option> }).collect_view()}
                    </select>
                </label>
                <button class="button" aria-disabled=move || busy.get().then_some("true")>
                    {text::TOKEN_MAKE}
                </button>
            </form>
        </details>
    }
}

/// What it may do, to be ticked.
#[component]
fn Scopes(scopes: RwSignal<Vec<Scope>>) -> impl IntoView {
    let toggle = move |scope: Scope| {
        scopes.update(|scopes| {
            let before = scopes.len();
            scopes.retain(|one| *one != scope);
            if scopes.len() == before {
                scopes.push(scope);
            }
        });
    };
    let boxes = Scope::ALL.map(|scope| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || scopes.with(|scopes| scopes.contains(&scope))
                    on:change=move |_| toggle(scope)
                />
                {text::scope(scope)}
            </label>
        }
    });
    view! {
        <fieldset>
            <legend>{text::TOKEN_MAY}</legend>
            {boxes.collect_view()}
            <p class="hint bad" role="status">
                {move || scopes.with(Vec::is_empty).then_some(text::TOKEN_NOTHING)}
            </p>
        </fieldset>
    }
}

//! The settings' section on sessions: where the user is logged in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::OpenSession;
use uuid::Uuid;

use crate::api::use_api;
use crate::components::{ListRow, rows};
use crate::dates;
use crate::session::use_session;
use crate::text;
use crate::toasts::use_toasts;

/// The sessions that there are, each of which can be ended, and all of them at once.
#[component]
pub fn Sessions() -> impl IntoView {
    let (session, toasts, api) = (use_session(), use_toasts(), StoredValue::new(use_api()));
    let sessions = RwSignal::new(Vec::<OpenSession>::new());
    spawn_local(async move {
        if let Ok(listed) = api.get_value().sessions().await {
            sessions.try_set(listed.items);
        }
    });
    let end = Callback::new(move |id: Uuid| {
        spawn_local(async move {
            match api.get_value().end_session(id).await {
                Ok(()) => {
                    sessions.try_update(|sessions| sessions.retain(|session| session.id != id));
                    toasts.show(text::SESSION_ENDED_THERE);
                }
                Err(error) => toasts.show(error.message()),
            }
        });
    });
    let end_all = move |_| {
        spawn_local(async move {
            match api.get_value().log_out_everywhere().await {
                Ok(()) => session.log_out(),
                Err(error) => toasts.show(error.message()),
            }
        });
    };
    let list = rows(move || {
        let row = |session: OpenSession| {
            ListRow::new(
                session.id.as_u128(),
                move || view! { <Device session end /> },
            )
        };
        sessions.get().into_iter().map(row).collect()
    });
    view! {
        <section>
            <h2>{text::SESSIONS}</h2>
            <ul node_ref=list class="credentials"></ul>
            <p class="hint">{text::EVERYWHERE_HINT}</p>
            <button type="button" class="button" on:click=end_all>
                {text::LOG_OUT_EVERYWHERE}
            </button>
        </section>
    }
}

#[component]
fn Device(session: OpenSession, end: Callback<Uuid>) -> impl IntoView {
    let id = session.id;
    let since = text::session_since(&dates::moment(session.created_at));
    let used = text::token_used(&dates::day_name(session.last_used_at, false));
    let log_out = view! {
        <button
            type="button"
            class="button quiet"
            aria-describedby=format!("session-{id}")
            on:click=move |_| end.run(id)
        >
            {text::LOG_OUT}
        </button>
    };
    view! {
        <li>
            <div>
                <p class="name" id=format!("session-{id}")>{session.device}</p>
                <p class="hint">{since} " · " {used}</p>
            </div>
            {if session.current { view! { <p class="hint">{text::THIS_SESSION}</p> }.into_any() } else { log_out.into_any() }}
        </li>
    }
}

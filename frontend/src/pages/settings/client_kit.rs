//! Files that set programs up to upload, with the token that was made just now.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::UploadClient;

use crate::api::Public;
use crate::text;
use crate::toasts::use_toasts;

/// A choice of programs, and the file for the one that is chosen.
#[component]
pub fn ClientKit(secret: String) -> impl IntoView {
    let (toasts, secret) = (use_toasts(), StoredValue::new(secret));
    let clients = RwSignal::new(Vec::<UploadClient>::new());
    let chosen = RwSignal::new(None::<(UploadClient, String)>);
    spawn_local(async move {
        if let Ok(listed) = Public.clients().await {
            clients.try_set(listed.items);
        }
    });
    let choose = move |name: String| {
        chosen.set(None);
        let client = clients.with_untracked(|all| all.iter().find(|one| one.name == name).cloned());
        let Some(client) = client else { return };
        spawn_local(async move {
            match Public.client(&client.name, &secret.get_value()).await {
                Ok(file) => drop(chosen.try_set(Some((client, file)))),
                Err(error) => toasts.show(error.message()),
            }
        });
    };
    let options = move || {
        let option =
            |client: UploadClient| view! { <option value=client.name>{client.title}</option> };
        clients.get().into_iter().map(option).collect_view()
    };
    let file = move || {
        chosen.get().map(|(client, file)| {
            let content = js_sys::encode_uri_component(&file);
            let address = format!("data:application/octet-stream,{content}");
            view! {
                <p class="hint">{client.about}</p>
                <a class="button" href=address download=client.file_name>
                    {text::TOKEN_FILE}
                </a>
            }
        })
    };
    view! {
        <div>
            <label for="token-program">{text::TOKEN_PROGRAM}</label>
            <select id="token-program" on:change:target=move |event| choose(event.target().value())>
                <option value="">{text::TOKEN_NO_PROGRAM}</option>
                {options}
            </select>
        </div>
        {file}
    }
}

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, Removed, RemovedBy, Visibility};

use super::audience::Audience;
use super::links::Links;
use super::words::{InPlace, Words};
use crate::api::{Authed, use_api};
use crate::library::{Library, use_library};
use crate::router::use_router;
use crate::toasts::{Toasts, use_toasts};
use crate::{dates, text};

/// What is known of a picture, and what can be done with it.
#[component]
pub fn Panel(image: Memo<Image>) -> impl IntoView {
    let filename = image.with_untracked(|image| image.filename.clone());
    view! {
        <aside class="panel">
            <div>
                <h1 class="words">
                    <InPlace words=Words::Title image />
                </h1>
                <p class="file">{filename}</p>
                <div class="words">
                    <InPlace words=Words::Alt image />
                </div>
            </div>
            <Audience image />
            <Links image />
            <Facts image=image.get_untracked() />
            {move || view! { <Actions image=image.get() /> }}
        </aside>
    }
}

#[component]
fn Facts(image: Image) -> impl IntoView {
    let size = format!(
        "{}, {}",
        text::dimensions(image.width, image.height),
        text::file_size(image.size_bytes)
    );
    let kind = image
        .content_type
        .media_type()
        .trim_start_matches("image/")
        .to_ascii_uppercase();
    view! {
        <dl class="facts-list">
            <dt>{text::SIZE}</dt>
            <dd>{size}</dd>
            <dt>{text::TYPE}</dt>
            <dd>{kind}</dd>
            <dt>{text::ADDED}</dt>
            <dd>{dates::moment(image.created_at)}</dd>
            <dt>{text::REMOVED}</dt>
            <dd>{removed(&image.removed)}</dd>
        </dl>
    }
}

/// `location, serial number and comment, before it was sent`
fn removed(removed: &[Removed]) -> String {
    let by = |who| {
        removed
            .iter()
            .filter(|removed| removed.by == who)
            .map(|removed| text::removed(removed.code))
            .collect::<Vec<_>>()
    };
    match (
        by(RemovedBy::Client).as_slice(),
        by(RemovedBy::Server).as_slice(),
    ) {
        ([], []) => text::NOTHING_REMOVED.into(),
        ([], server) => text::list(server),
        (client, []) => text::before_it_was_sent(client),
        (client, server) => format!(
            "{}; {}",
            text::before_it_was_sent(client),
            text::list(server)
        ),
    }
}

#[component]
fn Actions(image: Image) -> impl IntoView {
    let (api, library, toasts, router) = (use_api(), use_library(), use_toasts(), use_router());
    let original = &image.links.original;
    let separator = if original.contains('?') { '&' } else { '?' };
    let download = format!("{original}{separator}download=1");
    // A private picture has no page for others.
    let page = (image.visibility == Visibility::Unlisted).then(|| image.links.page.clone());
    let delete = move |_| {
        router.go("/");
        delete(image.clone(), api.clone(), library, toasts);
    };
    view! {
        <div class="actions">
            <a class="button" href=download rel="external">
                {text::DOWNLOAD}
            </a>
            {page
                .map(|page| {
                    view! {
                        <a class="button" href=page target="_blank" rel="external noopener">
                            {text::SHARE_PAGE}
                        </a>
                    }
                })}
            <button type="button" class="button quiet danger" on:click=delete>
                {text::DELETE}
            </button>
        </div>
    }
}

/// Takes the picture away at once and offers to bring it back; if the server says no, it is back by itself.
fn delete(image: Image, api: Authed, library: Library, toasts: Toasts) {
    library.remove(&[&image]);
    spawn_local(async move {
        match api.delete_image(image.id, false).await {
            Ok(()) => {
                let restore = move || restore(image.id, api.clone(), library, toasts);
                toasts.undoable(text::DELETED, text::UNDO, restore);
            }
            Err(error) => {
                library.put(image);
                toasts.show(error.message());
            }
        }
    });
}

fn restore(id: uuid::Uuid, api: Authed, library: Library, toasts: Toasts) {
    spawn_local(async move {
        match api.restore_image(id).await {
            Ok(image) => {
                library.put(image);
                toasts.announce(text::RESTORED);
            }
            Err(error) => toasts.show(error.message()),
        }
    });
}

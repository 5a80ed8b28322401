//! The panel beside a picture: its details and actions.

use leptos::prelude::*;
use tintype_dto::{Image, Removed, RemovedBy};

use super::inline_edit::{InlineEdit, TextField};
use super::links::Links;
use super::visibility::VisibilityChoice;
use crate::deletion::use_deletion;
use crate::router::use_router;
use crate::{dates, text};

/// The details and actions of a picture.
#[component]
pub fn Panel(image: Memo<Image>) -> impl IntoView {
    let filename = image.with_untracked(|image| image.filename.clone());
    view! {
        <aside class="panel">
            <div>
                <h1 class="inline-edit">
                    <InlineEdit field=TextField::Title image />
                </h1>
                <p class="file">{filename}</p>
                <div class="inline-edit">
                    <InlineEdit field=TextField::Alt image />
                </div>
            </div>
            <VisibilityChoice image />
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
    let (deletion, router) = (use_deletion(), use_router());
    let original = &image.links.original;
    let separator = if original.contains('?') { '&' } else { '?' };
    let download = format!("{original}{separator}download=1");
    // A private picture has no share page.
    let page = image.links.page.clone();
    let delete = move |_| {
        router.go("/");
        deletion.clone().delete(vec![image.clone().into()]);
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

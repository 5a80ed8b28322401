//! The panel beside a picture: its details and actions.

use leptos::prelude::*;
use tintype_dto::{Image, Removed, RemovedBy, UpdateImage, check_alt, check_title};

use super::links::Links;
use super::visibility::VisibilityChoice;
use crate::api::use_api;
use crate::components::{Ends, InlineEdit, InlineText, Saving};
use crate::deletion::use_deletion;
use crate::library::use_library;
use crate::pages::gallery::use_wall_focus;
use crate::router::{image_address, use_router};
use crate::sharing::use_sharing;
use crate::{dates, text};

/// The details and actions of a picture.
#[component]
pub fn Panel(image: Memo<Image>) -> impl IntoView {
    let filename = image.with_untracked(|image| image.filename.clone());
    let [title, alt] = texts(image);
    view! {
        <aside class="panel">
            <Links image />
            <div>
                <h1 class="inline-edit">
                    <InlineEdit text=title />
                </h1>
                <p class="file">{filename}</p>
                <div class="inline-edit">
                    <InlineEdit text=alt />
                </div>
            </div>
            <VisibilityChoice image />
            <EndChoice image />
            <Facts image=image.get_untracked() />
            <Actions image />
        </aside>
    }
}

/// Its title, and what it shows in words.
fn texts(image: Memo<Image>) -> [InlineText; 2] {
    let (api, library) = (StoredValue::new(use_api()), use_library());
    let save = move |change: UpdateImage| {
        let (api, id) = (api.get_value(), image.with_untracked(|image| image.id));
        let saving: Saving = Box::pin(async move {
            library.put(api.update_image(id, &change).await?);
            Ok(())
        });
        saving
    };
    let title = InlineText {
        name: "title",
        label: text::TITLE,
        invitation: text::ADD_TITLE,
        check: check_title,
        value: Signal::derive(move || image.with(|image| image.title.clone())),
        save: Callback::new(move |title| {
            save(UpdateImage {
                title: Some(title),
                ..UpdateImage::default()
            })
        }),
    };
    let alt = InlineText {
        name: "alt",
        label: text::ALT,
        invitation: text::ADD_ALT,
        check: check_alt,
        value: Signal::derive(move || image.with(|image| image.alt.clone())),
        save: Callback::new(move |alt| {
            save(UpdateImage {
                alt: Some(alt),
                ..UpdateImage::default()
            })
        }),
    };
    [title, alt]
}

/// When it ends: changed at once.
#[component]
fn EndChoice(image: Memo<Image>) -> impl IntoView {
    let sharing = use_sharing();
    let choose = Callback::new(move |end| sharing.set_end(&[image.get_untracked().into()], end));
    let end = Signal::derive(move || image.with(|image| image.expires_at));
    view! { <Ends end choose /> }
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
            .map(|removed| removed.code.words())
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
fn Actions(image: Memo<Image>) -> impl IntoView {
    let delete = delete_and_go_on();
    let download = move || {
        image.with(|image| {
            let original = &image.links.original;
            let separator = if original.contains('?') { '&' } else { '?' };
            format!("{original}{separator}download=1")
        })
    };
    // A private picture has no share page.
    let page = Memo::new(move |_| image.with(|image| image.links.page.clone()));
    view! {
        <div class="actions">
            <a class="button" href=download rel="external">
                {text::DOWNLOAD}
            </a>
            <a
                class="button"
                href=move || page.get()
                target="_blank"
                rel="external noopener"
                hidden=move || page.get().is_none()
            >
                {text::SHARE_PAGE}
            </a>
            <button type="button" class="button quiet danger" on:click=move |_| delete(image.get_untracked())>
                {text::DELETE}
            </button>
        </div>
    }
}

/// Deletes the open picture and goes on to the next one; after the last one, back to the gallery.
pub fn delete_and_go_on() -> impl Fn(Image) + Clone + 'static {
    let (deletion, router, library) = (use_deletion(), use_router(), use_library());
    let focus = use_wall_focus();
    move |image: Image| {
        let (newer, older) = untrack(|| library.neighbours(image.id));
        if let Some(next) = older.or(newer) {
            router.replace(&image_address(next));
        } else {
            router.close();
            focus.lead_to_page();
        }
        deletion.clone().delete(vec![image.into()]);
    }
}

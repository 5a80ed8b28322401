//! The view of one file in the upload queue.

use std::sync::Arc;

use leptos::prelude::*;
use tintype_dto::Image;
use web_sys::Url;

use super::item::{FileId, Item, State};
use super::queue::Event;
use super::{Uploads, text, use_uploads};
use crate::components::{CopyFormat, CopyLabel, Icon};
use crate::router::image_address;
use crate::sharing::use_sharing;
use crate::text as common;

/// The file of a row.
#[derive(Clone, Copy)]
struct Entry {
    id: FileId,
    item: Memo<Option<Item>>,
    name: StoredValue<String>,
    uploads: Uploads,
}

impl Entry {
    fn new(id: FileId) -> Self {
        let uploads = use_uploads();
        let item = Memo::new(move |_| uploads.with(|queue| queue.find(id).cloned()));
        let name = StoredValue::new(item.with_untracked(|item| {
            item.as_ref()
                .map(|item| item.name.clone())
                .unwrap_or_default()
        }));
        Self {
            id,
            item,
            name,
            uploads,
        }
    }

    /// Empty for a row that is about to be removed.
    fn read(self, read: fn(&Item) -> String) -> String {
        self.item
            .with(|item| item.as_ref().map(read).unwrap_or_default())
    }

    fn is(self, wanted: fn(&State) -> bool) -> bool {
        self.item
            .with(|item| item.as_ref().is_some_and(|item| wanted(&item.state)))
    }

    fn status(self) -> String {
        self.item.with(|item| {
            item.as_ref()
                .map(|item| status(item, self.uploads))
                .unwrap_or_default()
        })
    }

    /// An accessible name, with the file's in it.
    fn named(self, action: &str) -> String {
        text::named(action, &self.name.get_value())
    }
}

/// One file of the queue: its picture, its name, its progress and its actions. Everything is in the document from the start and shown when
/// it applies: the focus stays where it was, and the page stays small.
#[component]
pub fn Row(id: FileId) -> impl IntoView {
    let entry = Entry::new(id);
    let picture = picture(id, entry.item);
    // Until it is there, it leads nowhere.
    let address = move || {
        let image = entry.item.with(|item| item.as_ref().and_then(image));
        image.map(|image| image_address(image.id))
    };
    let is_not_sending = move || !entry.is(is_sending);
    view! {
        <li class="upload" data-state=move || entry.read(|item| kind(&item.state).into())>
            <img class="picture" src=picture alt="" width="44" height="44" decoding="async" hidden=move || picture.with(String::is_empty) />
            <span class="picture" aria-hidden="true" hidden=move || !picture.with(String::is_empty)>
                {ending(&entry.name.get_value())}
            </span>
            <div class="what">
                <a class="name" title=entry.name.get_value() href=address>
                    {entry.name.get_value()}
                </a>
                <progress
                    max="100"
                    value=move || entry.read(|item| percent(item).to_string())
                    aria-label=entry.named(text::UPLOADS)
                    hidden=is_not_sending
                ></progress>
                <p class="status">{move || entry.status()}</p>
            </div>
            <span class="percent" hidden=is_not_sending>
                {move || entry.read(|item| text::percent(percent(item)))}
            </span>
            <Actions entry />
        </li>
    }
}

/// Copies the link or retries; dismisses or cancels the file.
#[component]
fn Actions(entry: Entry) -> impl IntoView {
    let Entry {
        id, item, uploads, ..
    } = entry;
    let (sharing, copy_label) = (use_sharing(), CopyLabel::new(common::COPY_LINK));
    let main_action = move |_| match item.with_untracked(|item| item.as_ref().and_then(image)) {
        Some(image) => sharing.copy(&[image], CopyFormat::LINK, copy_label),
        None => uploads.step(Event::Retry(id)),
    };
    let main_name = move || {
        if entry.is(is_done) {
            copy_label.get()
        } else {
            text::RETRY
        }
    };
    let leave = move |_| {
        uploads.step(if entry.is(State::has_ended) {
            Event::Dismiss(id)
        } else {
            Event::Cancel(id)
        });
    };
    let leave_name = move || {
        entry.named(if entry.is(State::has_ended) {
            common::DISMISS
        } else {
            text::CANCEL
        })
    };
    view! {
        <button
            type="button"
            class="link-button"
            aria-label=move || entry.named(main_name())
            hidden=move || !entry.is(has_main_action)
            on:click=main_action
        >
            {main_name}
        </button>
        <button type="button" class="icon-button" aria-label=leave_name hidden=move || entry.is(is_done) on:click=leave>
            {Icon::Close.view()}
        </button>
    }
}

fn has_main_action(state: &State) -> bool {
    matches!(
        state,
        State::Done { .. } | State::Failed(_) | State::Cancelled
    )
}

fn is_done(state: &State) -> bool {
    matches!(state, State::Done { .. })
}

fn is_sending(state: &State) -> bool {
    matches!(state, State::Sending { .. })
}

fn image(item: &Item) -> Option<Arc<Image>> {
    match &item.state {
        State::Done { image, .. } => Some(Arc::new((**image).clone())),
        _ => None,
    }
}

fn kind(state: &State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Presigning => "presigning",
        State::Sending { .. } => "sending",
        State::Confirming => "confirming",
        State::Done { .. } => "done",
        State::Refused(_) => "refused",
        State::Failed(_) => "failed",
        State::Resting(_) => "resting",
        State::Cancelled => "cancelled",
    }
}

fn status(item: &Item, uploads: Uploads) -> String {
    match &item.state {
        State::Queued => text::WAITING.into(),
        State::Presigning => text::PREPARING.into(),
        // What the server will never see.
        State::Sending { .. } => {
            text::removed(uploads.removed(item.id).into_iter()).unwrap_or_default()
        }
        State::Confirming => text::CHECKING.into(),
        State::Done {
            already_uploaded: true,
            ..
        } => text::ALREADY_UPLOADED.into(),
        State::Done { image, .. } => {
            match text::removed(image.removed.iter().map(|removed| removed.code)) {
                Some(removed) => format!("{} · {removed}", text::DONE),
                None => text::DONE.into(),
            }
        }
        State::Resting(what_for) => (*what_for).into(),
        State::Refused(why) | State::Failed(why) => why.clone(),
        State::Cancelled => text::CANCELLED.into(),
    }
}

fn percent(item: &Item) -> u64 {
    match item.state {
        State::Sending { sent } => (sent * 100).checked_div(item.size).unwrap_or(100).min(100),
        _ => 0,
    }
}

/// The extension, for a file without a picture.
fn ending(name: &str) -> String {
    name.rsplit_once('.')
        .map(|(_, ending)| {
            ending
                .chars()
                .take(4)
                .collect::<String>()
                .to_ascii_uppercase()
        })
        .unwrap_or_default()
}

/// The thumbnail if there is one, else the file itself; empty for a refused file.
fn picture(id: FileId, item: Memo<Option<Item>>) -> Memo<String> {
    let preview = StoredValue::new(
        use_uploads()
            .file(id)
            .and_then(|file| Url::create_object_url_with_blob(&file).ok()),
    );
    on_cleanup(move || {
        if let Some(url) = preview.try_get_value().flatten() {
            let _ = Url::revoke_object_url(&url);
        }
    });
    Memo::new(move |_| {
        item.with(|item| match item.as_ref().map(|item| &item.state) {
            Some(State::Done { image, .. }) => image.links.thumb.clone(),
            Some(State::Refused(_)) | None => String::new(),
            _ => preview.get_value().unwrap_or_default(),
        })
    })
}

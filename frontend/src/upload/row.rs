use leptos::prelude::*;
use tintype_dto::Image;
use web_sys::Url;

use super::queue::{Event, FileId, Item, State};
use super::{text, use_uploads};
use crate::components::{CopyLabel, Icon, copy_with_notice};
use crate::text as words;
use crate::toasts::use_toasts;

/// One file of the queue: its picture, its name, how far it is, and what can be done about it.
#[component]
pub fn Row(id: FileId) -> impl IntoView {
    let uploads = use_uploads();
    let item = Memo::new(move |_| uploads.with(|queue| queue.find(id).cloned()));
    let name = item.with_untracked(|item| item.as_ref().map(|item| item.name.clone()).unwrap_or_default());
    let kind = Memo::new(move |_| item.with(|item| item.as_ref().map_or("gone", kind)));
    let status = move || item.with(|item| item.as_ref().map(status));
    let sent = Memo::new(move |_| item.with(|item| item.as_ref().and_then(sent)));
    view! {
        <li class="upload" data-state=kind>
            <Picture id item />
            <div class="what">
                <p class="name" title=name.clone()>
                    {name.clone()}
                </p>
                {move || match sent.get() {
                    Some((sent, size)) => {
                        let label = words_for_progress(&name);
                        view! {
                            <progress max=size.to_string() value=sent.to_string() aria-label=label>
                                {text::percent(sent, size)}
                            </progress>
                        }
                            .into_any()
                    }
                    None => view! { <p class="status">{status}</p> }.into_any(),
                }}
            </div>
            {move || sent.get().map(|(sent, size)| view! { <span class="percent">{text::percent(sent, size)}</span> })}
            <Actions id item />
        </li>
    }
}

fn words_for_progress(name: &str) -> String {
    text::named(text::UPLOADS, name)
}

fn kind(item: &Item) -> &'static str {
    match item.state {
        State::Queued => "queued",
        State::Presigning => "presigning",
        State::Sending { .. } => "sending",
        State::Confirming => "confirming",
        State::Done { .. } => "done",
        State::Refused(_) => "refused",
        State::Failed(_) => "failed",
        State::Cancelled => "cancelled",
    }
}

fn status(item: &Item) -> String {
    match &item.state {
        State::Queued => text::WAITING.into(),
        State::Presigning => text::PREPARING.into(),
        State::Sending { sent } => text::percent(*sent, item.size),
        State::Confirming => text::CHECKING.into(),
        State::Done { had_it: true, .. } => text::HAD_IT.into(),
        State::Done { image, .. } => match text::removed(&image.removed) {
            Some(removed) => format!("{} · {removed}", text::DONE),
            None => text::DONE.into(),
        },
        State::Refused(why) | State::Failed(why) => why.clone(),
        State::Cancelled => text::CANCELLED.into(),
    }
}

fn sent(item: &Item) -> Option<(u64, u64)> {
    match item.state {
        State::Sending { sent } => Some((sent, item.size)),
        _ => None,
    }
}

/// The thumbnail once there is one, before that the file itself; for what was refused, the end of its name.
#[component]
fn Picture(id: FileId, item: Memo<Option<Item>>) -> impl IntoView {
    let preview = StoredValue::new(use_uploads().file(id).and_then(|file| Url::create_object_url_with_blob(&file).ok()));
    on_cleanup(move || {
        if let Some(url) = preview.try_get_value().flatten() {
            let _ = Url::revoke_object_url(&url);
        }
    });
    let source = Memo::new(move |_| {
        item.with(|item| match &item.as_ref()?.state {
            State::Done { image, .. } => image.links.thumb.clone().or_else(|| Some(image.links.original.clone())),
            State::Refused(_) => None,
            _ => preview.get_value(),
        })
    });
    let ending = move || {
        let name = item.with(|item| item.as_ref().map(|item| item.name.clone()).unwrap_or_default());
        name.rsplit_once('.').map(|(_, ending)| ending.chars().take(4).collect::<String>().to_uppercase()).unwrap_or_default()
    };
    move || match source.get() {
        Some(src) => view! { <img class="picture" src=src alt="" width="44" height="44" decoding="async" /> }.into_any(),
        None => view! { <span class="picture" aria-hidden="true">{ending()}</span> }.into_any(),
    }
}

#[component]
fn Actions(id: FileId, item: Memo<Option<Item>>) -> impl IntoView {
    let uploads = use_uploads();
    let name = move || item.with_untracked(|item| item.as_ref().map(|item| item.name.clone()).unwrap_or_default());
    // Progress does not build the buttons anew: the focus stays.
    let state = Memo::new(move |_| {
        item.with(|item| {
            item.as_ref().map(|item| match &item.state {
                State::Sending { .. } => State::Sending { sent: 0 },
                other => other.clone(),
            })
        })
    });
    let dismiss = move || {
        let label = text::named(words::DISMISS, &name());
        view! {
            <button type="button" class="icon-button" aria-label=label on:click=move |_| uploads.step(Event::Dismiss(id))>
                {Icon::Close.view()}
            </button>
        }
    };
    let retry = move || {
        let label = text::named(text::RETRY, &name());
        view! {
            <button type="button" class="link-button" aria-label=label on:click=move |_| uploads.step(Event::Retry(id))>
                {text::RETRY}
            </button>
        }
    };
    move || match state.get() {
        None => ().into_any(),
        Some(State::Queued | State::Presigning | State::Sending { .. } | State::Confirming) => {
            let label = text::named(text::CANCEL, &name());
            view! {
                <button type="button" class="icon-button" aria-label=label on:click=move |_| uploads.step(Event::Cancel(id))>
                    {Icon::Close.view()}
                </button>
            }
            .into_any()
        }
        Some(State::Done { image, .. }) => view! { <CopyOne image=*image /> }.into_any(),
        Some(State::Refused(_)) => dismiss().into_any(),
        Some(State::Failed(_) | State::Cancelled) => (retry(), dismiss()).into_any(),
    }
}

#[component]
fn CopyOne(image: Image) -> impl IntoView {
    let (toasts, label) = (use_toasts(), CopyLabel::new(words::COPY_LINK));
    let name = text::named(words::COPY_LINK, &image.filename);
    let link = image.links.original;
    let copy = move |_| copy_with_notice(link.clone(), label, toasts, || {});
    view! {
        <button type="button" class="link-button" aria-label=name on:click=copy>
            {move || label.get()}
        </button>
    }
}

//! The view of the upload queue: a headline, the files, and actions for all of them.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use tintype_dto::Image;

use super::drop_zone::DropZone;
use super::item::{FileId, State};
use super::meter::Meter;
use super::queue::{Event, Hold, Queue, Totals};
use super::row::Row;
use super::{text, use_uploads};
use crate::components::{CopyFormat, CopyIn, CopyLabel};
use crate::sharing::use_sharing;
use crate::toasts::use_toasts;

const TICK: Duration = Duration::from_secs(1);
/// At most this many ended files are shown: a thousand rows would be slow and useless.
const MOST_ENDED: usize = 40;

/// The upload queue, and the window as a drop zone. `crowded`: it shares its place with something else, and is folded until it is opened.
#[component]
pub fn UploadTray(crowded: Memo<bool>) -> impl IntoView {
    let uploads = use_uploads();
    let totals = Memo::new(move |_| uploads.with(Queue::totals));
    let is_empty = Memo::new(move |_| uploads.with(|queue| queue.items().is_empty()));
    let rows = Memo::new(move |_| uploads.with(shown));
    let hold = Memo::new(move |_| uploads.with(Queue::hold));
    let (folded, opened_here) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        if !crowded.get() {
            opened_here.set(false);
        }
    });
    let small = Memo::new(move |_| {
        if crowded.get() {
            !opened_here.get()
        } else {
            folded.get()
        }
    });
    let fold = move |_| {
        let small = small.get_untracked();
        if crowded.get_untracked() {
            opened_here.set(small);
        } else {
            folded.set(!small);
        }
    };
    let is_idle = move || totals.with(|totals| totals.open == 0);
    let speed = speed(totals);
    ask_before_leaving(totals);
    announce_the_end(totals);
    view! {
        <DropZone />
        <section class="tray" class:small=small aria-label=text::UPLOADS hidden=is_empty>
            <header>
                <h2>{move || headline(totals.get(), hold.get())}</h2>
                <span class="speed">{speed}</span>
                <button
                    type="button"
                    class="icon-button fold"
                    aria-expanded=move || (!small.get()).to_string()
                    aria-label=move || if small.get() { text::GROW } else { text::SHRINK }
                    on:click=fold
                >
                    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M6 9l6 6 6-6" />
                    </svg>
                </button>
                <progress
                    class="total"
                    aria-label=text::UPLOADS
                    max=move || totals.get().bytes.max(1).to_string()
                    value=move || totals.get().sent.to_string()
                    hidden=is_idle
                ></progress>
            </header>
            <ul hidden=small>
                <For each=move || rows.get() key=|id| *id children=|id| view! { <Row id /> } />
            </ul>
            <Footer totals hold small />
        </section>
    }
}

/// Active files, then ended ones, the latest first. Waiting files are only counted.
fn shown(queue: &Queue) -> Vec<FileId> {
    let of = |wanted: fn(&State) -> bool| {
        queue
            .items()
            .iter()
            .filter(move |item| wanted(&item.state))
            .map(|item| item.id)
    };
    let active = of(|state| !state.has_ended() && *state != State::Queued);
    let ended: Vec<_> = of(State::has_ended).collect();
    active
        .chain(ended.into_iter().rev().take(MOST_ENDED))
        .collect()
}

fn headline(totals: Totals, hold: Option<Hold>) -> String {
    let Totals {
        open,
        done,
        files,
        failed,
        refused,
        ..
    } = totals;
    match open {
        0 if failed + refused == 0 && done == 0 => text::CANCELLED.into(),
        0 => text::ended(done, failed + refused),
        _ => match hold {
            Some(Hold::Offline) => text::OFFLINE.into(),
            Some(Hold::Paused) => text::PAUSED.into(),
            Some(Hold::Throttled) => text::THROTTLED.into(),
            None => text::uploading(done + failed + refused, files),
        },
    }
}

/// Measures the speed once a second.
fn speed(totals: Memo<Totals>) -> impl Fn() -> String {
    let meter = RwSignal::new(Meter::default());
    let read = move || {
        let totals = totals.get_untracked();
        if totals.open > 0 {
            meter.update(|meter| meter.read(js_sys::Date::now() / 1000.0, totals.sent));
        } else {
            meter.set(Meter::default());
        }
    };
    if let Ok(interval) = set_interval_with_handle(read, TICK) {
        on_cleanup(move || interval.clear());
    }
    move || {
        let (meter, totals) = (meter.get(), totals.get());
        match meter.rate() {
            _ if totals.open == 0 => String::new(),
            _ if meter.has_stalled() => text::STALLED.into(),
            0 => String::new(),
            rate => text::speed(rate, meter.seconds_for(totals.bytes - totals.sent)),
        }
    }
}

#[component]
fn Footer(totals: Memo<Totals>, hold: Memo<Option<Hold>>, small: Memo<bool>) -> impl IntoView {
    let uploads = use_uploads();
    let is_paused = move || hold.get() == Some(Hold::Paused);
    let pause = move |_| {
        uploads.step(if hold.get_untracked() == Some(Hold::Paused) {
            Event::Resume
        } else {
            Event::Pause
        });
    };
    // Pausing holds back waiting files: without any there is nothing to pause.
    let cannot_pause =
        move || totals.with(|totals| totals.waiting == 0) || hold.get() == Some(Hold::Offline);
    let is_idle = move || totals.with(|totals| totals.open == 0);
    let end = move |_| {
        uploads.step(if totals.get_untracked().open == 0 {
            Event::ClearEnded
        } else {
            Event::CancelAll
        });
    };
    view! {
        <footer hidden=small>
            <span class="waiting">{move || waiting_note(totals.get().waiting)}</span>
            <CopyAll totals />
            <button type="button" class="link-button" hidden=cannot_pause on:click=pause>
                {move || if is_paused() { text::RESUME } else { text::PAUSE }}
            </button>
            <button
                type="button"
                class="link-button"
                hidden=move || totals.with(|totals| totals.failed == 0)
                on:click=move |_| uploads.step(Event::RetryAll)
            >
                {text::RETRY_ALL}
            </button>
            <button type="button" class="link-button quiet" on:click=end>
                {move || if is_idle() { text::CLEAR } else { text::CANCEL_ALL }}
            </button>
        </footer>
    }
}

/// Copies the links of all finished uploads, in the chosen form.
#[component]
fn CopyAll(totals: Memo<Totals>) -> impl IntoView {
    let (uploads, sharing) = (use_uploads(), use_sharing());
    let label = CopyLabel::new(text::COPY_ALL);
    let copy = Callback::new(move |format: CopyFormat| {
        sharing.copy(&uploads.with_untracked(images), format, label);
    });
    let has_none = Signal::derive(move || totals.with(|totals| totals.done == 0));
    view! { <CopyIn label copy hidden=has_none /> }
}

fn waiting_note(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        text::waiting(count)
    }
}

/// The pictures of all finished uploads.
fn images(queue: &Queue) -> Vec<Arc<Image>> {
    let done = queue.items().iter().filter_map(|item| match &item.state {
        State::Done { image, .. } => Some(Arc::new((**image).clone())),
        _ => None,
    });
    done.collect()
}

fn ask_before_leaving(totals: Memo<Totals>) {
    let listener = window_event_listener(ev::beforeunload, move |event| {
        if totals.get_untracked().open > 0 {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// Announces the result once everything has ended.
fn announce_the_end(totals: Memo<Totals>) {
    let toasts = use_toasts();
    Effect::new(move |was_open: Option<bool>| {
        let totals = totals.get();
        if was_open == Some(true) && totals.open == 0 && totals.files > 0 {
            toasts.announce(headline(totals, None));
        }
        totals.open > 0
    });
}

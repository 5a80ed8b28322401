//! The view of the upload queue: a headline, the files, and actions for all of them.

use std::time::Duration;

use leptos::prelude::*;

use super::copy_at_end::copy_at_end;
use super::drop_zone::DropZone;
use super::item::{FileId, Item, State, images};
use super::meter::Meter;
use super::queue::{Event, Hold, Queue, Totals};
use super::row::Row;
use super::wake_lock::keep_screen_awake;
use super::{text, use_uploads};
use crate::albums::OneLink;
use crate::components::{self, CopyFormat, CopyIn, CopyLabel, Ends, ListRow, use_copy_format};
use crate::focus;
use crate::sharing::use_sharing;
use crate::text as common;
use crate::toasts::use_toasts;
use crate::watch::{watch, watch_since};

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
    watch(move || {
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
    let speed = speed(totals, hold);
    announce_the_end(totals);
    copy_at_end(totals);
    keep_screen_awake(is_on_its_way(totals, hold));
    let list = components::rows(move || rows.get().into_iter().map(Line::row).collect());
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
            <ul node_ref=list hidden=small></ul>
            <p class="full" hidden=move || !uploads.full.get()>
                {text::FULL}
                " "
                <a href="/trash">{text::EMPTY_TRASH}</a>
            </p>
            <Footer totals hold small />
        </section>
    }
}

/// Whether anything is sent, or would be in a moment.
fn is_on_its_way(totals: Memo<Totals>, hold: Memo<Option<Hold>>) -> Memo<bool> {
    Memo::new(move |_| {
        totals.with(|totals| totals.active > 0 || (totals.open > 0 && hold.get().is_none()))
    })
}

/// A line of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// The head of what was added at one time.
    Batch(u32),
    File(FileId),
}

impl Line {
    fn row(self) -> ListRow {
        match self {
            Self::File(id) => ListRow::new(id, move || view! { <Row id /> }),
            // Above every number of a file.
            Self::Batch(batch) => ListRow::new(
                u64::from(batch) << 32,
                move || view! { <BatchHead batch /> },
            ),
        }
    }
}

/// What failed, always; then what is on its way; then the rest, batch by batch, the latest first. Waiting files are only counted.
fn shown(queue: &Queue) -> Vec<Line> {
    let of = |wanted: fn(&State) -> bool| {
        let items = queue.items().iter();
        items.filter(move |item| wanted(&item.state))
    };
    let file = |item: &Item| Line::File(item.id);
    let mut lines: Vec<_> = of(has_failed).rev().map(file).collect();
    lines.extend(of(|state| !state.has_ended() && *state != State::Queued).map(file));
    let ended: Vec<_> = of(|state| state.has_ended() && !has_failed(state))
        .rev()
        .take(MOST_ENDED)
        .collect();
    let batches = ended.first().map(|item| item.batch) != ended.last().map(|item| item.batch);
    for batch in ended.chunk_by(|a, b| a.batch == b.batch) {
        if batches {
            lines.push(Line::Batch(batch[0].batch));
        }
        lines.extend(batch.iter().map(|item| file(item)));
    }
    lines
}

fn has_failed(state: &State) -> bool {
    matches!(state, State::Failed(_) | State::Refused(_))
}

/// The head of a batch: how many pictures it has, and a button that copies their links.
#[component]
fn BatchHead(batch: u32) -> impl IntoView {
    let (uploads, sharing, format) = (use_uploads(), use_sharing(), use_copy_format());
    let label = CopyLabel::new(text::COPY_ALL);
    let of_it = move |queue: &Queue| {
        let items = queue.items().iter();
        images(items.filter(|item| item.batch == batch))
    };
    let count = Memo::new(move |_| uploads.with(|queue| of_it(queue).len()));
    let copy = move |_| {
        let images = uploads.with_untracked(of_it);
        sharing.copy(&images, format.get_untracked(), label);
    };
    view! {
        <li class="batch" hidden=move || count.get() == 0>
            <span>{move || common::pictures(count.get())}</span>
            <button
                type="button"
                class="link-button"
                aria-label=move || text::named(label.get(), &common::pictures(count.get()))
                on:click=copy
            >
                {move || label.get()}
            </button>
        </li>
    }
}

fn headline(totals: Totals, hold: Option<Hold>) -> String {
    let Totals {
        open,
        done,
        already,
        files,
        failed,
        refused,
        active,
        ..
    } = totals;
    match open {
        0 if files == 0 => text::CANCELLED.into(),
        0 => text::ended(done, already, failed + refused),
        _ => match hold {
            Some(Hold::Offline) => text::OFFLINE.into(),
            Some(Hold::Paused) if active > 0 => text::finishing(active),
            Some(Hold::Paused) => text::PAUSED.into(),
            Some(Hold::Throttled) => text::THROTTLED.into(),
            None => text::uploading(done + already + failed + refused, files),
        },
    }
}

/// Measures the speed once a second.
fn speed(totals: Memo<Totals>, hold: Memo<Option<Hold>>) -> impl Fn() -> String {
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
            // What is held back takes as long as it is held back.
            _ if totals.open == 0 || hold.get().is_some() => String::new(),
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
    let none_failed = Memo::new(move |_| {
        let failed = |item: &Item| matches!(item.state, State::Failed(_));
        uploads.with(|queue| !queue.items().iter().any(failed))
    });
    let is_idle = move || totals.with(|totals| totals.open == 0);
    let end = move |_| {
        uploads.full.set(false);
        // What comes next has nothing to do with these.
        uploads.end.set(None);
        uploads.step(if totals.get_untracked().open == 0 {
            Event::ClearEnded
        } else {
            Event::CancelAll
        });
        focus::keep();
    };
    view! {
        <footer hidden=small>
            <span class="waiting">{move || waiting_note(totals.get().waiting)}</span>
            <EndOfAll />
            <CopyAll totals />
            <button type="button" class="link-button" hidden=cannot_pause on:click=pause>
                {move || if is_paused() { text::RESUME } else { text::PAUSE }}
            </button>
            <button
                type="button"
                class="link-button"
                hidden=none_failed
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

/// When the pictures end: those that have arrived, and those that are on their way.
#[component]
fn EndOfAll() -> impl IntoView {
    let (uploads, sharing) = (use_uploads(), use_sharing());
    let choose = Callback::new(move |end| {
        uploads.end.set(end);
        let arrived = uploads.with_untracked(|queue| images(queue.counted()));
        sharing.set_end(&arrived, end);
    });
    view! { <Ends end=uploads.end choose /> }
}

/// Copies the links of all finished uploads, in the chosen form.
#[component]
fn CopyAll(totals: Memo<Totals>) -> impl IntoView {
    let (uploads, sharing) = (use_uploads(), use_sharing());
    let label = CopyLabel::new(text::COPY_ALL);
    let copy = Callback::new(move |format: CopyFormat| {
        let done = uploads.with_untracked(|queue| images(queue.counted()));
        sharing.copy(&done, format, label);
    });
    // Links of a part would be of no use, and the row is full enough meanwhile.
    let hidden = Signal::derive(move || {
        totals.with(|totals| totals.open > 0 || totals.done + totals.already == 0)
    });
    let few = Signal::derive(move || {
        hidden.get() || totals.with(|totals| totals.done + totals.already < 2)
    });
    let counted = Callback::new(move |()| uploads.with_untracked(|queue| images(queue.counted())));
    view! {
        <CopyIn label copy hidden />
        <OneLink images=counted hidden=few />
    }
}

fn waiting_note(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        text::waiting(count)
    }
}

/// Announces the result once everything has ended.
fn announce_the_end(totals: Memo<Totals>) {
    let toasts = use_toasts();
    watch_since(move |was_open: Option<bool>| {
        let totals = totals.get();
        if was_open == Some(true) && totals.open == 0 && totals.files > 0 {
            toasts.announce(headline(totals, None));
        }
        totals.open > 0
    });
}

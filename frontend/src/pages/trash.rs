//! `/trash`: what was deleted and can be brought back.

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{
    BulkImage, BulkOutcome, Image, ListImages, ListedState, MAX_BULK_IMAGES, MAX_PAGE_LIMIT,
};
use uuid::Uuid;

use crate::api::{ApiError, Authed, server_now, use_api};
use crate::components::{Blur, ListRow, has_ended, in_seconds, rows};
use crate::focus;
use crate::library::{Library, use_library};
use crate::text;
use crate::toasts::{Toasts, use_toasts};
use crate::watch::watch;

/// The trash.
#[derive(Clone, Copy)]
struct Trash {
    images: RwSignal<Vec<Image>>,
    /// Where the next page begins. `None`: it is complete.
    next: RwSignal<Option<String>>,
    state: RwSignal<Loaded>,
    api: StoredValue<Authed>,
    library: Library,
    toasts: Toasts,
    /// Those whose time was over: they come back with another end.
    ended: RwSignal<Vec<Uuid>>,
}

#[derive(Clone, PartialEq, Eq)]
enum Loaded {
    Busy,
    Yes,
    Failed(ApiError),
}

impl Trash {
    fn new() -> Self {
        Self {
            images: RwSignal::default(),
            next: RwSignal::default(),
            state: RwSignal::new(Loaded::Busy),
            api: StoredValue::new(use_api()),
            library: use_library(),
            toasts: use_toasts(),
            ended: RwSignal::default(),
        }
    }

    fn load(self) {
        self.state.set(Loaded::Busy);
        let query = ListImages {
            limit: Some(MAX_PAGE_LIMIT),
            cursor: self.next.get_untracked(),
            state: Some(ListedState::Trashed),
            ..ListImages::default()
        };
        let api = self.api.get_value();
        spawn_local(async move {
            let state = match api.list_images(&query).await {
                Ok(page) => {
                    self.images.try_update(|images| images.extend(page.items));
                    self.next.try_set(page.next_cursor);
                    Loaded::Yes
                }
                Err(error) => Loaded::Failed(error),
            };
            self.state.try_set(state);
        });
    }

    fn restore(self, ids: Vec<Uuid>) {
        let api = self.api.get_value();
        spawn_local(async move {
            match api.restore_images(ids).await {
                Ok(answer) => self.restored(answer.items),
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    /// The answer which end those get whose time was over.
    fn restore_until(self, end: Option<DateTime<Utc>>) {
        let ids = self.ended.try_update(std::mem::take).unwrap_or_default();
        let api = self.api.get_value();
        spawn_local(async move {
            match api.restore_images_until(ids, end).await {
                Ok(answer) => self.restored(answer.items),
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    fn restored(self, items: Vec<BulkImage>) {
        let (ended, back): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| item.outcome == BulkOutcome::Expired);
        let ids: Vec<_> = back.iter().map(|item| item.id).collect();
        for image in back.into_iter().filter_map(|item| item.image) {
            self.library.put(image);
        }
        self.forget(&ids);
        if !ids.is_empty() {
            self.toasts.show(text::restored(ids.len()));
        }
        self.ended
            .try_set(ended.into_iter().map(|item| item.id).collect());
    }

    /// Deletes for good: some, or without any named everything, also what is not loaded.
    fn purge(self, only: Option<Vec<Uuid>>) {
        let api = self.api.get_value();
        spawn_local(async move {
            let mut gone = 0;
            let mut some = only.clone().unwrap_or_else(|| self.ids());
            while !some.is_empty() {
                match api.purge_images(some).await {
                    Ok(answer) => {
                        let ids: Vec<_> = answer.items.iter().map(|item| item.id).collect();
                        let done = |outcome| outcome == BulkOutcome::Done;
                        gone += answer
                            .items
                            .iter()
                            .filter(|item| done(item.outcome))
                            .count();
                        self.forget(&ids);
                    }
                    Err(error) => return self.toasts.show(error.message()),
                }
                some = if only.is_some() {
                    Vec::new()
                } else {
                    self.more().await
                };
            }
            self.toasts.show(text::purged(gone));
        });
    }

    fn ids(self) -> Vec<Uuid> {
        self.images.with_untracked(|images| {
            let ids = images.iter().map(|image| image.id);
            ids.take(MAX_BULK_IMAGES).collect()
        })
    }

    /// What is left of the trash, from the start again.
    async fn more(self) -> Vec<Uuid> {
        if self.images.with_untracked(Vec::is_empty) {
            self.next.try_set(None);
            let query = ListImages {
                limit: Some(MAX_PAGE_LIMIT),
                state: Some(ListedState::Trashed),
                ..ListImages::default()
            };
            if let Ok(page) = self.api.get_value().list_images(&query).await {
                self.images.try_set(page.items);
                self.next.try_set(page.next_cursor);
            }
        }
        self.ids()
    }

    /// Takes them off the list. The focus goes on to what stands there then.
    fn forget(self, ids: &[Uuid]) {
        let at = self.images.try_update(|images| {
            let at = images.iter().position(|image| ids.contains(&image.id));
            images.retain(|image| !ids.contains(&image.id));
            at.map(|at| at.min(images.len().saturating_sub(1)))
        });
        if let Some(Some(at)) = at {
            request_animation_frame(move || focus_row(at));
        }
    }
}

/// Focuses the first button of a row, or the page's heading if there is none, when what had the focus is gone.
fn focus_row(at: usize) {
    if !focus::is_lost() {
        return;
    }
    let row = [
        "main .trash li:nth-child(",
        &(at + 1).to_string(),
        ") button",
    ]
    .concat();
    focus::lead_to(&[&row, ".trash h1"]);
}

/// A question before something that can't be undone. The focus goes from the button that asks to the one that takes it back, and from there
/// to the first again.
#[derive(Clone, Copy, Default)]
struct Question {
    asked: RwSignal<bool>,
    ask: NodeRef<html::Button>,
    keep: NodeRef<html::Button>,
}

impl Question {
    fn ask(self) {
        self.asked.set(true);
        focus::lead_to_button(self.keep);
    }

    /// The button that takes it back.
    fn way_back(self) -> impl IntoView {
        let Self { asked, ask, keep } = self;
        let take_back = move |_| {
            asked.set(false);
            focus::lead_to_button(ask);
        };
        view! {
            <button node_ref=keep type="button" class="button quiet" hidden=move || !asked.get() on:click=take_back>
                {text::KEEP}
            </button>
        }
    }
}

/// Everything in it, the newest deletion first.
#[component]
pub fn TrashPage() -> impl IntoView {
    let trash = Trash::new();
    trash.load();
    let is_empty = Memo::new(move |_| trash.images.with(Vec::is_empty));
    let question = Question::default();
    let asked = question.asked;
    let empty = move |_| {
        asked.set(false);
        trash.purge(None);
    };
    let list = rows(move || {
        let row =
            |image: Image| ListRow::new(image.id.as_u128(), move || view! { <Row image trash /> });
        trash.images.get().into_iter().map(row).collect()
    });
    view! {
        <div class="trash">
            <header>
                <h1 tabindex="-1">{text::TRASH}</h1>
                <div class="answers" hidden=is_empty>
                    <button node_ref=question.ask type="button" class="button" hidden=asked on:click=move |_| question.ask()>
                        {text::EMPTY_TRASH}
                    </button>
                    <span hidden=move || !asked.get()>{text::EMPTY_TRASH_HINT}</span>
                    <button type="button" class="button danger" hidden=move || !asked.get() on:click=empty>
                        {text::EMPTY_TRASH_NOW}
                    </button>
                    {question.way_back()}
                </div>
            </header>
            <p class="hint">{text::TRASH_HINT}</p>
            <ul node_ref=list></ul>
            <div class="grid-footer" role="status">
                {move || match trash.state.get() {
                    Loaded::Busy => view! { <span class="spinner" aria-label=text::LOADING></span> }.into_any(),
                    Loaded::Failed(error) => {
                        view! {
                            <span>{error.message()}</span>
                            <button type="button" class="button" on:click=move |_| trash.load()>
                                {text::TRY_AGAIN}
                            </button>
                        }
                            .into_any()
                    }
                    Loaded::Yes if is_empty.get() => view! { <p>{text::TRASH_EMPTY}</p> }.into_any(),
                    Loaded::Yes if trash.next.with(Option::is_some) => {
                        view! {
                            <button type="button" class="button" on:click=move |_| trash.load()>
                                {text::SHOW_MORE}
                            </button>
                        }
                            .into_any()
                    }
                    Loaded::Yes => ().into_any(),
                }}
            </div>
            <EndsAnew trash />
        </div>
    }
}

/// The question when that ends now whose time was over: a native dialog, which Escape closes.
#[component]
fn EndsAnew(trash: Trash) -> impl IntoView {
    let sheet = NodeRef::<html::Dialog>::new();
    watch(move || {
        let asks = trash.ended.with(|ended| !ended.is_empty());
        if let Some(sheet) = sheet.get().filter(|_| asks) {
            sheet.show_modal().ok();
        }
    });
    let close = move || {
        if let Some(sheet) = sheet.get_untracked() {
            sheet.close();
        }
    };
    let choice = |(value, words): &'static (&str, &str)| {
        let choose = move |_| {
            trash.restore_until(value.parse().ok().and_then(in_seconds));
            close();
        };
        view! {
            <button type="button" class="button" on:click=choose>
                {*words}
            </button>
        }
    };
    // A day of one's own can be chosen once it is back.
    let choices = &text::ENDS[..text::ENDS.len() - 1];
    view! {
        <dialog node_ref=sheet class="sheet" aria-labelledby="ends-anew" on:close=move |_| trash.ended.set(Vec::new())>
            <h2 id="ends-anew">{text::ENDS_ANEW}</h2>
            <p>{text::ENDS_ANEW_HINT}</p>
            <div class="answers">
                {choices.iter().map(choice).collect_view()}
                <button type="button" class="button quiet" on:click=move |_| close()>
                    {text::LEAVE_IN_TRASH}
                </button>
            </div>
        </dialog>
    }
}

/// One picture: what it was, how long it stays, and the ways back and away.
#[component]
fn Row(image: Image, trash: Trash) -> impl IntoView {
    let id = image.id;
    let name = image.title.unwrap_or(image.filename);
    let facts = [
        image
            .purge_at
            .map(|at| text::days_left(at.timestamp() - server_now())),
        has_ended(image.expires_at).then(|| text::ENDED.into()),
        Some(text::dimensions(image.width, image.height)),
        Some(text::file_size(image.size_bytes)),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let named = |action: &str| text::upload::named(action, &name);
    let question = Question::default();
    let asked = question.asked;
    view! {
        <li>
            <span class="picture">
                {image.placeholder.map(|hash| view! { <Blur hash /> })}
                <img src=image.links.thumb alt="" loading="lazy" decoding="async" />
            </span>
            <div>
                <p class="name">{name.clone()}</p>
                <p class="mail">{facts}</p>
            </div>
            <button
                type="button"
                class="button"
                hidden=asked
                aria-label=named(text::RESTORE)
                on:click=move |_| trash.restore(vec![id])
            >
                {text::RESTORE}
            </button>
            <button
                node_ref=question.ask
                type="button"
                class="button quiet danger"
                hidden=asked
                aria-label=named(text::DELETE_FOR_GOOD)
                on:click=move |_| question.ask()
            >
                {text::DELETE_FOR_GOOD}
            </button>
            <button
                type="button"
                class="button danger"
                hidden=move || !asked.get()
                aria-label=named(text::DELETE_NOW)
                on:click=move |_| trash.purge(Some(vec![id]))
            >
                {text::DELETE_NOW}
            </button>
            {question.way_back()}
        </li>
    }
}

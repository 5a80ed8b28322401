//! Who can see pictures, and copying their links: a private one's works for some minutes only, so that whoever copies it is asked first.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{BulkUpdateImages, Image, MAX_BULK_IMAGES, UpdateImage, Visibility};
use uuid::Uuid;

use crate::api::{ApiError, Authed, use_api};
use crate::components::{CopyFormat, CopyLabel, copy_with_notice};
use crate::library::{Library, use_library};
use crate::toasts::{Toasts, use_toasts};
use crate::watch::watch;
use crate::{dates, text};

/// Shares pictures. Copies are the same.
#[derive(Clone, Copy)]
pub struct Sharing {
    api: StoredValue<Authed>,
    library: Library,
    toasts: Toasts,
    asked: RwSignal<Option<Asked>>,
}

/// What is to be copied once the user has answered.
#[derive(Clone)]
struct Asked {
    images: Vec<Arc<Image>>,
    format: CopyFormat,
    label: CopyLabel,
}

/// Provides it to everything below; [`PrivateLinks`] has to be rendered somewhere there.
pub fn provide_sharing() {
    provide_context(Sharing {
        api: StoredValue::new(use_api()),
        library: use_library(),
        toasts: use_toasts(),
        asked: RwSignal::new(None),
    });
}

/// Shares pictures of the library.
pub fn use_sharing() -> Sharing {
    expect_context()
}

impl Sharing {
    /// Changes who can see the pictures, says so, and offers to undo it.
    pub fn set_visibility(self, images: &[Arc<Image>], to: Visibility) {
        let others = images.iter().filter(|image| image.visibility != to);
        let ids: Vec<_> = others.map(|image| image.id).collect();
        if ids.is_empty() {
            self.toasts.show(text::already(to, images.len()));
        } else {
            self.change(ids, to);
        }
    }

    fn change(self, ids: Vec<Uuid>, to: Visibility) {
        spawn_local(async move {
            match self.update(&ids, visible(to)).await {
                Ok(_) => {
                    let words = text::now_visible(to, ids.len());
                    self.toasts.undoable(words, text::UNDO, move || {
                        self.change(ids.clone(), opposite(to));
                    });
                }
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    /// Lets pictures end at a time, or stay, and says so.
    pub fn set_end(self, images: &[Arc<Image>], end: Option<DateTime<Utc>>) {
        let ids: Vec<_> = images.iter().map(|image| image.id).collect();
        let change = UpdateImage {
            expires_at: Some(end),
            ..UpdateImage::default()
        };
        spawn_local(async move {
            match self.update(&ids, change).await {
                Ok(_) => {
                    let (one, moment) = (ids.len() == 1, end.map(dates::moment));
                    let words = if one { text::now_ends } else { text::all_end };
                    self.toasts.show(words(moment));
                }
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    async fn update(self, ids: &[Uuid], change: UpdateImage) -> Result<Vec<Image>, ApiError> {
        let mut changed = Vec::new();
        for some in ids.chunks(MAX_BULK_IMAGES) {
            let request = BulkUpdateImages {
                ids: some.to_vec(),
                change: change.clone(),
            };
            let answer = self.api.get_value().update_images(&request).await?;
            changed.extend(answer.items.into_iter().filter_map(|item| item.image));
        }
        for image in &changed {
            self.library.put(image.clone());
        }
        Ok(changed)
    }

    /// Copies the pictures' links, one a line. With a private one among them, asks first.
    pub fn copy(self, images: &[Arc<Image>], format: CopyFormat, label: CopyLabel) {
        let current = |image: &Arc<Image>| {
            let listed = untrack(|| self.library.current(image));
            listed.map_or_else(|| image.clone(), |listed| listed.image)
        };
        let images: Vec<_> = images.iter().map(current).collect();
        let asked = Asked {
            images,
            format,
            label,
        };
        if asked.private().next().is_some() {
            self.asked.set(Some(asked));
        } else {
            self.copy_now(&asked);
        }
    }

    fn copy_now(self, asked: &Asked) {
        let lines: Vec<_> = asked
            .images
            .iter()
            .map(|image| asked.format.write(image))
            .collect();
        copy_with_notice(lines.join("\n"), asked.label, self.toasts, || ());
    }

    /// The user's answer: with `Unlisted` anyone with the link may see the pictures first, with `Private` the links are made anew.
    fn answer(self, asked: Asked, visibility: Visibility) {
        spawn_local(async move {
            let ids: Vec<_> = asked.private().map(|image| image.id).collect();
            let fresh = match visibility {
                Visibility::Unlisted => self.update(&ids, visible(visibility)).await,
                Visibility::Private => self.read(&ids).await,
            };
            match fresh {
                Ok(fresh) => self.copy_now(&Asked {
                    images: replaced(&asked.images, fresh),
                    ..asked
                }),
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    /// The pictures with links that have just been made.
    async fn read(self, ids: &[Uuid]) -> Result<Vec<Image>, ApiError> {
        let mut fresh = Vec::new();
        for id in ids {
            let image = self.api.get_value().get_image(*id).await?;
            self.library.put(image.clone());
            fresh.push(image);
        }
        Ok(fresh)
    }
}

impl Asked {
    fn private(&self) -> impl Iterator<Item = &Arc<Image>> {
        self.images
            .iter()
            .filter(|image| image.visibility == Visibility::Private)
    }
}

fn replaced(images: &[Arc<Image>], fresh: Vec<Image>) -> Vec<Arc<Image>> {
    let mut fresh: Vec<_> = fresh.into_iter().map(Arc::new).collect();
    let mut newest = |image: &Arc<Image>| {
        let at = fresh.iter().position(|fresh| fresh.id == image.id);
        at.map_or_else(|| image.clone(), |at| fresh.swap_remove(at))
    };
    images.iter().map(&mut newest).collect()
}

fn visible(to: Visibility) -> UpdateImage {
    UpdateImage {
        visibility: Some(to),
        ..UpdateImage::default()
    }
}

fn opposite(visibility: Visibility) -> Visibility {
    match visibility {
        Visibility::Private => Visibility::Unlisted,
        Visibility::Unlisted => Visibility::Private,
    }
}

/// The question before the link of a private picture is copied: a native dialog, which Escape closes.
#[component]
pub fn PrivateLinks() -> impl IntoView {
    let sharing = use_sharing();
    let sheet = NodeRef::<html::Dialog>::new();
    watch(move || {
        if let Some(sheet) = sheet.get().filter(|_| sharing.asked.with(Option::is_some)) {
            sheet.show_modal().ok();
        }
    });
    let answer = move |visibility: Option<Visibility>| {
        if let Some(sheet) = sheet.get_untracked() {
            sheet.close();
        }
        let asked = sharing.asked.try_update(Option::take).flatten();
        if let Some((asked, visibility)) = asked.zip(visibility) {
            sharing.answer(asked, visibility);
        }
    };
    let question = move || {
        sharing.asked.with(|asked| {
            let count = |asked: &Asked| (asked.private().count(), asked.images.len());
            let (private, all) = asked.as_ref().map_or((1, 1), count);
            text::only_you_can_open(private, all)
        })
    };
    view! {
        <dialog node_ref=sheet class="sheet" aria-labelledby="private-links" on:close=move |_| sharing.asked.set(None)>
            <h2 id="private-links">{question}</h2>
            <p>{text::PRIVATE_LINK_HINT}</p>
            <div class="answers">
                <button type="button" class="button primary" on:click=move |_| answer(Some(Visibility::Unlisted))>
                    {text::SHARE_AND_COPY}
                </button>
                <button type="button" class="button" autofocus on:click=move |_| answer(Some(Visibility::Private))>
                    {text::COPY_FOR_MINUTES}
                </button>
                <button type="button" class="button quiet" on:click=move |_| answer(None)>
                    {text::DONT_COPY}
                </button>
            </div>
        </dialog>
    }
}

//! One link for many pictures: an album of them, without a title.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, MAX_NEW_ALBUM_IMAGES, Visibility};
use uuid::Uuid;

use super::add;
use crate::api::{ApiError, Authed, NewAlbum, use_api};
use crate::components::{CopyLabel, copy_with_notice};
use crate::text;
use crate::toasts::{Toasts, use_toasts};

/// A button that makes an album of these pictures, in this order, and copies its link.
#[component]
pub fn OneLink(
    images: Callback<(), Vec<Arc<Image>>>,
    #[prop(into)] hidden: Signal<bool>,
) -> impl IntoView {
    let (api, toasts) = (StoredValue::new(use_api()), use_toasts());
    let (label, busy) = (CopyLabel::new(text::ONE_LINK), StoredValue::new(false));
    let make = move |_| {
        if busy.try_update_value(|busy| std::mem::replace(busy, true)) != Some(false) {
            return;
        }
        let images = images.run(());
        spawn_local(async move {
            match album_of(&api.get_value(), &images).await {
                Ok(album) => tell(album, &images, api, label, toasts),
                Err(error) => toasts.show(error.message()),
            }
            busy.try_set_value(false);
        });
    };
    view! {
        <button type="button" class="link-button" hidden=hidden on:click=make>
            {move || label.get()}
        </button>
    }
}

async fn album_of(api: &Authed, images: &[Arc<Image>]) -> Result<NewAlbum, ApiError> {
    let ids: Vec<Uuid> = images.iter().map(|image| image.id).collect();
    let (first, others) = ids.split_at(ids.len().min(MAX_NEW_ALBUM_IMAGES));
    let album = api.create_album(first).await?;
    if let Err(error) = add(api, album.id, others).await {
        // A part of them is not what was asked for: nobody would find that album.
        api.delete_album(album.id).await.ok();
        return Err(error);
    }
    Ok(album)
}

/// Copies the link, says what is behind it, and offers to end it.
fn tell(
    album: NewAlbum,
    images: &[Arc<Image>],
    api: StoredValue<Authed>,
    label: CopyLabel,
    toasts: Toasts,
) {
    let private = |image: &&Arc<Image>| image.visibility == Visibility::Private;
    let words = text::one_link(images.len(), images.iter().filter(private).count());
    copy_with_notice(album.links.page.unwrap_or_default(), label, toasts, || ());
    toasts.undoable(words, text::UNDO, move || {
        spawn_local(async move {
            match api.get_value().delete_album(album.id).await {
                Ok(()) => toasts.show(text::LINK_ENDED),
                Err(error) => toasts.show(error.message()),
            }
        });
    });
}

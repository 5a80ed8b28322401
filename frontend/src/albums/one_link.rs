//! One link for many pictures: an album of them, without a title.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, Visibility};
use uuid::Uuid;

use super::album_of;
use crate::api::{Authed, NewAlbum, use_api};
use crate::components::{CopyLabel, copy_with_notice};
use crate::text;
use crate::toasts::{Toasts, use_toasts};

/// The pictures that got a link here last, and their album.
type Last = StoredValue<Option<(Vec<Uuid>, Uuid)>>;

/// A button that makes an album of these pictures, in this order, and copies its link.
#[component]
pub fn OneLink(
    images: Callback<(), Vec<Arc<Image>>>,
    #[prop(into)] hidden: Signal<bool>,
) -> impl IntoView {
    let (api, toasts) = (StoredValue::new(use_api()), use_toasts());
    let (label, busy) = (CopyLabel::new(text::ONE_LINK), StoredValue::new(false));
    let last = StoredValue::new(None);
    let make = move |_| {
        if busy.try_update_value(|busy| std::mem::replace(busy, true)) != Some(false) {
            return;
        }
        let images = images.run(());
        spawn_local(async move {
            let ids: Vec<_> = images.iter().map(|image| image.id).collect();
            if let Some(link) = again(&api.get_value(), last, &ids).await {
                copy_with_notice(link, label, toasts, || ());
            } else {
                match album_of(&api.get_value(), &ids).await {
                    Ok(album) => {
                        last.try_set_value(Some((ids, album.id)));
                        tell(album, &images, api, label, toasts);
                    }
                    Err(error) => toasts.show(error.message()),
                }
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

/// The link that these very pictures have got here, if it still works.
async fn again(api: &Authed, last: Last, ids: &[Uuid]) -> Option<String> {
    let (_, album) = last.try_get_value().flatten().filter(|(of, _)| of == ids)?;
    api.get_album(album).await.ok()?.links.page
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

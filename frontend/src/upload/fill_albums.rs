//! What is dropped into an open album.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_uploads;
use crate::albums::{add, use_open_album};
use crate::api::use_api;
use crate::router::{Route, use_router};
use crate::text;
use crate::toasts::use_toasts;
use crate::watch::watch;

/// Files that are added while an album is looked at go into it: in the order in which they were dropped, once all of them have arrived.
pub fn fill_albums() {
    let (uploads, open, router) = (use_uploads(), use_open_album(), use_router());
    let (api, toasts) = (StoredValue::new(use_api()), use_toasts());
    watch(move || {
        let looked_at = open.id().filter(|_| router.route() == Route::Gallery);
        uploads.into_albums.look_at(looked_at);
    });
    on_cleanup(move || uploads.into_albums.look_at(None));
    let arrived = Memo::new(move |_| uploads.with(|queue| uploads.into_albums.arrived(queue)));
    watch(move || {
        for (album, ids) in arrived.get() {
            uploads.into_albums.are_in(album, &ids);
            spawn_local(async move {
                match add(&api.get_value(), album, &ids).await {
                    Ok(()) => {
                        toasts.show(text::albums::added(ids.len(), None));
                        open.reload(album);
                    }
                    Err(error) => {
                        toasts.undoable(error.message(), text::TRY_AGAIN, move || {
                            uploads.into_albums.are_not_in(album, &ids);
                        });
                    }
                }
            });
        }
    });
}

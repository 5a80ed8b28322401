//! The API's paths below [`BASE`], as the route table has them. [`with_id`] fills in the id of one that has `{id}`.

use uuid::Uuid;

/// What every path begins with.
pub const BASE: &str = "/api/v1";

/// POST: registers a user.
pub const REGISTER: &str = "/auth/register";
/// POST: logs in.
pub const LOG_IN: &str = "/auth/login";
/// POST: ends the session or the API token that asks.
pub const LOG_OUT: &str = "/auth/logout";
/// GET: the current user.
pub const ME: &str = "/me";
/// POST: changes the password.
pub const CHANGE_PASSWORD: &str = "/me/password";
/// POST: ends every session.
pub const LOG_OUT_EVERYWHERE: &str = "/me/logout-everywhere";
/// POST: an address of everything that the account has.
pub const EXPORT: &str = "/me/export";
/// POST: deletes the account.
pub const DELETE_ACCOUNT: &str = "/me/delete";
/// GET: the sessions.
pub const SESSIONS: &str = "/me/sessions";
/// DELETE: one session.
pub const SESSION: &str = "/me/sessions/{id}";
/// GET and POST: the API tokens.
pub const API_TOKENS: &str = "/me/tokens";
/// DELETE: one API token.
pub const API_TOKEN: &str = "/me/tokens/{id}";
/// GET: the limits of uploads.
pub const LIMITS: &str = "/limits";

/// GET: the programs that settings are made for.
pub const CLIENTS: &str = "/clients";
/// GET: settings for a program.
pub const CLIENT: &str = "/clients/{name}";

/// POST: announces a file.
pub const UPLOADS: &str = "/uploads";
/// POST: announces many files.
pub const BULK_UPLOADS: &str = "/uploads/bulk";
/// GET and DELETE: one upload.
pub const UPLOAD: &str = "/uploads/{id}";
/// POST: confirms an upload.
pub const CONFIRM_UPLOAD: &str = "/uploads/{id}/confirm";

/// GET: a page of images.
pub const IMAGES: &str = "/images";
/// GET: how many images each day has.
pub const IMAGE_DAYS: &str = "/images/days";
/// GET, PATCH and DELETE: one image.
pub const IMAGE: &str = "/images/{id}";
/// GET: the image with this name in its links.
pub const IMAGE_BY_SLUG: &str = "/images/by-slug/{slug}";
/// POST: restores a deleted image.
pub const RESTORE_IMAGE: &str = "/images/{id}/restore";
/// POST: changes many images.
pub const BULK_UPDATE_IMAGES: &str = "/images/bulk/update";
/// POST: deletes many images.
pub const BULK_DELETE_IMAGES: &str = "/images/bulk/delete";
/// POST: restores many images.
pub const BULK_RESTORE_IMAGES: &str = "/images/bulk/restore";
/// POST: finds images by the hash of their file.
pub const FIND_IMAGES: &str = "/images/find-by-hash";

/// GET and POST: the albums.
pub const ALBUMS: &str = "/albums";
/// GET, PATCH and DELETE: one album.
pub const ALBUM: &str = "/albums/{id}";
/// GET: a page of an album's images.
pub const ALBUM_IMAGES: &str = "/albums/{id}/images";
/// POST: puts images into an album.
pub const ADD_ALBUM_IMAGES: &str = "/albums/{id}/images/add";
/// POST: takes images out of an album.
pub const REMOVE_ALBUM_IMAGES: &str = "/albums/{id}/images/remove";
/// POST: moves images within an album.
pub const MOVE_ALBUM_IMAGES: &str = "/albums/{id}/images/move";

/// The path with `id` in place of `{id}`.
#[must_use]
pub fn with_id(path: &str, id: Uuid) -> String {
    path.replace("{id}", &id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_takes_its_place_in_a_path() {
        assert_eq!(
            with_id(CONFIRM_UPLOAD, Uuid::nil()),
            "/uploads/00000000-0000-0000-0000-000000000000/confirm"
        );
    }
}

//! What can be said of a file before a byte moves.

use tintype_dto::Limits;
use web_sys::{Blob, File};

use super::text;

/// The size of a file, bytes.
pub fn size(file: &Blob) -> u64 {
    // A size is a whole number below 2^53.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is never negative and has no fraction"
    )]
    let size = file.size() as u64;
    size
}

/// The media type, as the browser says or as the name's end says.
pub fn media_type(file: &File) -> String {
    let told = file.type_();
    if !told.is_empty() {
        return told;
    }
    let name = file.name().to_ascii_lowercase();
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "jpg" | "jpeg" | "jpe" | "jfif" => "image/jpeg",
        "png" | "apng" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => "",
    }
    .into()
}

/// Whether its name or the browser says that it is a picture, of whatever type.
pub fn is_called_a_picture(file: &File) -> bool {
    media_type(file).starts_with("image/")
}

/// Why it can't be accepted, whatever is in it. What its name says is no reason: it is read first.
pub fn refusal(file: &File, limits: Option<&Limits>) -> Option<String> {
    let size = size(file);
    if size == 0 {
        return Some(text::EMPTY.into());
    }
    let most = limits?.max_bytes;
    (size > most).then(|| text::too_large(size, most))
}

//! What is known of a file before it is read.

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

/// The media type, from the browser or else from the extension.
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

/// Whether the browser or the extension says that it is a picture, of any type.
pub fn is_called_a_picture(file: &File) -> bool {
    media_type(file).starts_with("image/")
}

/// Why it is refused, whatever it contains. Its name is no reason: the file is inspected first.
pub fn refusal(file: &File, limits: Option<&Limits>) -> Option<String> {
    let size = size(file);
    if size == 0 {
        return Some(text::EMPTY.into());
    }
    let most = limits?.max_bytes;
    (size > most).then(|| text::too_large(size, most))
}

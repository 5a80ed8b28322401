//! What can be said of a file before a byte moves.

use js_sys::{Object, Reflect, Uint8Array};
use tintype_dto::{ContentType, Limits, unsupported_media_detail};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::text;

/// Larger files are sent without a hash: hashing needs the whole file in memory.
const MOST_HASHED: f64 = 64e6;

/// The size of a file, bytes.
pub fn size(file: &Blob) -> u64 {
    // A size is a whole number below 2^53.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is never negative and has no fraction")]
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
        "heic" | "heif" => "image/heic",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        "tif" | "tiff" => "image/tiff",
        _ => "",
    }
    .into()
}

/// Why it can't be accepted, in the server's own words where it has some.
pub fn refusal(file: &File, limits: Option<&Limits>) -> Option<String> {
    let media_type = media_type(file);
    if ContentType::from_media_type(&media_type).is_none() {
        return Some(unsupported_media_detail(&media_type));
    }
    let size = size(file);
    if size == 0 {
        return Some(text::EMPTY.into());
    }
    let most = limits?.max_bytes;
    (size > most).then(|| text::too_large(size, most))
}

/// SHA-256 as hex, where the browser offers it (not on plain http outside localhost) and the file is not too large for it.
pub async fn sha256(file: &File) -> Option<String> {
    if file.size() > MOST_HASHED {
        return None;
    }
    let crypto = web_sys::window()?.crypto().ok()?;
    if !Reflect::get(&crypto, &JsValue::from_str("subtle")).ok()?.is_object() {
        return None;
    }
    let bytes: Object = JsFuture::from(file.array_buffer()).await.ok()?.into();
    let digest = JsFuture::from(crypto.subtle().digest_with_str_and_buffer_source("SHA-256", &bytes).ok()?).await.ok()?;
    let digest = Uint8Array::new(&digest).to_vec();
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    Some(digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}

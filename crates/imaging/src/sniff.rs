//! The type of a file, by its first bytes.

use crate::{ContentType, Refusal};

const ELSE: &str = "This is not a supported picture: upload JPEG, PNG, GIF or WebP.";

/// Detects the type of a file by its first bytes, whatever its name says.
///
/// # Errors
/// [`Refusal::Unsupported`] names the format, where known, and what to do.
pub fn sniff(bytes: &[u8]) -> Result<ContentType, Refusal> {
    let at = |offset: usize, magic: &[u8]| {
        bytes
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if at(0, b"\xff\xd8\xff") {
        Ok(ContentType::Jpeg)
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        Ok(ContentType::Png)
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Ok(ContentType::Gif)
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Ok(ContentType::Webp)
    } else {
        Err(Refusal::Unsupported(name(bytes)))
    }
}

fn name(bytes: &[u8]) -> &'static str {
    let at = |offset: usize, magic: &[u8]| {
        bytes
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if at(4, b"ftyp") {
        return brand(
            bytes.get(8..12).unwrap_or_default(),
            bytes.get(16..64).unwrap_or_default(),
        );
    }
    if at(0, b"II*\0") || at(0, b"MM\0*") {
        return "TIFF is not supported (camera raw files are TIFF too): export it as JPEG or PNG.";
    }
    if at(0, b"BM") {
        return "BMP is not supported: save it as PNG.";
    }
    if at(0, b"\0\0\x01\0") {
        return "ICO is not supported: save it as PNG.";
    }
    if at(0, b"8BPS") {
        return "Photoshop files are not supported: export it as JPEG or PNG.";
    }
    if at(0, b"\xff\x0a") || at(0, b"\0\0\0\x0cJXL ") {
        return "JPEG XL is not supported: convert it to JPEG.";
    }
    if at(0, b"%PDF-") {
        return "PDF is not supported: export the page as PNG.";
    }
    if at(0, b"PK\x03\x04") || at(0, b"Rar!") || at(0, b"7z\xbc\xaf") || at(0, b"\x1f\x8b") {
        return "Archives are not supported: unpack it and upload the pictures.";
    }
    if at(0, b"\x1aE\xdf\xa3") || at(8, b"AVI ") {
        return "Videos are not supported: upload JPEG, PNG, GIF or WebP pictures.";
    }
    text(bytes)
}

fn brand(major: &[u8], compatible: &[u8]) -> &'static str {
    // `mif1` is any picture in this container.
    let is_avif =
        matches!(major, b"mif1" | b"msf1") && compatible.chunks(4).any(|brand| brand == b"avif");
    match major {
        _ if is_avif => "AVIF is not supported: convert it to WebP or JPEG.",
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            "HEIC is not supported: choose \"Most compatible\" in the camera's settings, or convert to JPEG."
        }
        b"avif" | b"avis" => "AVIF is not supported: convert it to WebP or JPEG.",
        _ => "Videos are not supported: upload JPEG, PNG, GIF or WebP pictures.",
    }
}

fn text(bytes: &[u8]) -> &'static str {
    let start: Vec<u8> = bytes.iter().take(512).map(u8::to_ascii_lowercase).collect();
    let start = String::from_utf8_lossy(&start);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("<svg") || (start.starts_with("<?xml") && start.contains("<svg")) {
        "SVG is not supported: export it as PNG."
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        "This is a web page, not a picture: save the picture itself and upload that."
    } else {
        ELSE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_named_with_what_to_do() {
        for (bytes, word) in [
            (b"\0\0\0\x18ftypheic\0\0\0\0".as_slice(), "Most compatible"),
            (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "Videos"),
            (b"  <SVG xmlns=''>", "SVG"),
            (b"<?xml version='1.0'?><svg/>", "SVG"),
            (b"<!DOCTYPE html><p>", "web page"),
            (b"%PDF-1.7", "PDF"),
            (b"PK\x03\x04", "Archives"),
            (b"II*\0", "TIFF"),
            (b"BM1234", "BMP"),
            (b"", "not a supported picture"),
            (b"RIFF1234WAVE", "not a supported picture"),
        ] {
            let Err(Refusal::Unsupported(text)) = sniff(bytes) else {
                panic!("{bytes:?} was accepted")
            };
            assert!(text.contains(word), "{text}");
        }
    }
}

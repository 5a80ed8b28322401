//! One function for each target.

use std::time::{Duration, Instant};

use tintype_imaging::{ContentType, Inspection, Limits, PREVIEW_SIDE, THUMB_SIDE};

use crate::parts;

const WORDS: &[u8] = b"48.8584 N, 2.2945 E, SN 0042";
/// Small enough that many files are tried in a minute.
const LIMITS: Limits = Limits {
    max_bytes: 1_000_000,
    max_pixels: 4_000_000,
    max_side: 16_384,
    max_memory: 128 << 20,
};

/// For a file with words in it.
const ROOMY: Limits = Limits {
    max_bytes: 4_000_000,
    ..LIMITS
};

/// Runs the work, which has to be done in so long at one of three times: a busy machine is not taken for slow work.
fn within<T>(limit: Duration, work: impl Fn() -> T) -> T {
    for _ in 0..3 {
        let start = Instant::now();
        let done = work();
        if start.elapsed() < limit {
            return done;
        }
    }
    panic!("it takes more than {limit:?}");
}

/// Sniffing never panics, and inspection finds the sniffed type.
///
/// # Panics
/// When that is not so.
pub fn sniff(bytes: &[u8]) {
    let found = within(Duration::from_millis(50), || tintype_imaging::sniff(bytes));
    if let Ok(inspection) = tintype_imaging::inspect(bytes, &LIMITS) {
        assert_eq!(found, Ok(inspection.content_type));
    }
}

/// Accepted files are within the limits.
///
/// # Panics
/// When that is not so.
pub fn inspect(bytes: &[u8]) {
    let Ok(inspection) = within(Duration::from_millis(250), || {
        tintype_imaging::inspect(bytes, &LIMITS)
    }) else {
        return;
    };
    let limits = LIMITS.of(inspection.content_type);
    let Inspection {
        width,
        height,
        frames,
        decode_memory,
        ..
    } = inspection;
    let pixels = u64::from(width) * u64::from(height);
    assert!(width.min(height) > 0 && width.max(height) <= limits.max_side);
    assert!(pixels <= limits.max_pixels && (1..=limits.max_frames).contains(&frames));
    assert!(frames == 1 || pixels * u64::from(frames) <= limits.max_total_pixels);
    assert!((pixels..=limits.max_memory).contains(&decode_memory));
    assert!(frames == 1 || inspection.animated);
    assert!(!inspection.has_alpha || inspection.content_type != ContentType::Jpeg);
}

/// Cleaning says what inspecting says; cleaning twice is cleaning once, and nothing is left to report.
///
/// # Panics
/// When that is not so.
pub fn clean(bytes: &[u8]) {
    let inspected = tintype_imaging::inspect(bytes, &LIMITS);
    let once = match within(Duration::from_millis(500), || {
        tintype_imaging::clean(bytes, &LIMITS)
    }) {
        Ok(once) => once,
        Err(refusal) => return assert_eq!(inspected, Err(refusal)),
    };
    let (Ok(before), Ok(after)) = (inspected, tintype_imaging::inspect(&once.bytes, &LIMITS))
    else {
        panic!("what can be cleaned can be inspected, before and after")
    };
    assert_eq!(
        (&before.report, after.report.as_slice()),
        (&once.removed, [].as_slice())
    );
    assert_eq!(
        Inspection {
            report: Vec::new(),
            ..before
        },
        after
    );
    assert_eq!(once.inspection, after);
    let Ok(twice) = tintype_imaging::clean(&once.bytes, &LIMITS) else {
        panic!("what was cleaned is accepted")
    };
    assert!(
        twice.bytes == once.bytes && twice.removed.is_empty(),
        "{:?}",
        twice.removed
    );
    assert!(
        tintype_imaging::clean(&[&once.bytes, WORDS].concat(), &LIMITS)
            .is_ok_and(|out| out.bytes == once.bytes),
        "words behind it"
    );
    if let Some(body) = once
        .bytes
        .strip_suffix(b"\xff\xd9")
        .filter(|_| once.bytes.starts_with(b"\xff\xd8"))
    {
        let published = tintype_imaging::clean(&[body, WORDS].concat(), &LIMITS);
        assert!(
            published.is_err() || published.is_ok_and(|out| out.bytes == once.bytes),
            "words in place of its end"
        );
    }
    // An orientation, an end, a table of colours: nothing else is put in. A profile that was cut may be packed less well than it was.
    let profile = if once.bytes.windows(4).any(|kind| kind == b"iCCP") {
        5_000_000
    } else {
        0
    };
    assert!(once.bytes.len() <= bytes.len() + 1024 + profile);
}

/// Everything in what is published is a part that says how the picture looks, or a byte of codes that a decoder consumes: words behind
/// any of the codes are cut again, and a scan of a JPEG that misses its last byte is refused.
///
/// # Panics
/// When that is not so.
pub fn kept(bytes: &[u8]) {
    let Ok(once) = tintype_imaging::clean(bytes, &LIMITS) else {
        return;
    };
    let codes = parts::read(&once.bytes, once.inspection.content_type);
    // From the last to the first, so that earlier positions stay valid.
    let all = codes.iter().rev().fold(once.bytes.clone(), |file, codes| {
        codes.followed_by(&file, WORDS)
    });
    // The pieces of a GIF keep their sizes only where nothing is cut.
    let is_gif = once.inspection.content_type == ContentType::Gif;
    let is_again = |out: &[u8]| {
        let has_words = out.windows(8).any(|some| some == &WORDS[..8]);
        out == once.bytes || (is_gif && out.len() <= once.bytes.len() && !has_words)
    };
    assert!(
        codes.is_empty()
            || tintype_imaging::clean(&all, &ROOMY).is_ok_and(|out| is_again(&out.bytes)),
        "words behind codes"
    );
    for shorter in codes
        .iter()
        .rev()
        .take(8)
        .filter_map(|codes| codes.without_last(&once.bytes))
    {
        assert!(
            tintype_imaging::clean(&shorter, &LIMITS).is_err(),
            "without the last byte of codes"
        );
    }
}

/// Decoding ends soon, and every decoded picture can be rendered.
///
/// # Panics
/// When that is not so.
pub fn decode(bytes: &[u8]) {
    let Ok(cleaned) = tintype_imaging::clean(bytes, &LIMITS) else {
        return;
    };
    let Ok(inspection) = tintype_imaging::inspect(&cleaned.bytes, &LIMITS) else {
        panic!("what was cleaned is accepted")
    };
    // For a side so small, nearly every JPEG is decoded at a reduced scale.
    for side in [16, PREVIEW_SIDE] {
        let decoded = within(Duration::from_secs(5), || {
            tintype_imaging::decode(&cleaned.bytes, &inspection, &LIMITS, side)
        });
        let Ok(decoded) = decoded else { return };
        let Ok(made) = decoded.render() else {
            panic!("what is decoded is rendered")
        };
        assert!(
            made.thumb.width.max(made.thumb.height) <= THUMB_SIDE
                && made.preview.width.max(made.preview.height) <= PREVIEW_SIDE
        );
        assert!(made.preview.width <= inspection.width && made.preview.height <= inspection.height);
    }
}

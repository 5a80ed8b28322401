//! A reader of what metadata a JPEG still carries. It shares no code with the crate that removes it.

/// What a JPEG says beside its pixels: `APP1 Exif 0112` for each EXIF field, else the name of each segment.
pub fn metadata(jpeg: &[u8]) -> Vec<String> {
    assert_eq!(&jpeg[..2], [0xff, 0xd8], "not a JPEG");
    let (mut at, mut found) = (2, Vec::new());
    loop {
        assert_eq!(jpeg[at], 0xff, "no marker at {at}");
        let marker = jpeg[at + 1];
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let body = &jpeg[at + 4..at + 2 + length];
        match marker {
            0xda => return found,
            0xe1 if body.starts_with(b"Exif\0\0") => found.extend(fields(&body[6..])),
            0xe1..=0xef | 0xfe => {
                let name: String = body
                    .iter()
                    .take_while(|byte| byte.is_ascii_graphic())
                    .map(|byte| char::from(*byte))
                    .collect();
                found.push(format!("{marker:02X} {name}"));
            }
            _ => {}
        }
        at += 2 + length;
    }
}

/// The tags of the first directory, and that there is a second one.
fn fields(tiff: &[u8]) -> Vec<String> {
    let big = tiff.starts_with(b"MM");
    let short = |at: usize| {
        let pair = [tiff[at], tiff[at + 1]];
        if big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    };
    let long = |at: usize| {
        let four = [tiff[at], tiff[at + 1], tiff[at + 2], tiff[at + 3]];
        if big {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        }
    };
    let first = usize::try_from(long(4)).unwrap();
    let count = usize::from(short(first));
    let mut tags: Vec<_> = (0..count)
        .map(|n| format!("Exif {:04X}", short(first + 2 + 12 * n)))
        .collect();
    if long(first + 2 + 12 * count) != 0 {
        tags.push("Exif second directory".into());
    }
    tags
}

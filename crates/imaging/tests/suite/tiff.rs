//! A TIFF block as cameras write it, made by hand.

/// In everything that has to go.
pub const SECRET: &str = "SECRETOWNER";

enum Value {
    Text(&'static str),
    Short(u16),
    Long(u32),
}

/// One directory that will stand at `at`, with its texts behind it.
fn directory(at: usize, entries: &[(u16, Value)], next: u32) -> Vec<u8> {
    let mut table = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    let mut texts = Vec::new();
    let texts_at = at + 2 + entries.len() * 12 + 4;
    for (tag, value) in entries {
        let (kind, count, field): (u16, usize, u32) = match value {
            Value::Short(number) => (3, 1, u32::from(*number)),
            Value::Long(number) => (4, 1, *number),
            Value::Text(text) => {
                let place = u32::try_from(texts_at + texts.len()).unwrap();
                texts.extend_from_slice(text.as_bytes());
                texts.push(0);
                (2, text.len() + 1, place)
            }
        };
        table.extend_from_slice(&tag.to_le_bytes());
        table.extend_from_slice(&kind.to_le_bytes());
        table.extend_from_slice(&u32::try_from(count).unwrap().to_le_bytes());
        table.extend_from_slice(&field.to_le_bytes());
    }
    table.extend_from_slice(&next.to_le_bytes());
    table.extend_from_slice(&texts);
    table
}

/// Make, artist, time, program, orientation, position, serial number, maker note, comment and a thumbnail.
pub fn camera(orientation: u16) -> Vec<u8> {
    use Value::{Long, Short, Text};
    let first = |exif: u32, gps: u32, next: u32| {
        let entries = [
            (0x010f, Text("SECRETOWNER Cameras")),
            (0x0112, Short(orientation)),
            (0x0131, Text("SECRETOWNER 1.0")),
            (0x0132, Text("2026:11:24 10:00:00")),
            (0x013b, Text(SECRET)),
            (0x8769, Long(exif)),
            (0x8825, Long(gps)),
        ];
        directory(8, &entries, next)
    };
    let exif_at = 8 + first(0, 0, 0).len();
    let exif = directory(
        exif_at,
        &[
            (0x927c, Text("SECRETOWNER note")),
            (0x9286, Text(SECRET)),
            (0xa431, Text("SECRETOWNER 42")),
        ],
        0,
    );
    let gps_at = exif_at + exif.len();
    let gps = directory(
        gps_at,
        &[(0x0001, Text("N")), (0x001d, Text("SECRETOWNER"))],
        0,
    );
    let next_at = gps_at + gps.len();
    let next = directory(next_at, &[(0x0201, Long(0)), (0x0202, Long(0))], 0);
    let place = |at: usize| u32::try_from(at).unwrap();
    [
        b"II*\0\x08\0\0\0".to_vec(),
        first(place(exif_at), place(gps_at), place(next_at)),
        exif,
        gps,
        next,
    ]
    .concat()
}

/// As many programs write it: the orientation alone, big-endian.
pub fn orientation_alone(orientation: u8) -> Vec<u8> {
    [
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        &[orientation],
        b"\0\0\0\0\0\0",
    ]
    .concat()
}

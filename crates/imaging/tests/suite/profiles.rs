//! Colour profiles: what colours need stays, and nothing else.

use proptest::prelude::*;
use tintype_imaging::RemovedCode;

use crate::pictures::*;

const SRGB: &[u8] = include_bytes!("../../fixtures/srgb.icc");
const HEADER: usize = 128;

type Tag = ([u8; 4], Vec<u8>);

/// The tags of a profile.
fn tags(profile: &[u8]) -> Vec<Tag> {
    let number = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().unwrap()) as usize;
    let entries = (0..number(HEADER)).map(|index| HEADER + 4 + 12 * index);
    entries
        .map(|at| {
            (
                profile[at..at + 4].try_into().unwrap(),
                profile[number(at + 4)..][..number(at + 8)].to_vec(),
            )
        })
        .collect()
}

fn tag(profile: &[u8], name: [u8; 4]) -> Option<Vec<u8>> {
    tags(profile)
        .into_iter()
        .find(|(found, _)| *found == name)
        .map(|(_, data)| data)
}

/// A profile with this header and these tags; the same data stand there once.
fn profile_of_tags(header: &[u8], tags: &[Tag]) -> Vec<u8> {
    let start = HEADER + 4 + 12 * tags.len();
    let (mut table, mut data, mut places) =
        (Vec::new(), Vec::new(), std::collections::BTreeMap::new());
    for (name, bytes) in tags {
        let place = *places.entry(bytes.clone()).or_insert_with(|| {
            let place = start + data.len();
            data.extend_from_slice(bytes);
            data.resize(data.len().next_multiple_of(4), 0);
            place
        });
        table.extend(
            [
                &name[..],
                &[place, bytes.len()]
                    .map(|number| u32::try_from(number).unwrap().to_be_bytes())
                    .concat(),
            ]
            .concat(),
        );
    }
    let length = u32::try_from(start + data.len()).unwrap().to_be_bytes();
    [
        &length[..],
        &header[4..HEADER],
        &u32::try_from(tags.len()).unwrap().to_be_bytes(),
        &table,
        &data,
    ]
    .concat()
}

/// sRGB with a tag put in the place of the one of this name, or behind all.
fn with(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut all = tags(SRGB);
    match all.iter_mut().find(|(found, _)| *found == name) {
        Some((_, old)) => *old = data.to_vec(),
        None => all.push((name, data.to_vec())),
    }
    profile_of_tags(SRGB, &all)
}

fn with_header(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut profile = SRGB.to_vec();
    profile[at..at + bytes.len()].copy_from_slice(bytes);
    profile
}

fn localised(words: &str) -> Vec<u8> {
    let text: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [
        b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".as_slice(),
        &length,
        b"\0\0\0\x1c",
        &text,
    ]
    .concat()
}

fn described(words: &str) -> Vec<u8> {
    let length = u32::try_from(words.len() + 1).unwrap().to_be_bytes();
    [
        b"desc\0\0\0\0".as_slice(),
        &length,
        words.as_bytes(),
        &[0; 1 + 8 + 3 + 67],
    ]
    .concat()
}

/// The rest of a profile, and what was cut.
fn cut(profile: &[u8]) -> (Option<Vec<u8>>, Vec<RemovedCode>) {
    let out = cleaned(&png_with(&png(), &[iccp(profile)]));
    let twice = cleaned(&out.bytes);
    assert!(
        twice.bytes == out.bytes && twice.removed.is_empty(),
        "{:?}",
        twice.removed
    );
    (profile_of(&out.bytes), out.removed)
}

#[test]
fn a_common_profile_stays_as_it_is() {
    assert_eq!(profile_of_tags(SRGB, &tags(SRGB)), SRGB);
    for profile in [
        SRGB.to_vec(),
        with(*b"desc", &localised("Display P3")),
        with(*b"desc", &described("sRGB IEC61966-2.1")),
        with(*b"cprt", &localised("Copyright Apple Inc., 2022")),
        with(
            *b"cprt",
            b"text\0\0\0\0Copyright (c) 1998 Hewlett-Packard Company\0",
        ),
        with(*b"dmnd", &described("IEC http://www.iec.ch")),
        with(*b"lumi", &tag(SRGB, *b"wtpt").unwrap()),
        with_header(48, b"APPL"),
        with_header(
            24,
            &[1998_u16, 2, 9, 6, 49, 0].map(u16::to_be_bytes).concat(),
        ),
    ] {
        let bytes = png_with(&png(), &[iccp(&profile)]);
        let out = cleaned(&bytes);
        assert!(
            out.bytes == bytes && out.removed.is_empty(),
            "{:?}",
            out.removed
        );
    }
}

#[test]
fn the_serial_number_of_a_screen_is_cut_and_named() {
    let mmod = [b"mmod\0\0\0\0\0\0\x10\xacSECRETSERIAL".as_slice(), &[0; 12]].concat();
    let (kept, removed) = cut(&with(*b"mmod", &mmod));
    assert_eq!(kept.as_deref(), Some(SRGB));
    assert_eq!(removed, [RemovedCode::Serial, RemovedCode::ColourProfile]);
}

#[test]
fn what_colours_do_not_need_is_cut() {
    for name in [
        b"vcgt", b"dscm", b"targ", b"meta", b"ndin", b"MS00", b"prvt", b"D2B0", b"pseq", b"chrm",
    ] {
        let (kept, removed) = cut(&with(*name, b"data\0\0\0\0SECRETOWNER"));
        assert_eq!(
            kept.as_deref(),
            Some(SRGB),
            "{}",
            String::from_utf8_lossy(name)
        );
        assert_eq!(removed, [RemovedCode::ColourProfile]);
    }
}

#[test]
fn the_name_of_a_screen_becomes_that_of_its_colours() {
    for (desc, new) in [
        (localised("DELL U2720Q SECRET"), localised("RGB")),
        (described("Anna's screen SECRET"), localised("RGB")),
    ] {
        let mut profile = with(*b"desc", &desc);
        profile[48..56].copy_from_slice(b"SECRETmm");
        profile[80..88].copy_from_slice(b"SECRETid");
        profile[24..36].copy_from_slice(
            &[2026_u16, 11, 24, 10, 20, 30]
                .map(u16::to_be_bytes)
                .concat(),
        );
        let (kept, removed) = cut(&profile);
        let kept = kept.unwrap();
        assert_eq!(removed, [RemovedCode::Time, RemovedCode::ColourProfile]);
        assert_eq!(tag(&kept, *b"desc"), Some(new));
        assert_eq!(kept[..HEADER][4..], SRGB[..HEADER][4..]);
        for name in [
            b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"wtpt", b"cprt",
        ] {
            assert_eq!(tag(&kept, *name), tag(SRGB, *name));
        }
        assert!(
            kept.len() < SRGB.len() + 20,
            "curves that were shared still are"
        );
    }
    let mut old = with(*b"desc", &described("Anna's screen SECRET"));
    old[8] = 2;
    let kept = cut(&old).0.unwrap();
    assert_eq!(tag(&kept, *b"desc"), Some(described("RGB")));
}

#[test]
fn a_date_that_is_not_one_of_publication_is_cut() {
    let (kept, removed) = cut(&with_header(
        24,
        &[2026_u16, 11, 24, 10, 20, 30]
            .map(u16::to_be_bytes)
            .concat(),
    ));
    assert_eq!(removed, [RemovedCode::Time]);
    assert_eq!(kept.as_deref(), Some(SRGB));
}

#[test]
fn bytes_between_and_behind_the_tags_are_cut() {
    let mut between = SRGB.to_vec();
    let end = u32::try_from(SRGB.len() + 12).unwrap().to_be_bytes();
    between.extend(b"SECRETOWNER\0");
    assert_eq!(
        cut(&between),
        (Some(SRGB.to_vec()), vec![RemovedCode::ColourProfile]),
        "behind the length in the header"
    );
    between[..4].copy_from_slice(&end);
    assert_eq!(
        cut(&between),
        (Some(SRGB.to_vec()), vec![RemovedCode::ColourProfile]),
        "within it"
    );
    assert_eq!(
        cut(&with_header(104, b"SECRETOWNER")).0.as_deref(),
        Some(SRGB),
        "in the header"
    );
    let curve = [&tag(SRGB, *b"rTRC").unwrap()[..], b"SECRETOWNER"].concat();
    assert_eq!(
        tag(&cut(&with(*b"rTRC", &curve)).0.unwrap(), *b"rTRC"),
        tag(SRGB, *b"rTRC"),
        "in a tag"
    );
}

#[test]
fn a_profile_that_engines_ignore_is_cut_as_a_whole() {
    let short = [
        &u32::try_from(SRGB.len() - 4).unwrap().to_be_bytes()[..],
        &SRGB[4..],
    ]
    .concat();
    for (name, profile) in [
        ("words", b"not a profile, but SECRETOWNER".repeat(10)),
        ("nothing", Vec::new()),
        ("no signature", with_header(36, b"ACSP")),
        ("for greys", with_header(16, b"GRAY")),
        ("for inks", with_header(16, b"CMYK")),
        ("a link between devices", with_header(12, b"link")),
        ("of version 5", with_header(8, &[5])),
        ("another white", with_header(68, &[0, 1, 0, 0])),
        ("cut off", SRGB[..SRGB.len() - 1].to_vec()),
        ("a tag beyond its end", short),
        (
            "a curve that is broken",
            with(*b"rTRC", b"curv\0\0\0\0\0\0\xff\xff"),
        ),
        ("a curve of no kind", with(*b"gTRC", b"SECRETOWNER!")),
        (
            "200 tags",
            profile_of_tags(
                SRGB,
                &[tags(SRGB), vec![(*b"prvt", vec![0; 8]); 200]].concat(),
            ),
        ),
        ("no colours", profile_of_tags(SRGB, &tags(SRGB)[..3])),
        ("4,000,000,000 tags", with_header(HEADER, &[0xff; 4])),
    ] {
        assert_eq!(
            cut(&profile),
            (None, vec![RemovedCode::ColourProfile]),
            "{name}"
        );
    }
}

#[test]
fn tags_that_overlap_do_not_grow() {
    // Six tables that each are nearly all of the profile.
    let mut table = vec![0; 48 + 3 * 256 + 8 * 3 + 3 * 256];
    table[..4].copy_from_slice(b"mft1");
    table[8..11].copy_from_slice(&[3, 3, 2]);
    let names = [b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"];
    let shared: Vec<Tag> = names.iter().map(|name| (**name, table.clone())).collect();
    let profile = profile_of_tags(SRGB, &[tags(SRGB), shared].concat());
    assert_eq!(cut(&profile), (Some(profile.clone()), vec![]));
    let mut overlapping = profile;
    let first = HEADER + 4 + 12 * tags(SRGB).len();
    for index in 0..6_u8 {
        overlapping[first + 12 * usize::from(index) + 11] -= index;
    }
    assert_eq!(cut(&overlapping).0, None);
}

#[test]
fn the_name_that_a_png_gives_a_profile_is_cut() {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(SRGB, 9);
    let named = |name: &[u8]| {
        png_with(
            &png(),
            &[png_chunk(b"iCCP", &[name, b"\0\0", &packed].concat())],
        )
    };
    for name in [
        b"icc".as_slice(),
        b"ICC Profile",
        b"Display P3",
        b"kCGColorSpaceDisplayP3",
        b"Photoshop ICC profile",
    ] {
        assert_eq!(cleaned(&named(name)).bytes, named(name));
    }
    for name in [b"SECRETOWNER".as_slice(), b"DELL U2720Q"] {
        let out = cleaned(&named(name));
        assert_eq!(
            (out.bytes, out.removed),
            (named(b"icc"), vec![RemovedCode::ColourProfile])
        );
    }
    for name in [b"".as_slice(), &[b'x'; 90]] {
        assert_eq!(cleaned(&named(name)).bytes, png());
    }
    let unknown_packing = png_with(
        &png(),
        &[png_chunk(b"iCCP", &[b"icc\0\x01", &packed[..]].concat())],
    );
    assert_eq!(cleaned(&unknown_packing).bytes, png());
}

#[cfg(feature = "render")]
#[test]
fn colours_stay_what_they_were() {
    use tintype_imaging::{Limits, PREVIEW_SIDE, decode, inspect};
    let thumb = |bytes: &[u8]| {
        let limits = Limits::default();
        decode(
            bytes,
            &inspect(bytes, &limits).unwrap(),
            &limits,
            PREVIEW_SIDE,
        )
        .unwrap()
        .render()
        .unwrap()
        .thumb
    };
    // Red and blue are swapped: ignoring it would be visible.
    let mut swapped = tags(SRGB);
    let red = swapped
        .iter()
        .position(|(name, _)| name == b"rXYZ")
        .unwrap();
    let blue = swapped
        .iter()
        .position(|(name, _)| name == b"bXYZ")
        .unwrap();
    swapped[red].0 = *b"bXYZ";
    swapped[blue].0 = *b"rXYZ";
    swapped.extend([(*b"mmod", vec![b'x'; 40]), (*b"vcgt", vec![1; 100])]);
    swapped[0].1 = localised("DELL U2720Q");
    let bytes = png_with(&png(), &[iccp(&profile_of_tags(SRGB, &swapped))]);
    let out = cleaned(&bytes).bytes;
    assert_ne!(bytes, out);
    assert_eq!(thumb(&bytes), thumb(&out));
    assert_ne!(thumb(&out), thumb(&png()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn words_are_in_no_tag_that_is_kept(index in 0..11_usize, at in any::<prop::sample::Index>(), behind in any::<bool>()) {
        let mut all = tags(SRGB);
        all.extend([(*b"dmdd", described("SECRETOWNER")), (*b"cicp", b"cicp\0\0\0\0\x01\x0d\0\x01".to_vec())]);
        let at = if behind { all[index].1.len() } else { at.index(all[index].1.len() + 1) };
        let old = all[index].1.clone();
        all[index].1 = [&old[..at], b"SECRETOWNER", &old[at..]].concat();
        let (kept, _) = cut(&profile_of_tags(SRGB, &all));
        let kept = kept.unwrap_or_default();
        let wide: Vec<u8> = "SECRET".encode_utf16().flat_map(u16::to_be_bytes).collect();
        // Numbers can be anything: a word among them is a colour.
        let is_number = matches!(&all[index].0, b"rXYZ" | b"gXYZ" | b"bXYZ" | b"wtpt" | b"cicp" | b"rTRC" | b"gTRC" | b"bTRC") && !behind;
        prop_assert!(is_number || !kept.windows(6).any(|window| window == b"SECRET"));
        prop_assert!(!kept.windows(wide.len()).any(|window| window == wide));
    }

    #[test]
    fn changed_profiles_never_panic(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..6)) {
        let mut profile = SRGB.to_vec();
        let at = at.index(profile.len() - bytes.len());
        profile[at..at + bytes.len()].copy_from_slice(&bytes);
        cut(&profile);
    }
}

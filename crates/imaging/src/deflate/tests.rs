//! The walk against a decoder that unpacks.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::iter::once;

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use miniz_oxide::inflate::decompress_to_vec_zlib;
use proptest::prelude::*;

use super::*;

const MANY: u64 = 1 << 20;

fn measured(stream: &[u8], needed: usize) -> Result<Measured, Fault> {
    measure(once(stream), needed as u64, MANY)
}

fn whole(stream: &[u8], needed: usize) -> usize {
    let measured = measured(stream, needed).unwrap();
    let End::Whole(size) = measured.end else {
        panic!("{measured:?}")
    };
    assert_eq!(measured.bytes, needed as u64);
    size
}

/// Blocks of bytes that stand for themselves, of this many each, and an end.
fn stored(bytes: &[u8], each: usize) -> Vec<u8> {
    let mut out = vec![0x78, 1];
    let count = bytes.chunks(each).count();
    for (index, block) in bytes.chunks(each).enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(index + 1 == count));
        out.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        out.extend(block);
    }
    let packed = pack(bytes);
    out.extend(&packed[packed.len() - 4..]);
    out
}

/// As a program packs that flushes behind every row; the strategies of zlib: any, filtered, Huffman alone, runs, fixed.
fn flushed(bytes: &[u8], row: usize, level: i32, strategy: i32) -> Vec<u8> {
    let mut compressor =
        CompressorOxide::new(create_comp_flags_from_zip_params(level, 15, strategy));
    let mut out = Vec::new();
    let mut write = |bytes: &[u8], flush| {
        compress_to_output(&mut compressor, bytes, flush, |piece| {
            out.extend_from_slice(piece);
            true
        });
    };
    bytes
        .chunks(row)
        .for_each(|row| write(row, TDEFLFlush::Sync));
    write(&[], TDEFLFlush::Finish);
    out
}

/// Bytes of every kind: noise, text, repetitions far and near.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..200),
        prop::collection::vec(0..4_u8, 1..500),
        (any::<u8>(), 1..2_000_usize).prop_map(|(byte, count)| vec![byte; count]),
        Just(b"the same words, again and again. ".repeat(20)),
        (1..40_000_usize).prop_map(|count| (0..count)
            .map(|n| ((n * n) >> 7).to_le_bytes()[0])
            .collect()),
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

fn streams() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    (contents(), 0..13_u8, 0..5_i32, 1..5_000_usize).prop_map(|(bytes, kind, strategy, row)| {
        let stream = match kind {
            0..=10 => compress_to_vec_zlib(&bytes, kind),
            11 => flushed(&bytes, row.max(bytes.len() / 50), 6, strategy),
            _ => stored(&bytes, row.max(bytes.len() / 50)),
        };
        (bytes, stream)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_ends_where_it_was_ended((bytes, stream) in streams(), behind in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(whole(&[&stream[..], &behind].concat(), bytes.len()), stream.len());
        prop_assert_eq!(measured(&stream, bytes.len() + 1), Err(Fault::Short));
    }

    #[test]
    fn what_is_unpacked_is_what_was_packed((bytes, stream) in streams(), at in any::<prop::sample::Index>(), byte: u8) {
        prop_assert_eq!(unpack(&stream, bytes.len()), Ok(bytes.clone()));
        prop_assert_eq!(unpack(&stream, bytes.len() - 1), Err(Refused::TooMuch));
        let mut changed = stream;
        *at.get_mut(&mut changed) = byte;
        if let Ok(unpacked) = unpack(&changed, 2 * bytes.len()) {
            prop_assert_eq!(decompress_to_vec_zlib(&changed).ok(), Some(unpacked));
        }
    }

    #[test]
    fn it_is_the_same_in_pieces((bytes, stream) in streams(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30)) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        prop_assert_eq!(measure(pieces.iter().copied(), bytes.len() as u64, MANY), measured(&stream, bytes.len()));
        let each: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(measure(each.iter().copied(), bytes.len() as u64, MANY), measured(&stream, bytes.len()));
    }

    #[test]
    fn what_is_too_much_is_cut_and_the_rest_stays_the_same((bytes, stream) in streams(), part in any::<prop::sample::Index>()) {
        let needed = 1 + part.index(bytes.len());
        if let End::Surplus(seam) = measured(&stream, needed).unwrap().end {
            let cut = seam.cut(once(&stream[..])).unwrap();
            let unpacked = decompress_to_vec_zlib(&cut).unwrap();
            prop_assert!((needed..needed + 258).contains(&unpacked.len()));
            prop_assert_eq!(&unpacked[..], &bytes[..unpacked.len()]);
            prop_assert_eq!(measured(&cut, needed).unwrap().end, End::Whole(cut.len()));
            prop_assert!(cut.len() <= stream.len() + 8);
        }
    }

    #[test]
    fn one_that_is_cut_off_is_short_or_is_ended((bytes, stream) in streams(), part in any::<prop::sample::Index>()) {
        let stream = &stream[..part.index(stream.len())];
        match measured(stream, bytes.len()) {
            Err(fault) => prop_assert_ne!(fault, Fault::Slow),
            Ok(Measured { end: End::Surplus(seam), .. }) => {
                prop_assert_eq!(decompress_to_vec_zlib(&seam.cut(once(stream)).unwrap()).unwrap(), bytes);
            }
            Ok(measured) => prop_assert!(false, "{:?}", measured),
        }
    }

    #[test]
    fn changed_bytes_are_judged_as_a_decoder_does((bytes, mut stream) in streams(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let at = at.index(stream.len());
        stream[at] ^= byte;
        // What comes behind may break; what is needed is there.
        let mut unpacked = vec![0; bytes.len()];
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, _, count) = decompress(&mut DecompressorOxide::new(), &stream, &mut unpacked, 0, flags);
        let measured = measured(&stream, bytes.len());
        prop_assert_eq!(measured.is_ok(), count == bytes.len(), "{:?}, {:?} {} of {}", measured, status, count, bytes.len());
    }

    #[test]
    fn what_is_packed_here_is_unpacked_by_others(bytes in contents()) {
        let packed = pack(&bytes);
        prop_assert_eq!(decompress_to_vec_zlib(&packed).unwrap(), &bytes[..]);
        prop_assert_eq!(whole(&packed, bytes.len()), packed.len());
        prop_assert!(packed.len() <= bytes.len() * 9 / 8 + 16);
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..300), needed in 1..1_000_u64) {
        let _ = measure([b"\x78\x01", &bytes[..]].into_iter(), needed, MANY);
    }
}

#[test]
fn blocks_that_stand_for_nothing_are_too_slow() {
    // Fixed codes and an end, ten bits each.
    let empty = [&[0x78, 1][..], &b"\x02\x08\x20\x80\x00".repeat(100_000)].concat();
    assert_eq!(measure(once(&empty[..]), 1, 1_000), Err(Fault::Slow));
    let stored = [&[0x78, 1][..], &b"\0\0\0\xff\xff".repeat(100_000)].concat();
    assert_eq!(measure(once(&stored[..]), 1, 1_000), Err(Fault::Slow));
}

#[test]
fn a_distance_does_not_reach_before_the_start() {
    // Three bytes, three back from two.
    let mut stream = pack(&[1, 1, 1, 1, 1, 1]);
    assert_eq!(whole(&stream, 6), stream.len());
    stream[4] ^= 0xff;
    assert!(measured(&stream, 6).is_err());
}

/// Microseconds that this thread has had a core, on Linux: other work on the machine doesn't count.
fn on_cpu() -> u128 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    statistics
        .split(' ')
        .next()
        .unwrap()
        .parse::<u128>()
        .unwrap()
        / 1_000
}

#[test]
#[ignore = "measures: run it alone, with --nocapture"]
fn how_fast_the_walk_is() {
    let mut state = 1_u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    // As the filtered rows of a photograph are: small differences, more of the smaller ones.
    let photograph: Vec<u8> = (0..40_000_000)
        .map(|_| {
            (noise() % 16 * (noise() % 5))
                .wrapping_sub(noise() % 33)
                .to_le_bytes()[0]
        })
        .collect();
    let drawing: Vec<u8> = (0..40_000_000_u32)
        .map(|n| {
            if n % 997 < 3 {
                noise().to_le_bytes()[0]
            } else {
                (n / 50_000).to_le_bytes()[0]
            }
        })
        .collect();
    for (name, bytes) in [("photograph", photograph), ("drawing", drawing)] {
        for level in [1, 6] {
            let stream = compress_to_vec_zlib(&bytes, level);
            let pieces: Vec<&[u8]> = stream.chunks(8_192).collect();
            let start = on_cpu();
            let measured = measure(pieces.iter().copied(), bytes.len() as u64, MANY).unwrap();
            let took = (on_cpu() - start).max(1);
            let [packed, unpacked] = [stream.len(), bytes.len()].map(|size| size as u128 / took);
            println!(
                "{name}, level {level}: {} MB, {} blocks, {packed} MB/s packed, {unpacked} MB/s unpacked",
                stream.len() / 1_000_000,
                measured.blocks
            );
        }
    }
}

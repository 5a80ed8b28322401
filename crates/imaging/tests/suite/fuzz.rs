//! Real files, changed at random and made whole again, for as long as `just fuzz` says. A file that breaks a promise is kept.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tintype_imaging::{ContentType, Limits, clean, inspect, sniff};

use crate::pictures::*;

/// Numbers that lengths and sizes go wrong with.
const NUMBERS: &[u32] = &[0, 1, 2, 7, 8, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const LARGEST_SEED: u64 = 100_000;

/// xorshift64*, from a seed that is printed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

/// Made pictures, the fixtures, and what `just corpus` has downloaded.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![jpeg(), png(), apng(), gif(), webp(), animated_webp(), webp_with(&webp(), &[riff_chunk(b"ICCP", b"icc")], &[])];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join("fixtures"), root.join("../../target/corpus/files")];
    while let Some(path) = waiting.pop() {
        if let Ok(folder) = std::fs::read_dir(&path) {
            waiting.extend(folder.map(|entry| entry.unwrap().path()));
        } else if path.metadata().is_ok_and(|file| file.len() <= LARGEST_SEED) {
            let bytes = std::fs::read(&path).unwrap();
            seeds.extend(sniff(&bytes).is_ok().then_some(bytes));
        }
    }
    seeds
}

fn changed(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(64)).min(bytes.len());
        match random.below(9) {
            0 => bytes[at] = random.byte(),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let new: Vec<u8> = (at..end).map(|_| random.byte()).collect();
                bytes.splice(at..at, new);
            }
            4 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(end..end, copy.repeat(1 + random.below(4)));
            }
            5 => overwrite(&mut bytes, at, &NUMBERS[random.below(NUMBERS.len())].to_be_bytes()),
            6 => overwrite(&mut bytes, at, &NUMBERS[random.below(NUMBERS.len())].to_le_bytes()[..2 + 2 * random.below(2)]),
            7 => bytes.truncate(at),
            _ => {
                let other = &seeds[random.below(seeds.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[random.below(other.len())..]);
            }
        }
    }
    // Mostly made whole, so that the change gets past the checksums.
    if random.below(4) > 0 {
        mend(&mut bytes);
    }
    bytes
}

fn overwrite(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes[at..].iter_mut().zip(new).for_each(|(byte, new)| *byte = *new);
}

fn mend(bytes: &mut [u8]) {
    match sniff(bytes) {
        Ok(ContentType::Png) => {
            let mut at = 8;
            while let Some(length) = bytes.get(at..at + 4) {
                let end = at.saturating_add(8).saturating_add(u32::from_be_bytes(length.try_into().unwrap()) as usize);
                let Some(data) = bytes.get(at + 4..end) else { return };
                let checksum = crc32fast::hash(data).to_be_bytes();
                overwrite(&mut bytes[end..], 0, &checksum);
                at = end + 4;
            }
        }
        Ok(ContentType::Webp) => {
            let length = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
            overwrite(bytes, 4, &length);
        }
        _ => {}
    }
}

/// Runs until the time is up; a promise that is broken leaves its file behind.
fn fuzz(name: &str, limit: Duration, promise: impl Fn(&[u8])) {
    let variable = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let time = Duration::from_secs(variable("TINTYPE_FUZZ_SECONDS").unwrap_or(5));
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = variable("TINTYPE_FUZZ_SEED").unwrap_or_else(now);
    let (seeds, mut random, start, mut runs, mut accepted) = (seeds(), Random(seed | 1), Instant::now(), 0_u64, 0_u64);
    let mut slowest = Duration::ZERO;
    while start.elapsed() < time {
        let bytes = changed(&seeds, &mut random);
        let before = Instant::now();
        let kept = catch_unwind(AssertUnwindSafe(|| promise(&bytes)));
        let took = before.elapsed();
        slowest = slowest.max(took);
        if kept.is_err() || took > limit {
            let path = keep(name, &bytes);
            panic!("{name}: {} breaks a promise after {runs} files and {took:?}; TINTYPE_FUZZ_SEED={seed}", path.display());
        }
        accepted += u64::from(inspect(&bytes, &Limits::default()).is_ok());
        runs += 1;
    }
    println!("{name}: {runs} files from {} seeds, {accepted} accepted, slowest {slowest:?}, TINTYPE_FUZZ_SEED={seed}", seeds.len());
}

fn keep(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}-{:08x}", crc32fast::hash(bytes)));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
#[ignore = "run by `just fuzz`"]
fn sniffing_never_panics_and_what_is_inspected_is_sniffed() {
    fuzz("sniff", Duration::from_millis(50), |bytes| {
        let found = sniff(bytes);
        if let Ok(inspection) = inspect(bytes, &Limits::default()) {
            assert_eq!(found, Ok(inspection.content_type));
        }
    });
}

#[test]
#[ignore = "run by `just fuzz`"]
fn inspecting_keeps_to_the_limits() {
    let limits = Limits::default();
    fuzz("inspect", Duration::from_millis(250), |bytes| {
        if let Ok(inspection) = inspect(bytes, &limits) {
            let (width, height, frames) = (u64::from(inspection.width), u64::from(inspection.height), u64::from(inspection.frames));
            assert!(width.min(height) > 0 && width.max(height) <= u64::from(limits.max_side));
            assert!(width * height <= limits.max_pixels && frames <= u64::from(limits.max_frames));
            assert!(frames == 1 || width * height * frames <= limits.max_total_pixels);
        }
    });
}

#[test]
#[ignore = "run by `just fuzz`"]
fn cleaning_says_the_same_as_inspecting_and_twice_is_once() {
    let limits = Limits::default();
    fuzz("clean", Duration::from_millis(500), |bytes| match clean(bytes, &limits) {
        Err(refusal) => assert_eq!(inspect(bytes, &limits), Err(refusal)),
        Ok(once) => {
            let twice = clean(&once.bytes, &limits).unwrap();
            assert!(twice.bytes == once.bytes && twice.removed.is_empty(), "{:?}", twice.removed);
            assert_eq!(inspect(bytes, &limits), inspect(&once.bytes, &limits));
            // An orientation, an end, a table of colours: nothing else is put in.
            assert!(once.bytes.len() <= bytes.len() + 1024);
        }
    });
}

#[cfg(feature = "render")]
#[test]
#[ignore = "run by `just fuzz`"]
fn decoding_ends_soon_and_what_is_decoded_is_rendered() {
    let limits = Limits::default();
    fuzz("decode", Duration::from_secs(5), |bytes| {
        let Ok(out) = clean(bytes, &limits) else { return };
        let inspection = inspect(&out.bytes, &limits).unwrap();
        // For a side so small, nearly every JPEG is decoded at a reduced scale.
        for side in [16, tintype_imaging::PREVIEW_SIDE] {
            let Ok(decoded) = tintype_imaging::decode(&out.bytes, &inspection, &limits, side) else { return };
            let made = decoded.render().unwrap();
            assert!(made.thumb.width.max(made.thumb.height) <= 400 && made.preview.width.max(made.preview.height) <= 1600);
            assert!(made.preview.width <= inspection.width && made.preview.height <= inspection.height);
        }
    });
}

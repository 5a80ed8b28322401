#![expect(clippy::unwrap_used, reason = "a benchmark")]
//! How fast the embedded store takes objects over the wire, beside the plainest program that makes as many files last:
//! `just bench storage`.

mod plain;
mod store;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const OBJECTS: usize = 1000;
const SIZE: usize = 100_000;
const ROUNDS: usize = 5;
/// What is asked for: so much of the plain program's rate, at least.
const LEAST: f64 = 0.5;

fn main() {
    let disk = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    println!(
        "{OBJECTS} objects of {} KB, files or objects a second, the median of {ROUNDS} rounds in turn",
        SIZE / 1000
    );
    let mut least = f64::INFINITY;
    for at_once in [1, 8] {
        let mut rates = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            rates[0].push(rate(&disk, |folder| plain::write(folder, at_once, false)));
            rates[1].push(rate(&disk, |folder| store::take(folder, at_once)));
            rates[2].push(rate(&disk, |folder| plain::write(folder, at_once, true)));
            rates[3].push(rate(&disk, |folder| store::put(folder, at_once)));
        }
        let [files, presigned, lasting, own] = rates.map(median);
        let ratio = presigned / files;
        println!(
            "{at_once} at once: written, synchronised, renamed {files:.0}; with their folders synchronised too {lasting:.0}; \
             presigned PUT {presigned:.0}, which is {ratio:.2} and {:.2} of these; by the server's client {own:.0}, {:.2} and {:.2}",
            presigned / lasting,
            own / files,
            own / lasting
        );
        least = least.min(ratio);
    }
    assert!(
        least >= LEAST,
        "the store may take {LEAST} of the plain program's rate"
    );
}

/// Of work in a new folder, without what goes before and after.
fn rate(disk: &Path, work: impl FnOnce(&Path) -> Duration) -> f64 {
    let folder = TempDir::new_in(disk).unwrap();
    // What an earlier round left to be written is not to be paid for here.
    fs::File::open(folder.path()).unwrap().sync_all().unwrap();
    f64::from(u32::try_from(OBJECTS).unwrap()) / work(folder.path()).as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Another one for each object: nothing gains by equal bytes.
fn bytes(number: usize) -> Vec<u8> {
    let mut bytes = vec![7; SIZE];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

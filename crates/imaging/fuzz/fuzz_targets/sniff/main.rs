//! libFuzzer against `promises::sniff`.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tintype_imaging_fuzz::{mend, promises};

fuzz_target!(|bytes: &[u8]| promises::sniff(bytes));

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(bytes, size, max_size);
    mend::most(&mut bytes[..size], seed);
    size
});

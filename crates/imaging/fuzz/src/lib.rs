//! What holds for any bytes, for libFuzzer to break: `just fuzz`.

pub mod mend;
mod parts;
pub mod promises;

/// A program that breaks one of [`promises`], if libFuzzer can: by changes of its own, after which sums and lengths are mended.
#[macro_export]
macro_rules! target {
    ($promise:ident) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::promises::$promise(bytes));

        libfuzzer_sys::fuzz_mutator!(|bytes: &mut [u8],
                                      size: usize,
                                      max_size: usize,
                                      seed: u32| {
            let size = libfuzzer_sys::fuzzer_mutate(bytes, size, max_size);
            $crate::mend::most(&mut bytes[..size], seed);
            size
        });
    };
}

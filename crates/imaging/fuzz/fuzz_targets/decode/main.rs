//! libFuzzer against `promises::decode`.

#![no_main]

tintype_imaging_fuzz::target!(decode);

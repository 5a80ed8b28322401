//! libFuzzer against `promises::kept`.

#![no_main]

tintype_imaging_fuzz::target!(kept);

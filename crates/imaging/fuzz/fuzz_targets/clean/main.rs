//! libFuzzer against `promises::clean`.

#![no_main]

tintype_imaging_fuzz::target!(clean);

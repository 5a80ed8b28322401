//! libFuzzer against `promises::sniff`.

#![no_main]

tintype_imaging_fuzz::target!(sniff);

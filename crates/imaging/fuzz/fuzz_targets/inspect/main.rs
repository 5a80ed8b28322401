//! libFuzzer against `promises::inspect`.

#![no_main]

tintype_imaging_fuzz::target!(inspect);

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]
//! How fast pictures are checked, cleaned and rendered, and how that compares with libvips: `just bench imaging`.

mod cpu;
mod photograph;
mod vips;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use tintype_imaging::{Decoded, Limits, PREVIEW_SIDE, THUMB_SIDE, clean, decode, inspect};

fn decoded(photograph: &[u8], limits: &Limits, side: u32) -> Decoded {
    decode(
        photograph,
        &inspect(photograph, limits).unwrap(),
        limits,
        side,
    )
    .unwrap()
}

fn of_a_photograph(criterion: &mut Criterion) {
    let limits = Limits::default();
    let photograph = photograph::twelve_megapixels();
    let mut group =
        criterion.benchmark_group(format!("JPEG of 12 MP, {} KB", photograph.len() / 1000));
    group.sample_size(10);
    group.throughput(Throughput::Bytes(photograph.len() as u64));
    group.bench_function("inspect", |bencher| {
        bencher.iter(|| inspect(black_box(&photograph), &limits));
    });
    group.bench_function("inspect and clean", |bencher| {
        bencher.iter(|| {
            (
                inspect(black_box(&photograph), &limits).unwrap(),
                clean(black_box(&photograph), &limits).unwrap(),
            )
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decoded(black_box(&photograph), &limits, u32::MAX));
    });
    group.bench_function("thumbnail", |bencher| {
        bencher.iter(|| {
            decoded(black_box(&photograph), &limits, THUMB_SIDE)
                .thumbnail()
                .unwrap()
        });
    });
    group.bench_function("preview and thumbnail", |bencher| {
        bencher.iter(|| {
            decoded(black_box(&photograph), &limits, PREVIEW_SIDE)
                .render()
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, of_a_photograph);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    vips::compare();
}

//! What each of libwebp's methods costs and saves: `cargo run --release -p tintype-imaging --features render --example webp_methods FILE...`
//! prints a table in Markdown. Pictures that can't be read are left out. CPU time is that of this one thread.

use std::path::Path;

use image::DynamicImage;
use image::imageops::FilterType;
use tintype_imaging::{PREVIEW_QUALITY, PREVIEW_SIDE, THUMB_QUALITY, THUMB_SIDE};
use webp::{Encoder, WebPConfig};

/// What all pictures of one size take together.
#[derive(Clone, Copy, Default)]
struct Sum {
    seconds: f64,
    bytes: usize,
}

fn main() {
    let files = std::env::args_os().skip(1);
    let pictures: Vec<_> = files.filter_map(|file| read(Path::new(&file))).collect();
    println!("| method | previews, ms each | KB each | thumbnails, ms each | KB each |");
    println!("|---|---|---|---|---|");
    for method in 0..=6 {
        let [preview, thumb] = [(PREVIEW_SIDE, PREVIEW_QUALITY), (THUMB_SIDE, THUMB_QUALITY)]
            .map(|(side, quality)| encode_all(&pictures, side, quality, method));
        let cells = [preview, thumb].map(|sum| each(sum, pictures.len()));
        println!("| {method} | {} | {} |", cells[0], cells[1]);
    }
    println!("{} pictures", pictures.len());
}

/// The picture, no larger than a preview.
fn read(file: &Path) -> Option<DynamicImage> {
    let picture = image::open(file).ok()?;
    let fitted = if picture.width().max(picture.height()) > PREVIEW_SIDE {
        picture.resize(PREVIEW_SIDE, PREVIEW_SIDE, FilterType::Lanczos3)
    } else {
        picture
    };
    Some(DynamicImage::ImageRgb8(fitted.to_rgb8()))
}

fn encode_all(pictures: &[DynamicImage], side: u32, quality: f32, method: i32) -> Sum {
    let mut sum = Sum::default();
    for picture in pictures {
        let fitted = picture.resize(side, side, FilterType::Triangle);
        let Ok(mut config) = WebPConfig::new() else {
            continue;
        };
        (config.quality, config.method) = (quality, method);
        let start = cpu_seconds();
        let encoder = Encoder::from_rgb(fitted.as_bytes(), fitted.width(), fitted.height());
        sum.bytes += encoder
            .encode_advanced(&config)
            .map_or(0, |webp| webp.len());
        sum.seconds += cpu_seconds() - start;
    }
    sum
}

fn each(sum: Sum, pictures: usize) -> String {
    let count = u32::try_from(pictures.max(1)).map_or(f64::NAN, f64::from);
    let bytes = u32::try_from(sum.bytes).map_or(f64::NAN, f64::from);
    format!(
        "{:.1} | {:.1}",
        sum.seconds * 1000.0 / count,
        bytes / 1000.0 / count
    )
}

/// Of this process: it has one thread.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = text
        .split(' ')
        .next()
        .and_then(|first| first.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}

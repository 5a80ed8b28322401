use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use image::imageops::FilterType;
use image::{ImageFormat, Rgb};

/// A folder for what the benchmark writes.
pub fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-imaging");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A photograph from the fixtures, enlarged to 4000 x 3000, with the grain that a sensor would have left: what coders work on is the
/// grain. libvips writes it as cameras do, with halved colours.
pub fn twelve_megapixels() -> Vec<u8> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(make).clone()
}

fn make() -> Vec<u8> {
    let small = image::load_from_memory(include_bytes!("../../fixtures/landscape.jpg"))
        .unwrap()
        .crop_imm(33, 0, 533, 400);
    let mut large = small
        .resize_exact(4000, 3000, FilterType::CatmullRom)
        .into_rgb8();
    let mut state = 0x2545_f491_u32;
    for Rgb(pixel) in large.pixels_mut() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // The sum of three is nearly a bell curve, from -18 to 18.
        let grain = state
            .to_le_bytes()
            .iter()
            .take(3)
            .map(|byte| i16::from(byte % 13) - 6)
            .sum::<i16>();
        *pixel =
            pixel.map(|channel| u8::try_from((i16::from(channel) + grain).clamp(0, 255)).unwrap());
    }
    let (png, jpeg) = (
        folder().join("photograph.png"),
        folder().join("photograph.jpg"),
    );
    large.save_with_format(&png, ImageFormat::Png).unwrap();
    let run = Command::new("vips")
        .arg("jpegsave")
        .args([&png, &jpeg])
        .args(["--Q", "93", "--subsample-mode", "on"])
        .status();
    assert!(run.expect("install vips (Debian: libvips-tools)").success());
    std::fs::read(jpeg).unwrap()
}

//! Large pictures of one colour, made in a moment: what a decoder allocates follows the header.

use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbaImage};

use crate::pictures::*;

/// How a JPEG is coded.
#[derive(Clone, Copy, PartialEq)]
pub enum Coding {
    Baseline,
    Progressive,
}

/// Every code is one bit long and means "nothing more": a picture is a row of zeros.
pub fn jpeg_of(coding: Coding, (width, height): (u16, u16), sampling: &[u8]) -> Vec<u8> {
    let count = u8::try_from(sampling.len()).unwrap();
    let frame: Vec<u8> = sampling
        .iter()
        .zip(1..)
        .flat_map(|(sampling, number)| [number, *sampling, 0])
        .collect();
    let frame = [
        &[8],
        &height.to_be_bytes()[..],
        &width.to_be_bytes(),
        &[count],
        &frame,
    ]
    .concat();
    let table = |class: u8| [&[class << 4, 1], &[0; 15][..], &[0]].concat();
    let head = [
        segment(
            0xdb,
            &[0; 1].iter().chain(&[1; 64]).copied().collect::<Vec<_>>(),
        ),
        segment(0xc4, &table(0)),
        segment(0xc4, &table(1)),
    ];
    let start = if coding == Coding::Baseline {
        0xc0
    } else {
        0xc2
    };
    let (across, down) = (
        sampling.iter().map(|s| s >> 4).max().unwrap(),
        sampling.iter().map(|s| s & 15).max().unwrap(),
    );
    let units = |length: u16, of: u8| usize::from(length).div_ceil(8 * usize::from(of));
    let blocks = |sampling: u8| {
        units(width, across)
            * usize::from(sampling >> 4)
            * units(height, down)
            * usize::from(sampling & 15)
    };
    let all: usize = sampling.iter().map(|sampling| blocks(*sampling)).sum();
    let numbers: Vec<u8> = (1..=count).collect();
    let mut scans = Vec::new();
    match coding {
        Coding::Baseline => scans.push(scan_of(&numbers, [0, 63], all * 2)),
        Coding::Progressive => {
            scans.push(scan_of(&numbers, [0, 0], all));
            scans.extend(
                numbers
                    .iter()
                    .zip(sampling)
                    .map(|(number, sampling)| scan_of(&[*number], [1, 63], blocks(*sampling))),
            );
        }
    }
    [
        b"\xff\xd8",
        &segment(start, &frame)[..],
        &head.concat(),
        &scans.concat(),
        b"\xff\xd9",
    ]
    .concat()
}

fn scan_of(components: &[u8], spectrum: [u8; 2], bits: usize) -> Vec<u8> {
    let count = u8::try_from(components.len()).unwrap();
    let tables: Vec<u8> = components.iter().flat_map(|number| [*number, 0]).collect();
    [
        segment(0xda, &[&[count], &tables[..], &spectrum, &[0]].concat()),
        vec![0; bits.div_ceil(8)],
    ]
    .concat()
}

fn png_pixels(width: u32, height: u32, bytes_per_pixel: usize) -> Vec<u8> {
    let row = 1 + width as usize * bytes_per_pixel;
    miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; row * height as usize], 1)
}

fn png_head(width: u32, height: u32, depth: u8) -> Vec<u8> {
    [
        &png()[..8],
        &png_chunk(
            b"IHDR",
            &[
                &width.to_be_bytes()[..],
                &height.to_be_bytes(),
                &[depth, 6, 0, 0, 0],
            ]
            .concat(),
        ),
    ]
    .concat()
}

/// Red, green, blue and alpha.
pub fn png_of(width: u32, height: u32, depth: u8) -> Vec<u8> {
    let pixels = png_pixels(width, height, usize::from(depth / 2));
    [
        png_head(width, height, depth),
        png_chunk(b"IDAT", &pixels),
        png_chunk(b"IEND", b""),
    ]
    .concat()
}

/// Two frames.
pub fn apng_of(width: u32, height: u32) -> Vec<u8> {
    let pixels = png_pixels(width, height, 4);
    let control = |number: u32| {
        let size = [number, width, height].map(u32::to_be_bytes).concat();
        png_chunk(
            b"fcTL",
            &[&size[..], &[0; 8], &[0, 1, 0, 10, 1, 0]].concat(),
        )
    };
    let more = png_chunk(b"fdAT", &[&2_u32.to_be_bytes()[..], &pixels].concat());
    let body = [
        png_chunk(b"acTL", b"\0\0\0\x02\0\0\0\0"),
        control(0),
        png_chunk(b"IDAT", &pixels),
        control(1),
        more,
    ]
    .concat();
    [png_head(width, height, 8), body, png_chunk(b"IEND", b"")].concat()
}

/// Two frames.
pub fn gif_of(width: u16, height: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder =
        gif::Encoder::new(&mut out, width, height, &[200, 20, 20, 20, 200, 20]).unwrap();
    for index in [0, 1] {
        let pixels = vec![index; usize::from(width) * usize::from(height)];
        encoder
            .write_frame(&gif::Frame {
                width,
                height,
                buffer: pixels.into(),
                ..gif::Frame::default()
            })
            .unwrap();
    }
    drop(encoder);
    out
}

/// Of pixels that differ, so that every page of memory is written to.
fn colourful(width: u32, height: u32, alpha: u8) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([
            (x / 16).to_le_bytes()[0],
            (y / 16).to_le_bytes()[0],
            90,
            alpha.max(x.to_le_bytes()[0]),
        ])
    })
}

pub fn lossless_webp_of(width: u32, height: u32, alpha: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let pixels = colourful(width, height, alpha);
    let colours = if alpha == 255 {
        ExtendedColorType::Rgb8
    } else {
        ExtendedColorType::Rgba8
    };
    let bytes = if alpha == 255 {
        image::DynamicImage::from(pixels).into_rgb8().into_raw()
    } else {
        pixels.into_raw()
    };
    WebPEncoder::new_lossless(&mut out)
        .write_image(&bytes, width, height, colours)
        .unwrap();
    out
}

#[cfg(feature = "render")]
pub fn lossy_webp_of(width: u32, height: u32, alpha: u8) -> Vec<u8> {
    let pixels = colourful(width, height, alpha);
    if alpha == 255 {
        let pixels = image::DynamicImage::from(pixels).into_rgb8();
        return webp::Encoder::from_rgb(&pixels, width, height)
            .encode(10.0)
            .to_vec();
    }
    webp::Encoder::from_rgba(&pixels, width, height)
        .encode(10.0)
        .to_vec()
}

/// Two frames with the pixels of a still picture.
pub fn moving_webp_of(still: &[u8], width: u32, height: u32) -> Vec<u8> {
    let place = [
        [0; 3].as_slice(),
        &[0; 3],
        &(width - 1).to_le_bytes()[..3],
        &(height - 1).to_le_bytes()[..3],
        &[100, 0, 0, 0],
    ]
    .concat();
    // Behind the header of a file of the extended kind, where there is one.
    let pixels = if &still[12..16] == b"VP8X" {
        &still[30..]
    } else {
        &still[12..]
    };
    let frame = riff_chunk(b"ANMF", &[&place, pixels].concat());
    let header = [&[0x12, 0, 0, 0], &place[6..12]].concat();
    riff(
        &[
            riff_chunk(b"VP8X", &header),
            riff_chunk(b"ANIM", &[0; 6]),
            frame.repeat(2),
        ]
        .concat(),
    )
}

/// Bits, the lowest of each byte first.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    count: usize,
}

impl BitWriter {
    fn put_all(&mut self, all: impl IntoIterator<Item = (u32, usize)>) {
        for (value, count) in all {
            self.put(value, count);
        }
    }

    fn put(&mut self, value: u32, count: usize) {
        for at in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= u8::from(value >> at & 1 == 1) << (self.count % 8);
            self.count += 1;
        }
    }
}

/// A lossless picture of 16 x 16 whose blocks claim to use the last of so many groups of codes, each as large as a table gets.
pub fn webp_of_codes(groups: u32) -> Vec<u8> {
    let mut out = BitWriter::default();
    out.put(0x2f, 8);
    out.put(15, 14);
    out.put(15, 14);
    // No alpha, version 0, no transform, no cache; blocks of 4 x 4 have groups.
    out.put_all([(0, 1), (0, 3), (0, 1), (0, 1), (1, 1), (0, 3), (0, 1)]);
    let last = groups - 1;
    for symbol in [last & 0xff, last >> 8, 0, 0, 0] {
        // One symbol of 8 bits.
        out.put_all([(1, 1), (0, 1), (1, 1), (symbol, 8)]);
    }
    for _ in 0..groups * 5 {
        code_of_ten_bits(&mut out);
    }
    out.put_all([(0, 1); 16 * 16 * 4]);
    riff(&riff_chunk(b"VP8L", &out.bytes))
}

/// Eleven symbols, of 1, 2, ... 10 and 10 bits.
fn code_of_ten_bits(out: &mut BitWriter) {
    const ORDER: [usize; 14] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10];
    // Of 1 to 10: six codes of 3 bits, four of 4.
    let length = |symbol: usize| {
        if (1..=6).contains(&symbol) {
            3
        } else if (7..=10).contains(&symbol) {
            4
        } else {
            0
        }
    };
    out.put(0, 1);
    out.put(10, 4);
    out.put_all(ORDER.map(|symbol| (length(symbol), 3)));
    // Of 4 bits (1 + 1) * 2, the count of symbols.
    out.put_all([(1, 1), (1, 3), (11 - 2, 4)]);
    for symbol in (1..=10).chain([10]) {
        let (code, bits) = if symbol <= 6 {
            (symbol - 1, 3)
        } else {
            (12 + symbol - 7, 4)
        };
        out.put_all((0..bits).rev().map(|bit| (code >> bit & 1, 1)));
    }
}

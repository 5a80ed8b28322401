//! Pictures that move, in the formats that can.

use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::looking::drawn;
use crate::server::Server;
use crate::viewer::shows;

/// The same picture as WebP.
const WEBP: &str = r#"
const [width, height, colour, done] = arguments;
const canvas = new OffscreenCanvas(width, height);
const context = canvas.getContext("2d");
context.fillStyle = colour;
context.fillRect(0, 0, width, height);
canvas.convertToBlob({ type: "image/webp" }).then(async blob => done([...new Uint8Array(await blob.arrayBuffer())]));
"#;

/// Wider than any preview.
const SIZE: (u32, u32) = (1700, 300);
const COLOURS: [&str; 2] = ["#cc2200", "#0022cc"];

/// A PNG that shows one after the other, a fifth of a second each, for ever.
fn animated_png(frames: &[TestFile; 2]) -> Vec<u8> {
    let chunks = frames.each_ref().map(|frame| png_chunks(&frame.bytes));
    let mut out = frames[0].bytes[..8].to_vec();
    let mut add = |kind: &[u8; 4], data: &[u8]| {
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let body = [kind.as_slice(), data].concat();
        out.extend(&body);
        out.extend(crc32fast::hash(&body).to_be_bytes());
    };
    let control = |number: u32| {
        let words = [number, SIZE.0, SIZE.1, 0, 0].map(u32::to_be_bytes);
        [words.concat(), vec![0, 1, 0, 5, 0, 0]].concat()
    };
    let of = |frame: usize, kind: &[u8; 4]| {
        let all = chunks[frame].iter().filter(|(found, _)| found == kind);
        all.flat_map(|(_, data)| data.clone()).collect::<Vec<u8>>()
    };
    add(b"IHDR", &of(0, b"IHDR"));
    add(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    add(b"fcTL", &control(0));
    add(b"IDAT", &of(0, b"IDAT"));
    add(b"fcTL", &control(1));
    add(b"fdAT", &[vec![0, 0, 0, 2], of(1, b"IDAT")].concat());
    add(b"IEND", &[]);
    out
}

fn png_chunks(png: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut rest = &png[8..];
    let mut chunks = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
        let kind = *after.first_chunk::<4>().unwrap();
        chunks.push((kind, after[4..4 + length].to_vec()));
        rest = &after[length + 8..];
    }
    chunks
}

/// The same of two WebP pictures.
fn animated_webp(frames: &[Vec<u8>; 2]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [kind.as_slice(), &length, data, &vec![0; data.len() % 2]].concat()
    };
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let size = [three(SIZE.0 - 1), three(SIZE.1 - 1)].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[vec![2, 0, 0, 0], size.clone()].concat()));
    body.extend(chunk(b"ANIM", &[0; 6]));
    for frame in frames {
        // Without alpha, the picture's one chunk follows its head.
        let head = [vec![0; 6], size.clone(), three(200), vec![2]].concat();
        body.extend(chunk(b"ANMF", &[&head, &frame[12..]].concat()));
    }
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF".to_vec(), length.to_vec(), body].concat()
}

pub async fn wide_pictures_that_move_do_so_in_the_view_whatever_their_format() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let mut still = Vec::new();
    let mut webps = Vec::new();
    for colour in COLOURS {
        still.push(drawn(&alice, "still.png", SIZE, colour).await);
        let told = alice
            .async_script(WEBP, json!([SIZE.0, SIZE.1, colour]))
            .await;
        let bytes = told.as_array().unwrap().iter();
        webps.push(
            bytes
                .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
                .collect(),
        );
    }
    let png = animated_png(&still.try_into().unwrap_or_else(|_| panic!("two")));
    let webp = animated_webp(&webps.try_into().unwrap());
    let files = [
        TestFile::new("wide.png", "image/png", png),
        TestFile::new("wide.webp", "image/webp", webp),
    ];
    alice.drop_files(&files).await;
    alice.sees("2 pictures uploaded").await;
    alice.press("Clear").await;
    for file in files {
        alice.follow(&file.name).await;
        shows(&alice, &file.name).await;
        let before = alice.driver.screenshot_as_png().await.unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while alice.driver.screenshot_as_png().await.unwrap() == before {
            assert!(
                std::time::Instant::now() < deadline,
                "{} stands still",
                file.name
            );
        }
        alice.follow("Back to all pictures").await;
    }
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

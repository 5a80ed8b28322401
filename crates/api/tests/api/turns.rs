//! An account that sends much keeps no other waiting.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use tintype_core::db::{claim_due, upload};
use tintype_dto::{CreatedUpload, CreatedUploads, Image, Upload};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::{On, TestServer, on_both_databases};

/// 17 frames of 16.8 megapixels in less than a kilobyte.
fn heavy() -> Vec<u8> {
    const SIDE: u32 = 4096;
    let chunk = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [kind, &length, data, &[0][..data.len() % 2]].concat()
    };
    let side = (SIDE - 1).to_le_bytes();
    // Lossless: a size, no transformations, one group of five codes of one symbol each, so that a pixel takes no bit.
    let width_and_height = (SIDE - 1) | (SIDE - 1) << 14;
    let codes: u64 = (0..5).fold(0, |bits, code| bits | 0b0001 << (3 + 4 * code));
    let pixels = [
        &[0x2f][..],
        &width_and_height.to_le_bytes(),
        &codes.to_le_bytes(),
    ]
    .concat();
    let place = [&[0; 6][..], &side[..3], &side[..3], &[100, 0, 0, 0]].concat();
    let frame = chunk(b"ANMF", &[place, chunk(b"VP8L", &pixels)].concat());
    let header = [&[0x12, 0, 0, 0][..], &side[..3], &side[..3]].concat();
    let chunks = [
        chunk(b"VP8X", &header),
        chunk(b"ANIM", &[0; 6]),
        frame.repeat(17),
    ]
    .concat();
    [
        b"RIFF",
        &u32::try_from(chunks.len() + 4).unwrap().to_le_bytes()[..],
        b"WEBP",
        &chunks,
    ]
    .concat()
}

/// About 100 KB that can't be packed.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let pixels = RgbImage::from_fn(200, 170, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, a, b, c] = state.to_le_bytes();
        Rgb([a, b, c])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

async fn announce_many(
    client: &Client,
    content_type: &str,
    size_bytes: usize,
    count: usize,
) -> Vec<Upload> {
    let file =
        json!({"filename": "a.webp", "content_type": content_type, "size_bytes": size_bytes});
    let mut uploads = Vec::new();
    while uploads.len() < count {
        let answers: CreatedUploads = client
            .post(
                "/uploads/bulk",
                &json!({"files": vec![&file; (count - uploads.len()).min(100)]}),
            )
            .await
            .ok();
        uploads.extend(answers.items.into_iter().map(|item| match item {
            CreatedUpload::Upload(upload) => *upload,
            CreatedUpload::Problem(problem) => panic!("{problem:?}"),
        }));
    }
    uploads
}

/// Sends this file this many times, and confirms all without waiting for an answer.
async fn send_many(client: &Client, bytes: &[u8], count: usize) -> Vec<Uuid> {
    use futures::{StreamExt, stream};
    let uploads = announce_many(client, "image/webp", bytes.len(), count).await;
    let puts = stream::iter(&uploads)
        .map(|upload| client.put(upload, bytes))
        .buffer_unordered(8);
    puts.for_each(async |put| assert_eq!(put.status, 200)).await;
    let ids: Vec<_> = uploads.into_iter().map(|upload| upload.id).collect();
    let (client, all) = (client.clone(), ids.clone());
    // Each has its own connection while it waits for its answer.
    tokio::spawn(async move {
        let confirms = stream::iter(all)
            .map(|id| client.try_confirm(id))
            .buffer_unordered(200);
        confirms.for_each(async |_| ()).await;
    });
    ids
}

/// How long another account's small picture takes while this file waits this many times, and how many still wait then.
async fn small_among(file: &[u8], count: usize) -> (Duration, usize) {
    let server = TestServer::start_with(On::Sqlite, |_| {}).await;
    let (ada, eve) = (server.user().await, server.user().await);
    let picture = noise();
    let sent = send_many(&ada, file, count).await;
    while server.app().pipeline.load().1 < sent.len().min(200) / 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let start = Instant::now();
    let mut answer = eve.try_upload("a.png", &picture).await;
    let id = (answer.status == 202).then(|| answer.ok::<Upload>().id);
    while answer.status == 202 {
        answer = eve.confirm(id.unwrap()).await;
    }
    answer.ok::<Image>();
    let took = start.elapsed();
    (took, server.app().pipeline.load().1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_heavy_files_of_one_account_do_not_hold_up_anothers_small_one() {
    let (took, waiting) = small_among(&heavy(), 200).await;
    println!("{took:?}, {waiting} still wait");
    assert!(waiting > 20, "{waiting}: it came after them");
    // Other tests run beside this one: the time is measured where none does.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measured, so nothing else should run meanwhile"]
async fn a_small_picture_is_done_within_two_seconds_while_a_thousand_heavy_ones_wait() {
    let (took, waiting) = small_among(&heavy(), 1000).await;
    println!("{took:?}, {waiting} still wait");
    assert!(waiting > 20 && took < Duration::from_secs(2), "{took:?}");
}

/// Calls to the store so far, of one kind.
async fn calls(server: &TestServer, operation: &str) -> u64 {
    let text = String::from_utf8(
        server
            .fetch(&format!("{}/metrics", server.ops_url()))
            .await
            .body,
    )
    .unwrap();
    let name = format!("storage_calls_total{{operation=\"{operation}\"");
    text.lines()
        .filter(|line| line.contains(&name))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_announced_and_never_sent_cost_few_calls_to_the_store() {
    const COUNT: u64 = 100;
    let server = TestServer::start_with(On::Sqlite, |config| config.server.worker = false).await;
    let ada = server.user().await;
    announce_many(&ada, "image/png", 1, usize::try_from(COUNT).unwrap()).await;
    let before = [calls(&server, "head").await, calls(&server, "list").await];
    for _ in 0..62 {
        server.clock.advance(TimeDelta::minutes(1));
        server.work().await;
    }
    let [heads, lists] = [
        calls(&server, "head").await - before[0],
        calls(&server, "list").await - before[1],
    ];
    println!("{heads} heads and {lists} lists");
    assert!(
        heads + 12 * lists < 12 * COUNT,
        "{heads} heads and {lists} lists, for {COUNT} files in an hour"
    );
    let me: tintype_dto::User = ada.get("/me").await.ok();
    assert_eq!(me.usage.bytes, 0, "they have expired");
}

on_both_databases! {
    async fn files_that_one_listing_finds_are_published_and_the_others_are_not(server: TestServer) {
        let ada = server.user().await;
        let bytes = jpeg(1);
        let uploads = announce_many(&ada, "image/jpeg", bytes.len(), 30).await;
        let (landed, missing) = uploads.split_at(3);
        for upload in landed {
            assert_eq!(ada.put(upload, &bytes).await.status, 200);
        }
        server.clock.advance(TimeDelta::seconds(60));
        server.work().await;
        for upload in landed {
            ada.confirm(upload.id).await.ok::<Image>();
        }
        for upload in missing {
            ada.confirm(upload.id).await.problem("not_uploaded");
        }
    }

    async fn the_worker_takes_turns_between_accounts(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        announce_many(&ada, "image/png", 1, 120).await;
        let hers = announce_many(&eve, "image/png", 1, 2).await;
        let later = server.clock.now() + TimeDelta::minutes(1);
        let claimed =
            claim_due::<upload::Entity>(server.db(), (upload::Column::Id, upload::Column::DueAt), later, later, 10).await.unwrap();
        assert_eq!(claimed.len(), 10);
        assert!(hers.iter().all(|upload| claimed.iter().any(|row| row.id == upload.id.into())), "however much another has due");
    }
}

/// 12 megapixels of noise, in about 5 MB.
fn photograph() -> Vec<u8> {
    let mut state = 1_u32;
    let pixels = RgbImage::from_fn(4000, 3000, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state.to_le_bytes()[3] >> 3;
        Rgb([
            x.to_le_bytes()[0] / 2 + noise,
            y.to_le_bytes()[0] / 2 + noise,
            90 + noise,
        ])
    });
    let mut out = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 92)
        .encode_image(&pixels)
        .unwrap();
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, and 5 GB of disk"]
async fn a_thousand_photographs_of_5_mb_dropped_at_once_all_arrive() {
    use futures::{StreamExt, stream};
    let server = TestServer::start_with(On::Sqlite, |_| {}).await;
    let (ada, photograph) = (server.user().await, photograph());
    assert!(
        photograph.len() > 5_000_000,
        "{} bytes each",
        photograph.len()
    );
    println!("{} bytes each", photograph.len());
    let start = Instant::now();
    let uploads = announce_many(&ada, "image/jpeg", photograph.len(), 1000).await;
    println!("announced in {:?}", start.elapsed());
    // The density in the header makes each another file.
    let arrived = stream::iter(uploads.iter().zip(0_u16..)).map(async |(upload, number)| {
        let mut bytes = photograph.clone();
        bytes[14..16].copy_from_slice(&(number + 1).to_be_bytes());
        assert_eq!(ada.put(upload, &bytes).await.status, 200);
        loop {
            let answer = ada.confirm(upload.id).await;
            match answer.status.as_u16() {
                202 => tokio::time::sleep(Duration::from_secs(1)).await,
                200 => break,
                _ => panic!(
                    "{}: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ),
            }
        }
    });
    let arrived = arrived.buffer_unordered(16).count().await;
    println!("{arrived} arrived in {:?}", start.elapsed());
    assert_eq!(arrived, 1000);
}

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::browser::Browser;
use crate::files::{TestFile, fixture_path};
use crate::server::Server;

const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";

pub async fn a_file_is_read_before_its_name_is_believed() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let named = |name: &str, media_type: &str| {
        let TestFile { bytes, .. } = TestFile::fixture("animated.gif").varied(name);
        TestFile::new(name, media_type, bytes)
    };
    let odd = [
        ("IMG_0043.HEIC", "image/heic"),
        ("photo.jpg_large", ""),
        ("scan", "application/octet-stream"),
        ("loop.apng", "image/apng"),
    ];
    alice
        .drop_files(&odd.map(|(name, media_type)| named(name, media_type)))
        .await;
    alice.sees("4 pictures uploaded").await;
    for (name, _) in odd {
        alice.finds_picture(name).await;
    }
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_files_are_told_in_the_servers_words_and_the_others_go_on() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let files = [
        TestFile::new("IMG_0042.HEIC", "", HEIC),
        TestFile::new(
            "page.png",
            "image/png",
            "<!doctype html><script>alert(1)</script>",
        ),
        TestFile::fixture("landscape.jpg"),
    ];
    alice.drop_files(&files).await;
    alice
        .tray_says("IMG_0042.HEIC", "HEIC is not supported")
        .await;
    alice
        .tray_says("page.png", "This is a web page, not a picture")
        .await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.sees("1 uploaded, 2 not").await;
    alice.press("Dismiss page.png").await;
    alice.press("Dismiss IMG_0042.HEIC").await;
    alice.sees("1 picture uploaded").await;
    // Nothing of them was sent: no request was made.
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_be_cancelled_and_tried_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.network(Some(3_000)).await;
    alice
        .drop_files(&[
            TestFile::fixture("landscape.jpg"),
            TestFile::fixture("alpha.png"),
        ])
        .await;
    alice.tray_says("landscape.jpg", "%").await;
    alice.press("Cancel landscape.jpg").await;
    alice.tray_says("landscape.jpg", "Cancelled").await;
    alice.network(None).await;
    // Its row moves once that has ended.
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Retry landscape.jpg").await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.sees_picture("landscape.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_queue_waits_and_goes_on_by_itself() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.network(Some(0)).await;
    alice
        .drop_files(&[
            TestFile::fixture("landscape.jpg"),
            TestFile::fixture("photo.webp"),
        ])
        .await;
    alice
        .sees("No connection. Uploads continue when it's back.")
        .await;
    alice.network(None).await;
    alice.sees("2 pictures uploaded").await;
    alice.sees_picture("photo.webp").await;
    assert_eq!(
        alice
            .console_errors(&["net::ERR_INTERNET_DISCONNECTED"])
            .await,
        [""; 0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_files_go_four_at_a_time_and_all_arrive() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let files: Vec<_> = (0..40)
        .map(|n| TestFile::fixture("animated.gif").varied(&format!("file-{n}.gif")))
        .collect();
    alice.network(Some(60_000)).await;
    alice.drop_files(&files).await;
    alice.sees("waiting").await;
    alice.network(None).await;
    alice.sees("40 pictures uploaded").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_dropped_folder_every_picture_at_any_depth_arrives_and_the_second_time_nothing_is_sent()
 {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let folder = tempfile::tempdir().unwrap();
    let trip = folder.path().join("trip");
    fs::create_dir_all(trip.join("day 1/evening")).unwrap();
    for (from, to) in [
        ("landscape.jpg", "start.jpg"),
        ("alpha.png", "day 1/noon.png"),
        ("photo.webp", "day 1/evening/late.webp"),
    ] {
        fs::copy(fixture_path(from), trip.join(to)).unwrap();
    }
    fs::write(trip.join("notes.txt"), "not a picture").unwrap();
    fs::write(trip.join(".hidden.jpg"), "not for anybody").unwrap();
    // More than a browser gives at a time.
    let many = trip.join("many");
    fs::create_dir(&many).unwrap();
    for n in 0..105 {
        let file = TestFile::fixture("animated.gif").varied(&format!("m{n}.gif"));
        fs::write(many.join(&file.name), &file.bytes).unwrap();
    }
    alice.drop_from_disk(std::slice::from_ref(&trip)).await;
    alice
        .sees("2 other files in that folder were left out.")
        .await;
    let said = "return document.querySelector('.tray h2').textContent === arguments[0]";
    let uploaded = json!(["108 pictures uploaded"]);
    alice
        .holds_within(
            Duration::from_secs(90),
            "all to arrive".into(),
            said,
            uploaded,
        )
        .await;
    for name in ["start.jpg", "noon.png", "late.webp"] {
        alice.finds_picture(name).await;
    }
    alice.goto("/").await;
    alice.drop_from_disk(&[trip]).await;
    alice.sees("108 pictures already uploaded").await;
    let all_had = "return [...document.querySelectorAll('.upload .status')].every(said => said.textContent.startsWith('Already uploaded'))";
    alice
        .holds("every file to be known".into(), all_had, json!([]))
        .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_among_twenty_good_ones_stops_none_of_them() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let mut files: Vec<_> = (0..20)
        .map(|n| TestFile::fixture("animated.gif").varied(&format!("good-{n}.gif")))
        .collect();
    let whole = TestFile::fixture("landscape.jpg");
    files.insert(
        10,
        TestFile::new(
            "half.jpg",
            "image/jpeg",
            &whole.bytes[..whole.bytes.len() / 2],
        ),
    );
    alice.drop_files(&files).await;
    alice.sees("20 uploaded, 1 not").await;
    alice.tray_says("half.jpg", "the file ends early").await;
    alice.sees_picture("good-19.gif").await;
    alice.no_longer_sees_picture("half.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_quota_is_reached_the_server_says_so_next_to_the_file() {
    let server = Server::start_with(|_| vec![("LIMITS__QUOTA_BYTES", "100000".into())]).await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice.tray_says("landscape.jpg", "Done").await;
    let files = ["one.gif", "two.gif"].map(|name| TestFile::fixture("animated.gif").varied(name));
    alice.drop_files(&files).await;
    alice.sees("1 uploaded, 1 not").await;
    alice.sees("Delete images for good to make room").await;
    assert_eq!(alice.console_errors(&["403"]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_asks_first_while_something_is_on_its_way_and_only_then() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    assert!(!asks_before_leaving(&alice).await);
    alice.network(Some(3_000)).await;
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice.tray_says("landscape.jpg", "%").await;
    assert!(asks_before_leaving(&alice).await);
    alice.network(None).await;
    alice.sees("1 picture uploaded").await;
    assert!(!asks_before_leaving(&alice).await);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

/// ChromeDriver answers the dialog itself, so the test asks the page whether it would show it.
async fn asks_before_leaving(browser: &Browser) -> bool {
    const LEAVE: &str =
        "return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    browser.script(LEAVE, json!([])).await == json!(true)
}

use crate::browser::Browser;
use crate::files::TestFile;
use crate::wire::{Puts, Wire};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_storage_in_trouble_did_not_take_is_retried_at_one_press() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    wire.set(Puts::Fail);
    alice
        .drop_files(&["landscape.jpg", "alpha.png"].map(TestFile::fixture))
        .await;
    alice
        .tray_says("landscape.jpg", "The storage is busy. Retry in a moment.")
        .await;
    alice.sees("2 pictures not uploaded").await;
    wire.set(Puts::Pass);
    alice.press("Retry failed").await;
    alice.sees("2 pictures uploaded").await;
    alice.sees_picture("landscape.jpg").await;
    assert_eq!(
        alice.console_errors(&["500 (Internal Server Error)"]).await,
        [""; 0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_is_gone_is_told_and_the_file_is_kept_for_another_try() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    wire.set(Puts::Cut);
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice
        .tray_says(
            "landscape.jpg",
            "The connection broke off. Check it and retry.",
        )
        .await;
    wire.set(Puts::Pass);
    alice.press("Retry landscape.jpg").await;
    alice.tray_says("landscape.jpg", "Done").await;
    assert_eq!(alice.console_errors(&["net::ERR_"]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_keeps_one_waiting_is_said_to_and_others_can_be_cancelled_meanwhile() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    wire.set(Puts::Hang);
    alice
        .drop_files(&["landscape.jpg", "alpha.png"].map(TestFile::fixture))
        .await;
    alice.sees("stalled").await;
    alice.press("Cancel alpha.png").await;
    alice.tray_says("alpha.png", "Cancelled").await;
    wire.set(Puts::Pass);
    alice.tray_says("landscape.jpg", "Done").await;
    alice.sees_picture("landscape.jpg").await;
    alice.no_longer_sees_picture("alpha.png").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

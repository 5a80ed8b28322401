use crate::{browser::Browser, files::TestFile, server::Server};

#[tokio::test(flavor = "multi_thread")]
async fn refused_files_are_told_in_the_servers_words_and_the_others_go_on() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let files = [
        TestFile::new("IMG_0042.HEIC", "", vec![0; 64]),
        TestFile::new("page.png", "image/png", "<!doctype html><script>alert(1)</script>"),
        TestFile::fixture("landscape.jpg"),
    ];
    alice.drop_files(&files).await;
    alice.tray_says("IMG_0042.HEIC", "HEIC is not supported").await;
    alice.tray_says("page.png", "This is a web page, not a picture").await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.sees("1 uploaded, 2 not").await;
    alice.press("Dismiss page.png").await;
    alice.press("Dismiss IMG_0042.HEIC").await;
    alice.sees("1 picture uploaded").await;
    // Nothing of them has left: the server was not even asked.
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_be_cancelled_and_tried_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.network(Some(3_000)).await;
    alice.drop_files(&[TestFile::fixture("landscape.jpg"), TestFile::fixture("alpha.png")]).await;
    alice.tray_says("landscape.jpg", "%").await;
    alice.press("Cancel landscape.jpg").await;
    alice.tray_says("landscape.jpg", "Cancelled").await;
    alice.network(None).await;
    alice.press("Retry landscape.jpg").await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.tray_says("alpha.png", "Done").await;
    alice.sees_picture("landscape.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_queue_waits_and_goes_on_by_itself() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.network(Some(0)).await;
    alice.drop_files(&[TestFile::fixture("landscape.jpg"), TestFile::fixture("photo.webp")]).await;
    alice.sees("No connection: it goes on by itself").await;
    alice.network(None).await;
    alice.sees("2 pictures uploaded").await;
    alice.sees_picture("photo.webp").await;
    assert_eq!(alice.console_errors(&["net::ERR_INTERNET_DISCONNECTED"]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_files_go_four_at_a_time_and_all_arrive() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let files: Vec<_> = (0..40).map(|n| TestFile::fixture("animated.gif").varied(&format!("file-{n}.gif"))).collect();
    alice.network(Some(60_000)).await;
    alice.drop_files(&files).await;
    alice.sees("waiting").await;
    alice.network(None).await;
    alice.sees("40 pictures uploaded").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

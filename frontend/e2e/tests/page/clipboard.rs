use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

const LAN_NAME: &str = "tintype.lan";

#[tokio::test(flavor = "multi_thread")]
async fn links_of_all_that_was_uploaded_are_in_the_clipboard_in_the_chosen_form() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    alice
        .drop_files(&["alpha.png", "landscape.jpg"].map(TestFile::fixture))
        .await;
    alice.sees("2 pictures uploaded").await;
    alice.press("Copy all").await;
    alice.sees("Copied").await;
    let links = alice.clipboard().await;
    let links: Vec<_> = links.lines().collect();
    assert_eq!(links.len(), 2, "{links:?}");
    for link in links {
        assert_eq!(reqwest::get(link).await.unwrap().status(), 200, "{link}");
    }
    alice.choose_option("Copy as", "Markdown").await;
    alice.press("Copy all").await;
    alice.sees("Copied").await;
    assert!(
        alice.clipboard().await.starts_with("!["),
        "{}",
        alice.clipboard().await
    );
    alice.press("Clear").await;
    alice.follow("alpha.png").await;
    alice.press("BBCode").await;
    let code = alice.value("BBCode").await;
    alice.press("Copy").await;
    alice.sees("Copied").await;
    assert_eq!(alice.clipboard().await, code);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

/// Plain http on a name of the local network: browsers offer neither hashing nor a clipboard there.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_name_of_the_local_network_files_arrive_and_links_are_copied_all_the_same() {
    let server = Server::start_with(|server| {
        vec![
            (
                "SERVER__APP_URL",
                format!("http://{LAN_NAME}:{}", server.app_port),
            ),
            (
                "SERVER__MEDIA_URL",
                format!("http://{LAN_NAME}:{}", server.media_port),
            ),
            ("AUTH__REGISTRATION", "open".into()),
        ]
    })
    .await;
    let alice = Browser::start_with(
        &server,
        &[&format!("--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1")],
    )
    .await;
    alice.register("alice").await;
    assert_eq!(
        alice
            .script(
                "return [window.isSecureContext, !!crypto.subtle, !!navigator.clipboard]",
                json!([])
            )
            .await,
        json!([false, false, false])
    );
    alice
        .drop_files(&["portrait-gps.jpg", "alpha.png"].map(TestFile::fixture))
        .await;
    alice.sees("2 pictures uploaded").await;
    alice.tray_says("portrait-gps.jpg", "location").await;
    alice.press("Copy link portrait-gps.jpg").await;
    alice.sees("Copied").await;
    alice.press("Clear").await;
    alice.follow("portrait-gps.jpg").await;
    alice.sees("before it was sent").await;
    let link = alice.value("Link").await;
    // The clipboard can only be read by pasting.
    alice.fill("Title", "").await;
    alice.keys_with_control("v").await;
    assert_eq!(alice.value("Title").await, link);
    assert_eq!(
        alice.console_errors(&["Cross-Origin-Opener-Policy"]).await,
        [""; 0]
    );
}

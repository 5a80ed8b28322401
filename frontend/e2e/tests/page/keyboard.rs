use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;

/// Puts a picture into the clipboard.
const CLIP: &str = r#"
const [bytes, done] = arguments;
const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]).then(() => done(""), error => done(String(error)));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn from_registration_to_signing_out_no_mouse_is_needed() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.goto("/login").await;
    alice.sees("Log in to Tintype").await;
    alice.tab_to("Create account").await;
    alice.keys(Key::Enter).await;
    alice.is_at("/register").await;
    for (field, value) in [
        ("Username", "alice"),
        ("E-mail", "alice@example.com"),
        ("Password", PASSWORD),
    ] {
        alice.tab_to(field).await;
        alice.keys(value).await;
    }
    alice.keys(Key::Enter).await;
    alice.sees("Drop pictures anywhere").await;

    assert_eq!(
        alice
            .async_script(CLIP, json!([TestFile::fixture("alpha.png").bytes]))
            .await,
        json!("")
    );
    alice.keys_with_control("v").await;
    alice.sees("1 picture uploaded").await;
    alice.sees_picture("image.png").await;
    alice.tab_to("Copy link image.png").await;
    alice.keys(Key::Enter).await;
    alice.sees("Copied").await;
    alice.tab_to("Clear").await;
    alice.keys(Key::Enter).await;

    alice.tab_to("image.png").await;
    alice.keys(Key::Enter).await;
    alice.sees("150 × 140").await;
    alice.tab_to("Delete").await;
    alice.keys(Key::Enter).await;
    alice.sees("1 picture deleted.").await;
    alice.tab_to("Undo").await;
    alice.keys(Key::Enter).await;
    alice.sees_picture("image.png").await;

    alice.tab_to("Account").await;
    alice.keys(Key::Enter).await;
    alice.tab_to("Log out").await;
    alice.keys(Key::Enter).await;
    alice.sees("Log in to Tintype").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

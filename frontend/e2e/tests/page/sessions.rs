use serde_json::json;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn uploads_wait_for_a_lost_session_and_go_on_after_logging_in() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    server.forget_sessions().await;
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice.sees("Your session has ended").await;
    log_in(&alice, "alice").await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.sees_picture("landscape.jpg").await;
    assert_eq!(alice.console_errors(&["401"]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_user_left_unsent_is_never_sent_by_another() {
    let mut server = Server::start().await;
    let browser = Browser::start(&server).await;
    browser.register("bob").await;
    browser.press("Account").await;
    browser.press("Log out").await;
    browser.sees("Log in to Tintype").await;
    browser.register("alice").await;
    server.forget_sessions().await;
    browser
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    browser.sees("Your session has ended").await;
    log_in(&browser, "bob").await;
    browser.sees("Drop pictures anywhere").await;
    browser.no_longer_sees("landscape.jpg").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_logged_in_comes_back_to_where_they_wanted_to_go() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.paste(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Clear").await;
    alice.follow("alpha.png").await;
    alice.sees("150 × 140").await;
    let address = alice.driver.current_url().await.unwrap();
    server.forget_sessions().await;
    alice.goto(address.as_str()).await;
    alice.sees("Log in to Tintype").await;
    alice.is_at("/login").await;
    alice.fill("Username or e-mail", "alice").await;
    alice.fill("Password", "wrong password").await;
    alice.press("Log in").await;
    alice.sees("password").await;
    log_in(&alice, "alice").await;
    alice.is_at(address.path()).await;
    alice.sees("150 × 140").await;
    // The picture may have been on its way while the server was away.
    assert_eq!(
        alice
            .console_errors(&["401", "net::ERR_CONNECTION_REFUSED"])
            .await,
        [""; 0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_elsewhere_in_the_middle_of_an_upload_loses_no_file() {
    let server = Server::start().await;
    let (alice, elsewhere) = (Browser::start(&server).await, Browser::start(&server).await);
    alice.register("alice").await;
    elsewhere.goto("/login").await;
    log_in(&elsewhere, "alice").await;
    elsewhere.goto("/settings").await;
    alice.network(Some(20_000)).await;
    let files: Vec<_> = (0..8)
        .map(|n| TestFile::fixture("animated.gif").varied(&format!("file-{n}.gif")))
        .collect();
    alice.drop_files(&files).await;
    alice.tray_says("file-0.gif", "%").await;
    elsewhere.press("Log out everywhere").await;
    elsewhere.sees("Log in to Tintype").await;
    alice.sees("Your session has ended").await;
    alice.network(None).await;
    log_in(&alice, "alice").await;
    alice.sees("8 pictures uploaded").await;
    alice.sees_picture("file-7.gif").await;
    assert_eq!(alice.console_errors(&["401"]).await, [""; 0]);
}

async fn log_in(browser: &Browser, name: &str) {
    browser.fill("Username or e-mail", name).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Log in").await;
    browser.no_longer_sees("Log in to Tintype").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_first_is_asked_for_before_the_app_runs_and_only_once() {
    const ASKED: &str = r#"
        const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/images"));
        return asked.map(({ name }) => new URL(name).pathname).sort();
    "#;
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    assert_eq!(
        alice.script(ASKED, json!([])).await,
        json!(["/api/v1/images"])
    );
    alice.follow("alpha.png").await;
    alice.sees("150 × 140").await;
    let address = alice.driver.current_url().await.unwrap();
    alice.goto(address.as_str()).await;
    alice.sees("150 × 140").await;
    assert_eq!(
        alice.script(ASKED, json!([])).await,
        json!(["/api/v1/images", format!("/api/v1{}", address.path())])
    );
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

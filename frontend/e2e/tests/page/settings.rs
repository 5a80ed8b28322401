use serde_json::json;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_every_other_session_and_keeps_this_one() {
    let server = Server::start().await;
    let (alice, elsewhere) = (Browser::start(&server).await, Browser::start(&server).await);
    alice.register("alice").await;
    elsewhere.goto("/login").await;
    log_in(&elsewhere, PASSWORD).await;
    elsewhere.sees("Drop pictures anywhere").await;

    alice.press("Account").await;
    alice.press("Settings").await;
    alice.is_at("/settings").await;
    alice.fill("Current password", "not this one").await;
    alice.fill("New password", "short").await;
    alice.press("Change password").await;
    alice.sees("Use at least 8 characters.").await;
    alice.fill("New password", "staple of the battery").await;
    alice.press("Change password").await;
    alice.sees("This is not your current password.").await;
    alice.fill("Current password", PASSWORD).await;
    alice.press("Change password").await;
    alice.sees("Password changed.").await;
    alice.is_at("/settings").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    assert_eq!(alice.console_errors(&["403"]).await, [""; 0]);

    elsewhere.goto("/").await;
    elsewhere.sees("Your session has ended.").await;
    log_in(&elsewhere, "staple of the battery").await;
    elsewhere.sees_picture("alpha.png").await;

    alice.press("Log out everywhere").await;
    alice.sees("Log in to Tintype").await;
    elsewhere.goto("/").await;
    elsewhere.sees("Your session has ended.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_as_it_is_is_cleaned_by_the_server() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.goto("/settings").await;
    alice.tick("Remove private details before sending").await;
    alice.goto("/").await;
    alice
        .drop_files(&[TestFile::fixture("portrait-gps.jpg")])
        .await;
    alice.tray_says("portrait-gps.jpg", "location").await;
    alice.press("Clear").await;
    alice.follow("portrait-gps.jpg").await;
    alice.sees("serial number").await;
    alice.no_longer_sees("before it was sent").await;
    let published = reqwest::get(alice.value("Link").await)
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(crate::exif::metadata(&published), ["Exif 0112"]);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_takes_its_pictures_along() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.follow("alpha.png").await;
    let link = alice.value("Link").await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 200);
    alice.goto("/settings").await;
    alice.tick("I want to delete my account").await;
    alice.fill("Password", "not this one").await;
    alice.press("Delete my account and all pictures").await;
    alice.sees("This is not your current password.").await;
    alice.fill("Password", PASSWORD).await;
    alice.press("Delete my account and all pictures").await;
    alice.sees("Your account is deleted.").await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 404);
    log_in(&alice, PASSWORD).await;
    alice.sees("wrong").await;
    assert_eq!(alice.console_errors(&["401", "403"]).await, [""; 0]);
}

async fn log_in(browser: &Browser, password: &str) {
    browser.fill("Username or e-mail", "alice").await;
    browser.fill("Password", password).await;
    browser.press("Log in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_is_logged_out_from_here_and_this_one_stays() {
    let server = Server::start().await;
    let (alice, elsewhere) = tokio::join!(Browser::start(&server), Browser::start(&server));
    alice.register("alice").await;
    elsewhere.goto("/login").await;
    log_in(&elsewhere, PASSWORD).await;
    elsewhere.sees("Drop pictures").await;
    alice.goto("/settings").await;
    alice.sees("this one").await;
    alice.sees("Chrome on Linux").await;
    alice.press("Log out").await;
    alice.sees("Logged out there.").await;
    elsewhere.goto("/").await;
    elsewhere.sees("Your session has ended.").await;
    alice.goto("/settings").await;
    alice.sees("this one").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_token_that_is_shown_once_and_works_until_it_is_revoked() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.goto("/settings").await;
    alice.tick("New token").await;
    alice.press("Make the token").await;
    alice.sees("Give it a name").await;
    alice.fill("Name", "A script").await;
    alice.press("Make the token").await;
    alice.sees("Copy the token now").await;
    let token = alice.value("Token").await;
    assert!(token.starts_with("tt_"), "{token}");
    alice
        .choose_option("Set up a program with it", "ShareX")
        .await;
    alice.sees("Open the file: ShareX takes it").await;
    let file = "return document.querySelector('a[download]').outerHTML";
    let file = alice.script(file, json!([])).await.to_string();
    assert!(
        file.contains(&token) && file.contains("tintype.sxcu") && file.contains("RequestURL"),
        "{file}"
    );
    let upload = async || {
        let url = server.url("/api/v1/images?filename=by-script.png");
        let picture = TestFile::fixture("alpha.png").bytes;
        let request = reqwest::Client::new().post(url).bearer_auth(&token);
        request.body(picture).send().await.unwrap().status()
    };
    assert_eq!(upload().await, 200);
    alice.goto("/").await;
    alice.sees_picture("by-script.png").await;

    alice.goto("/settings").await;
    alice.sees("A script").await;
    alice.sees("last used: Today").await;
    alice.no_longer_sees("Copy the token now").await;
    alice.press("Revoke").await;
    alice.press("Revoke for good").await;
    alice.sees("The token is revoked.").await;
    assert_eq!(upload().await, 401);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_an_account_is_downloaded_in_one_archive() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("photo.webp")]).await;
    alice.sees("1 picture uploaded").await;
    let folder = tempfile::TempDir::new().unwrap();
    let there = json!({"behavior": "allow", "downloadPath": folder.path()});
    alice.cdp("Browser.setDownloadBehavior", there).await;
    alice.goto("/settings").await;
    alice.press("Download everything").await;
    let is_whole = |name: &str| {
        let day = name.strip_suffix(".zip");
        day.is_some_and(|day| day.starts_with("alice "))
    };
    let arrived = async {
        loop {
            let mut files = std::fs::read_dir(folder.path()).unwrap().flatten();
            if let Some(file) = files.find(|file| is_whole(&file.file_name().to_string_lossy())) {
                return std::fs::read(file.path()).unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let arrived = tokio::time::timeout(std::time::Duration::from_secs(30), arrived);
    let archive = arrived.await.unwrap();
    assert!(
        archive.starts_with(b"PK") && archive.windows(17).any(|some| some == b"images/photo.webp")
    );
    // The page is still there.
    alice.sees("Take everything with you").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

//! Pictures and albums that end.

use serde_json::{Value, json};
use thirtyfour::By;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// In how many hours each picture ends, by name, as the API has it.
const HOURS: &str = r#"
const done = arguments[0];
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/images", { headers }).then(answer => answer.json()).then(({ items }) => {
    const hours = at => at && Math.round((new Date(at) - Date.now()) / 3600000);
    done(Object.fromEntries(items.map(({ filename, expires_at }) => [filename, hours(expires_at)])));
});
"#;

async fn hours(browser: &Browser) -> Value {
    browser.async_script(HOURS, json!([])).await
}

fn picture(name: &str) -> TestFile {
    TestFile::fixture("animated.gif").varied(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_gets_an_end_and_loses_it_and_all_of_an_upload_get_one_at_once() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&["p1.gif", "p2.gif"].map(picture)).await;
    alice.sees("2 pictures uploaded").await;
    alice.choose_option("When it ends", "Ends in a day").await;
    alice.sees("They end ").await;
    assert_eq!(hours(&alice).await, json!({"p1.gif": 24, "p2.gif": 24}));
    let badges = "return [...document.querySelectorAll('.badge')].filter(badge => badge.textContent === 'Ends').length === 2";
    alice
        .holds("both to be marked".into(), badges, json!([]))
        .await;
    // What comes to them ends with them.
    alice.drop_files(&[picture("p3.gif")]).await;
    alice.tray_says("p3.gif", "Done").await;
    assert_eq!(hours(&alice).await["p3.gif"], json!(24));
    alice.press("Clear").await;
    alice.drop_files(&[picture("p4.gif")]).await;
    alice.sees("1 picture uploaded").await;
    alice.press("Clear").await;
    alice.follow("p1.gif").await;
    alice.choose_option("When it ends", "Never ends").await;
    alice.sees("It never ends.").await;
    alice.press("Dismiss").await;
    alice.choose_option("When it ends", "Ends in an hour").await;
    alice.sees("It ends ").await;
    let expected = json!({"p1.gif": 1, "p2.gif": 24, "p3.gif": 24, "p4.gif": null});
    assert_eq!(hours(&alice).await, expected);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_in_the_trash_and_comes_back_with_another_end() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&["p1.gif", "p2.gif"].map(picture)).await;
    alice.sees("2 pictures uploaded").await;
    alice.press("Clear").await;
    let past = "UPDATE images SET expires_at = '2026-01-01T00:00:00+00:00', due_at = '2026-01-01T00:00:00+00:00' WHERE filename = 'p1.gif'";
    server.change_rows(past).await;
    alice.goto("/").await;
    alice.sees_picture("p2.gif").await;
    alice.no_longer_sees_picture("p1.gif").await;
    alice
        .holds(
            "it to be in the trash".into(),
            "if (!document.body.innerText.includes('p1.gif')) location.href = '/trash'; return document.body.innerText.includes('p1.gif')",
            json!([]),
        )
        .await;
    alice.sees("Ended").await;
    alice.press("Restore p1.gif").await;
    alice.press("Leave it in the trash").await;
    assert_eq!(hours(&alice).await, json!({"p2.gif": null}));
    alice.press("Restore p1.gif").await;
    alice.press("Ends in a day").await;
    alice.sees("1 picture is back.").await;
    assert_eq!(hours(&alice).await, json!({"p1.gif": 24, "p2.gif": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_ends_and_its_pictures_stay() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.follow("Albums").await;
    alice.press("New album").await;
    alice.sees("Drop pictures into this album").await;
    alice.drop_files(&[picture("p1.gif")]).await;
    alice.sees("1 picture added to the album.").await;
    alice.press("Clear").await;
    alice.choose_option("When it ends", "Ends in a week").await;
    alice
        .sees("its link stops working then. Its pictures stay.")
        .await;
    assert_eq!(hours(&alice).await, json!({"p1.gif": null}));
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
    server
        .change_rows("UPDATE albums SET expires_at = '2026-01-01T00:00:00+00:00'")
        .await;
    alice.driver.refresh().await.unwrap();
    alice
        .sees("it has ended: only you can see it, until you choose another end")
        .await;
    alice.follow("Albums").await;
    alice.sees("Today · Ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_an_end_is_typed_digit_by_digit() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[picture("p1.gif")]).await;
    alice.sees("1 picture uploaded").await;
    alice.press("Clear").await;
    alice.follow("p1.gif").await;
    alice
        .choose_option("When it ends", "Ends on a day\u{2026}")
        .await;
    let year = this_year(&alice).await + 1;
    let day = alice
        .driver
        .find(By::Css("input[aria-label='The last day']:not([hidden])"))
        .await
        .unwrap();
    for digit in format!("1220{year}").chars() {
        day.send_keys(digit.to_string()).await.unwrap();
    }
    alice.sees("It ends ").await;
    let said = format!("21 December {year}");
    alice.sees(&said).await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

/// By the browser's clock.
async fn this_year(browser: &Browser) -> i64 {
    let year = browser
        .script("return new Date().getFullYear()", json!([]))
        .await;
    year.as_i64().unwrap()
}

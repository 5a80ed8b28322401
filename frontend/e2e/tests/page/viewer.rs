use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_leads_from_picture_to_picture_and_no_further_than_the_last() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.press("Clear").await;
    alice.looks("light", 360).await;
    alice
        .cdp(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": true, "maxTouchPoints": 1}),
        )
        .await;
    // Tiles move to their new places first.
    alice.shows_all_pictures().await;
    alice.follow("landscape.jpg").await;
    shows(&alice, "landscape.jpg").await;
    swipe(&alice, (300, 250), (60, 260)).await;
    shows(&alice, "alpha.png").await;
    // There is no older one.
    swipe(&alice, (300, 250), (60, 260)).await;
    // More up than aside: somebody goes on to the details.
    swipe(&alice, (180, 400), (100, 150)).await;
    shows(&alice, "alpha.png").await;
    alice
        .holds(
            "the details to come up".into(),
            "return document.querySelector('.viewer').scrollTop > 100",
            json!([]),
        )
        .await;
    alice
        .script("document.querySelector('.viewer').scrollTop = 0", json!([]))
        .await;
    swipe(&alice, (60, 250), (300, 240)).await;
    shows(&alice, "landscape.jpg").await;
    // The way back leads to the gallery, not through what was leafed through.
    alice.driver.back().await.unwrap();
    alice.is_at("/").await;
    alice.sees_picture("alpha.png").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_its_end_however_wide_its_field_is() {
    const SHOWS_ITS_END: &str = r#"
        const field = document.querySelector(".code input");
        const hidden = field.scrollWidth - field.clientWidth;
        return field.clientWidth !== arguments[0] && hidden > 0 && Math.abs(field.scrollLeft - hidden) < 2;
    "#;
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Clear").await;
    alice.looks("light", 1280).await;
    alice.follow("alpha.png").await;
    shows(&alice, "alpha.png").await;
    let mut before = json!(0);
    // On a phone the details lie below the picture: the field is another width. While something is uploaded the page has a scrollbar.
    for width in [1280, 360, 340, 1280] {
        alice.looks("light", width).await;
        let ends = format!("the end of the link at {width} px");
        alice.holds(ends, SHOWS_ITS_END, json!([before])).await;
        before = alice
            .script(
                "return document.querySelector('.code input').clientWidth",
                json!([]),
            )
            .await;
    }
}

pub async fn shows(browser: &Browser, name: &str) {
    let shown = "const shown = document.querySelector('.stage img.main'); return shown?.alt === arguments[0] && shown.complete";
    browser
        .holds(format!("to look at {name}"), shown, json!([name]))
        .await;
}

pub async fn swipe(browser: &Browser, from: (i32, i32), to: (i32, i32)) {
    let touch = async |kind: &str, points: &[(i32, i32)]| {
        let points: Vec<_> = points
            .iter()
            .map(|(x, y)| json!({"x": x, "y": y}))
            .collect();
        browser
            .cdp(
                "Input.dispatchTouchEvent",
                json!({"type": kind, "touchPoints": points}),
            )
            .await;
    };
    touch("touchStart", &[from]).await;
    for step in 1..=4 {
        touch(
            "touchMove",
            &[(
                from.0 + (to.0 - from.0) * step / 4,
                from.1 + (to.1 - from.1) * step / 4,
            )],
        )
        .await;
    }
    touch("touchEnd", &[]).await;
}

//! Where the focus is once what had it is gone.

use std::panic::Location;
use std::time::Duration;

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;
use crate::viewer::shows;

impl Browser {
    /// Waits until the focus is on what this selector finds, or within it.
    #[track_caller]
    fn has_focus_in(&self, selector: &'static str) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.holds(
            format!("the focus in {selector} ({at})"),
            "return !!document.activeElement.closest(arguments[0])",
            json!([selector]),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_is_never_lost() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    for name in ["alpha.png", "photo.webp", "landscape.jpg"] {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.press("Clear").await;
    alice.has_focus_in("main").await;

    // In the view, where the notice that had it goes away.
    alice.follow("photo.webp").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    alice.press("Undo").await;
    alice.has_focus_in(".viewer").await;
    alice.press("Delete").await;
    alice.press("Dismiss").await;
    alice.has_focus_in(".viewer").await;
    alice.follow("Back to all pictures").await;
    alice.has_focus_in("main").await;

    // In the trash, on the button that asked.
    alice.goto("/trash").await;
    for (ask, name) in [
        ("Delete for good alpha.png", ".trash li"),
        ("Empty the trash", ".trash header"),
    ] {
        alice.press(ask).await;
        alice.has_focus_in(name).await;
        alice.press("Keep").await;
        alice.has_focus_in(name).await;
    }
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_moved_on_in_the_view_finds_the_picture_in_the_wall() {
    const IN_THE_WINDOW: &str = r#"
        const tile = document.activeElement.closest(".tile"), place = tile?.getBoundingClientRect();
        return tile?.querySelector("img").alt === arguments[0] && place.top >= 0 && place.bottom <= innerHeight && scrollY > innerHeight;
    "#;
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.looks("light", 360).await;
    let files: Vec<_> = (10..50)
        .map(|at| TestFile::fixture("animated.gif").varied(&format!("{at}.gif")))
        .collect();
    alice.drop_files(&files).await;
    alice.sees("40 pictures uploaded").await;
    alice.press("Clear").await;
    alice.shows_all_pictures().await;
    alice.follow("10.gif").await;
    shows(&alice, "10.gif").await;
    for _ in &files[1..] {
        alice.keys(Key::Right).await;
    }
    shows(&alice, "49.gif").await;
    alice.follow("Back to all pictures").await;
    let place = "the last picture in the window".into();
    alice.holds(place, IN_THE_WINDOW, json!(["49.gif"])).await;
    // And stays there.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let place = "the last picture still in the window".into();
    alice.holds(place, IN_THE_WINDOW, json!(["49.gif"])).await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

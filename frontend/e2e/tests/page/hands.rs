//! A mouse, a finger, a wheel and a clipboard: what people do with more than a click.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;

/// Where things are, by a selector and a name that is in their text or label.
const MIDDLE: &str = r#"
const [selector, name] = arguments;
const words = e => [e.getAttribute("aria-label"), e.innerText, e.alt, e.querySelector("img")?.alt].join(" ");
const found = [...document.querySelectorAll(selector)].find(e => words(e).includes(name));
if (!found) return null;
found.scrollIntoView({ block: "nearest" });
const { x, y, width, height } = found.getBoundingClientRect();
return [x + width / 2, y + height / 2];
"#;

impl Browser {
    /// The middle of what has this name, scrolled into the window.
    pub async fn middle(&self, selector: &str, name: &str) -> (f64, f64) {
        let at = self.script(MIDDLE, json!([selector, name])).await;
        let of = |axis: usize| {
            at[axis].as_f64().unwrap_or_else(|| {
                panic!("there is no {selector} named {name:?}");
            })
        };
        (of(0), of(1))
    }

    /// The middle of a picture of the gallery.
    pub async fn tile(&self, name: &str) -> (f64, f64) {
        self.sees_picture(name).await;
        self.shows_all_pictures().await;
        self.middle(".tile", name).await
    }

    /// Clicks a picture of the gallery, with Shift (8), Control (2) or nothing (0) held down.
    pub async fn click_tile(&self, name: &str, modifiers: u8) {
        let at = self.tile(name).await;
        self.mouse("mousePressed", at, modifiers, 1).await;
        self.mouse("mouseReleased", at, modifiers, 0).await;
    }

    /// Presses the mouse at the first of these places, draws it over the others, and lets go.
    pub async fn draw(&self, places: &[(f64, f64)]) {
        self.mouse("mousePressed", places[0], 0, 1).await;
        for pair in places.windows(2) {
            for step in 1..=4 {
                let part = f64::from(step) / 4.0;
                let between = |a: f64, b: f64| a + (b - a) * part;
                let at = (between(pair[0].0, pair[1].0), between(pair[0].1, pair[1].1));
                self.mouse("mouseMoved", at, 0, 1).await;
            }
        }
        if let Some(last) = places.last() {
            self.mouse("mouseReleased", *last, 0, 0).await;
        }
    }

    pub async fn double_click(&self, at: (f64, f64)) {
        for count in [1, 2] {
            for (kind, buttons) in [("mousePressed", 1), ("mouseReleased", 0)] {
                let event = json!({"type": kind, "x": at.0, "y": at.1, "button": "left", "buttons": buttons, "clickCount": count});
                self.cdp("Input.dispatchMouseEvent", event).await;
            }
        }
    }

    pub async fn wheel(&self, at: (f64, f64), down: f64) {
        let event =
            json!({"type": "mouseWheel", "x": at.0, "y": at.1, "deltaX": 0, "deltaY": down});
        self.cdp("Input.dispatchMouseEvent", event).await;
    }

    async fn mouse(&self, kind: &str, (x, y): (f64, f64), modifiers: u8, buttons: u8) {
        let button = if kind == "mouseMoved" && buttons == 0 {
            "none"
        } else {
            "left"
        };
        let event = json!({"type": kind, "x": x, "y": y, "modifiers": modifiers, "button": button, "buttons": buttons, "clickCount": 1});
        self.cdp("Input.dispatchMouseEvent", event).await;
    }

    /// From now on the browser has a touch screen.
    pub async fn has_fingers(&self) {
        let on = json!({"enabled": true, "maxTouchPoints": 2});
        self.cdp("Emulation.setTouchEmulationEnabled", on).await;
    }

    /// Fingers on the screen change: `touchStart`, `touchMove`, `touchEnd`.
    pub async fn touch(&self, kind: &str, fingers: &[(f64, f64)]) {
        let points: Vec<Value> = fingers
            .iter()
            .enumerate()
            .map(|(id, (x, y))| json!({"x": x, "y": y, "id": id}))
            .collect();
        let event = json!({"type": kind, "touchPoints": points});
        self.cdp("Input.dispatchTouchEvent", event).await;
    }

    /// A finger goes from one place to another.
    pub async fn swipe(&self, from: (f64, f64), to: (f64, f64)) {
        self.touch("touchStart", &[from]).await;
        self.glide(from, to).await;
    }

    /// A finger that is on the screen goes from one place to another, and away.
    async fn glide(&self, from: (f64, f64), to: (f64, f64)) {
        for step in 1..=4 {
            let part = f64::from(step) / 4.0;
            let at = (
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
            );
            self.touch("touchMove", &[at]).await;
        }
        self.touch("touchEnd", &[]).await;
    }

    /// A finger taps.
    pub async fn tap(&self, at: (f64, f64)) {
        self.touch("touchStart", &[at]).await;
        self.touch("touchEnd", &[]).await;
    }

    /// A finger rests on a place until something is selected, and goes.
    pub async fn press_long(&self, at: (f64, f64)) {
        self.touch("touchStart", &[at]).await;
        self.sees("1 selected").await;
        self.touch("touchEnd", &[]).await;
    }

    /// A finger rests on a picture, and carries it from there to another place.
    pub async fn carry(&self, from: (f64, f64), to: (f64, f64)) {
        self.touch("touchStart", &[from]).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.glide(from, to).await;
    }

    /// The text in the clipboard.
    pub async fn clipboard(&self) -> String {
        const READ: &str = "navigator.clipboard.readText().then(arguments[0], error => arguments[0](String(error)))";
        let text = self.async_script(READ, json!([])).await;
        text.as_str().unwrap_or_default().to_owned()
    }
}

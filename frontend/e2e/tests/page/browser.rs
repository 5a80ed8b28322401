//! One person at one browser: finds things by role and name, waits for what should come, never for a time.

use std::fmt::Write;
use std::fs;
use std::future::Future;
use std::panic::Location;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Key, TypingData, WebDriver, WebElement};

use crate::driver::{Driver, capabilities};
use crate::files::TestFile;
use crate::server::{Server, root};

const PATIENCE: Duration = Duration::from_secs(30);
pub const PASSWORD: &str = "correct horse battery";

/// What people call an element.
const NAME: &str = r#"
const words = text => (text || "").replace(/\s+/g, " ").trim();
const label = e => e.id && document.querySelector(`label[for="${e.id}"]`);
const heard = e => {
    const copy = e.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true], [hidden]").forEach(part => part.remove());
    return copy.textContent;
};
const name = e => words(e.getAttribute("aria-label") || label(e)?.textContent || heard(e) || e.querySelector("img")?.alt);
"#;

/// Gives the element with this role and name that people can reach and that stands still, or null.
const FIND: &str = r#"
const [selector, wanted] = arguments;
const reachable = e => e.checkVisibility({visibilityProperty: true}) && !e.closest("[inert]");
const moves = e => e.closest(".tile")?.getAnimations().some(one => one.playState === "running");
return [...document.querySelectorAll(selector)].find(e => reachable(e) && name(e) === wanted && !moves(e)) || null;
"#;

/// Keeps files in a `DataTransfer` of the page and brings them in by one kind of event.
const BRING: &str = r#"
const [files, kinds] = arguments;
if (files) {
    window.brought = new DataTransfer();
    for (const { bytes, name, type } of files) brought.items.add(new File([new Uint8Array(bytes)], name, { type }));
}
for (const kind of kinds) {
    const init = { bubbles: true, cancelable: true, dataTransfer: window.brought, clipboardData: window.brought };
    document.querySelector("main").dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, init) : new DragEvent(kind, init));
}
"#;

pub struct Browser {
    pub driver: WebDriver,
    _driver: Driver,
    profile: TempDir,
    origin: String,
}

impl Browser {
    pub async fn start(server: &Server) -> Self {
        Self::start_with(server, &[]).await
    }

    /// With command line flags of Chromium's.
    pub async fn start_with(server: &Server, flags: &[&str]) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let driver = Driver::start();
        let browser = WebDriver::new(driver.url(), capabilities(&profile, flags))
            .await
            .expect("start Chromium");
        browser
            .set_script_timeout(PATIENCE)
            .await
            .expect("a time limit");
        Self {
            driver: browser,
            _driver: driver,
            profile,
            origin: server.url(""),
        }
    }

    /// Opens a page of the server, or any other address. Waits for the app, where there is one: before, nothing would take a dropped file.
    pub async fn goto(&self, address: &str) {
        let url = if address.starts_with('/') {
            format!("{}{address}", self.origin)
        } else {
            address.to_owned()
        };
        self.driver
            .goto(&url)
            .await
            .unwrap_or_else(|error| panic!("open {url}: {error}"));
        self.holds(
            format!("the app to start at {url}"),
            "return !document.getElementById('shell')",
            json!([]),
        )
        .await;
    }

    pub async fn register(&self, name: &str) {
        self.goto("/register").await;
        self.fill("Username", name).await;
        self.fill("E-mail", &format!("{name}@example.com")).await;
        self.fill("Password", PASSWORD).await;
        self.press("Create account").await;
        self.sees("Drop pictures anywhere").await;
    }

    #[track_caller]
    pub fn press(&self, name: &str) -> impl Future<Output = ()> {
        self.click("button", name)
    }

    #[track_caller]
    pub fn follow(&self, name: &str) -> impl Future<Output = ()> {
        self.click("a", name)
    }

    /// Clicks the label of a checkbox or a radio button, or the box itself where it has a name of its own.
    #[track_caller]
    pub fn tick(&self, name: &str) -> impl Future<Output = ()> {
        self.click(
            "label, summary, input[type=checkbox], [role=checkbox]",
            name,
        )
    }

    #[track_caller]
    pub fn fill(&self, label: &str, value: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let field = self.element(at, "input, textarea", label).await;
            field
                .clear()
                .await
                .unwrap_or_else(|error| panic!("{at}: clear {label}: {error}"));
            field
                .send_keys(value)
                .await
                .unwrap_or_else(|error| panic!("{at}: type into {label}: {error}"));
        }
    }

    /// Sets a field for days, as its calendar does.
    #[track_caller]
    pub fn pick_day(&self, label: &str, day: &str) -> impl Future<Output = ()> {
        const PICK: &str = "const [field, day] = arguments; field.value = day; field.dispatchEvent(new Event('change', { bubbles: true }))";
        let at = Location::caller();
        async move {
            let field = self.element(at, "input", label).await;
            let field = field
                .to_json()
                .unwrap_or_else(|error| panic!("{at}: {label}: {error}"));
            self.driver
                .execute(PICK, vec![field, json!(day)])
                .await
                .unwrap_or_else(|error| panic!("{at}: pick {day}: {error}"));
        }
    }

    /// Types wherever the focus is.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver
            .action_chain()
            .send_keys(keys)
            .perform()
            .await
            .unwrap_or_else(|error| panic!("type: {error}"));
    }

    /// Presses a key while Control is held down.
    pub async fn keys_with_control(&self, key: &str) {
        let keys = self
            .driver
            .action_chain()
            .key_down(Key::Control)
            .send_keys(key)
            .key_up(Key::Control);
        keys.perform()
            .await
            .unwrap_or_else(|error| panic!("press Control and {key}: {error}"));
    }

    /// Presses Tab until the focus is on what has this name and is seen to be there.
    #[track_caller]
    pub fn tab_to(&self, wanted: &str) -> impl Future<Output = ()> {
        const FOCUSED: &str =
            "const e = document.activeElement; return [name(e), e.matches(':focus-visible')]";
        const STOPS: usize = 80;
        let at = Location::caller();
        async move {
            let mut passed = Vec::new();
            while passed.len() < STOPS {
                self.keys(Key::Tab).await;
                let focused = self.script(&format!("{NAME}{FOCUSED}"), json!([])).await;
                if focused == json!([wanted, true]) {
                    return;
                }
                passed.push(focused[0].as_str().unwrap_or_default().to_owned());
            }
            panic!(
                "{at}: Tab does not lead to {wanted:?} but to {passed:?}\n{}",
                self.state().await
            );
        }
    }

    /// Chooses from a list.
    #[track_caller]
    pub fn choose_option(&self, label: &str, option: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let list = self.element(at, "select", label).await;
            list.send_keys(option)
                .await
                .unwrap_or_else(|error| panic!("{at}: choose {option}: {error}"));
        }
    }

    /// The page may read the clipboard and write into it without asking.
    pub async fn allow_clipboard(&self) {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        self.cdp(
            "Browser.grantPermissions",
            json!({"permissions": permissions, "origin": self.origin}),
        )
        .await;
    }

    /// The value of the field with this label.
    #[track_caller]
    pub fn value(&self, label: &str) -> impl Future<Output = String> {
        let at = Location::caller();
        async move {
            let field = self.element(at, "input, textarea", label).await;
            field.prop("value").await.ok().flatten().unwrap_or_default()
        }
    }

    #[track_caller]
    pub fn sees(&self, words: &str) -> impl Future<Output = ()> {
        self.holds(
            format!("to see {words:?}"),
            "return document.body.innerText.includes(arguments[0])",
            json!([words]),
        )
    }

    #[track_caller]
    pub fn no_longer_sees(&self, words: &str) -> impl Future<Output = ()> {
        self.holds(
            format!("not to see {words:?}"),
            "return !document.body.innerText.includes(arguments[0])",
            json!([words]),
        )
    }

    #[track_caller]
    pub fn is_at(&self, path: &str) -> impl Future<Output = ()> {
        self.holds(
            format!("to be at {path}"),
            "return location.pathname === arguments[0]",
            json!([path]),
        )
    }

    /// The tray says these words about a file.
    #[track_caller]
    pub fn tray_says(&self, file: &str, words: &str) -> impl Future<Output = ()> {
        const ROW: &str = r#"
            const rows = [...document.querySelectorAll("section[aria-label=Uploads] li")];
            return rows.some(row => row.innerText.includes(arguments[0]) && row.innerText.includes(arguments[1]));
        "#;
        self.holds(
            format!("the tray to say {words:?} about {file}"),
            ROW,
            json!([file, words]),
        )
    }

    /// The gallery shows a picture, loaded, under this name.
    #[track_caller]
    pub fn sees_picture(&self, name: &str) -> impl Future<Output = ()> {
        const TILE: &str = r#"
            const pictures = [...document.querySelectorAll("main a img")];
            return pictures.some(img => img.alt === arguments[0] && img.complete && img.naturalWidth > 0);
        "#;
        self.holds(
            format!("the picture {name} in the gallery"),
            TILE,
            json!([name]),
        )
    }

    /// The gallery's search shows a picture of this name.
    pub async fn finds_picture(&self, name: &str) {
        self.fill("Search", name).await;
        self.sees_picture(name).await;
    }

    #[track_caller]
    pub fn no_longer_sees_picture(&self, name: &str) -> impl Future<Output = ()> {
        const NO_TILE: &str = r#"return ![...document.querySelectorAll("main a img")].some(img => img.alt === arguments[0])"#;
        self.holds(
            format!("the picture {name} to leave the gallery"),
            NO_TILE,
            json!([name]),
        )
    }

    /// Waits for every picture in the window, for what is drawn, and for what moves to stand still.
    pub async fn shows_all_pictures(&self) {
        const ALL: &str = r#"
            const inside = ({ top, bottom }) => bottom > 0 && top < innerHeight;
            const loaded = [...document.images].every(img => !img.src || !inside(img.getBoundingClientRect()) || img.complete);
            return loaded && document.getAnimations().every(one => one.playState !== "running" || one.effect.getTiming().iterations === Infinity);
        "#;
        self.holds("all pictures".into(), ALL, json!([])).await;
    }

    /// Waits until a script says true.
    #[track_caller]
    pub fn holds(
        &self,
        what: String,
        script: &'static str,
        args: Value,
    ) -> impl Future<Output = ()> {
        self.holds_within(PATIENCE, what, script, args)
    }

    /// Waits so long until a script says true.
    #[track_caller]
    pub fn holds_within(
        &self,
        patience: Duration,
        what: String,
        script: &'static str,
        args: Value,
    ) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let says_true =
                async || (self.script(script, args.clone()).await == json!(true)).then_some(());
            self.wait(at, patience, &what, says_true).await;
        }
    }

    /// What a script returns.
    pub async fn script(&self, script: &str, args: Value) -> Value {
        let Value::Array(args) = args else {
            panic!("arguments are a list")
        };
        self.driver
            .execute(script, args)
            .await
            .map(|answer| answer.json().clone())
            .unwrap_or_default()
    }

    /// What an asynchronous script passes to its last argument.
    pub async fn async_script(&self, script: &str, args: Value) -> Value {
        let Value::Array(args) = args else {
            panic!("arguments are a list")
        };
        let answer = self
            .driver
            .execute_async(script, args)
            .await
            .unwrap_or_else(|error| panic!("run a script: {error}"));
        answer.json().clone()
    }

    /// Drags files in; they hover until [`Browser::let_go`].
    pub async fn drag_in(&self, files: &[TestFile]) {
        self.bring(Some(files), &["dragenter", "dragover"]).await;
    }

    pub async fn let_go(&self) {
        self.bring(None, &["drop"]).await;
    }

    pub async fn drop_files(&self, files: &[TestFile]) {
        self.bring(Some(files), &["dragenter", "dragover", "drop"])
            .await;
    }

    pub async fn paste(&self, files: &[TestFile]) {
        self.bring(Some(files), &["paste"]).await;
    }

    async fn bring(&self, files: Option<&[TestFile]>, kinds: &[&str]) {
        let files = files.map(|files| files.iter().map(TestFile::for_script).collect::<Vec<_>>());
        self.driver
            .execute(BRING, vec![json!(files), json!(kinds)])
            .await
            .expect("bring files in");
    }

    /// Drops files and folders of the disk, as out of a file manager.
    pub async fn drop_from_disk(&self, paths: &[PathBuf]) {
        let data = json!({"items": [], "files": paths, "dragOperationsMask": 1});
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.cdp(
                "Input.dispatchDragEvent",
                json!({"type": kind, "x": 300, "y": 300, "data": data}),
            )
            .await;
        }
    }

    /// Chooses files from disk, as with the browser's dialog.
    pub async fn choose(&self, files: &[PathBuf]) {
        let paths = files
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join("\n");
        let input = self
            .driver
            .find(By::Css("input[type=file]"))
            .await
            .expect("the file input");
        input.send_keys(paths).await.expect("choose files");
    }

    /// Lets this many bytes a second out; 0 is offline, none is no limit.
    pub async fn network(&self, upload: Option<u32>) {
        self.cdp("Network.enable", json!({})).await;
        let upload_throughput = upload.map_or(-1, i64::from);
        let conditions = json!({"offline": upload == Some(0), "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload_throughput});
        self.cdp("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Light or dark, at this width, without motion.
    pub async fn looks(&self, theme: &str, width: u32) {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.cdp("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
        let (height, mobile) = if width < 600 {
            (740, true)
        } else {
            (860, false)
        };
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Forgets what was kept of the page, its service worker too, but not who is logged in.
    pub async fn is_here_for_the_first_time(&self) {
        self.goto("about:blank").await;
        self.cdp("Network.clearBrowserCache", json!({})).await;
        let kept = json!({"origin": self.origin, "storageTypes": "service_workers,cache_storage"});
        self.cdp("Storage.clearDataForOrigin", kept).await;
    }

    /// Calls a method of the Chrome `DevTools` Protocol.
    pub async fn cdp(&self, method: &str, params: Value) -> Value {
        self.driver
            .cdp()
            .send_raw(method, params)
            .await
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Where another program can speak to this browser.
    pub fn devtools_port(&self) -> u16 {
        let told = fs::read_to_string(self.profile.path().join("DevToolsActivePort"))
            .expect("the browser says where it listens");
        told.lines()
            .next()
            .and_then(|port| port.parse().ok())
            .expect("a port")
    }

    /// Saves a screenshot of the window as `target/screenshots/<name>.png`.
    pub async fn screenshot(&self, name: &str) {
        let folder = root().join("target/screenshots");
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        if let Ok(png) = self.driver.screenshot_as_png().await {
            fs::write(folder.join(format!("{name}.png")), png).expect("write a screenshot");
        }
    }

    /// Saves a screenshot of the whole page.
    pub async fn screenshot_whole(&self, name: &str) {
        let size = self
            .script(
                "return [innerWidth, document.documentElement.scrollHeight]",
                json!([]),
            )
            .await;
        let metrics =
            json!({"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        self.screenshot(name).await;
    }

    /// Errors in the console but those that hold one of these words.
    pub async fn console_errors(&self, expected: &[&str]) -> Vec<String> {
        let entries = self.driver.browser_log().await.expect("the console");
        let severe = entries
            .into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .map(|entry| entry.message);
        // Whoever leaves a page while it loads its other module ahead breaks that off.
        let left = |message: &str| {
            message.contains("/assets/later-") && message.contains("net::ERR_FAILED")
        };
        severe
            .filter(|message| !expected.iter().any(|words| message.contains(words)))
            .filter(|message| !left(message))
            .collect()
    }

    #[track_caller]
    fn click(&self, selector: &'static str, name: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let what = format!("a {selector} named {name:?} that can be clicked");
            let probe = async || self.find(selector, name).await?.click().await.ok();
            self.wait(at, PATIENCE, &what, probe).await;
        }
    }

    async fn element(&self, at: &Location<'_>, selector: &str, name: &str) -> WebElement {
        self.wait(
            at,
            PATIENCE,
            &format!("a {selector} named {name:?}"),
            async || self.find(selector, name).await,
        )
        .await
    }

    async fn find(&self, selector: &str, name: &str) -> Option<WebElement> {
        self.driver
            .execute(format!("{NAME}{FIND}"), vec![json!(selector), json!(name)])
            .await
            .ok()?
            .element()
            .ok()
    }

    async fn wait<T>(
        &self,
        at: &Location<'_>,
        patience: Duration,
        what: &str,
        probe: impl AsyncFn() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            assert!(
                Instant::now() <= deadline,
                "{at}: waited {} s for {what}\n{}",
                patience.as_secs(),
                self.state().await
            );
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// What a failure needs: where the browser is, what it shows and what its console says.
    async fn state(&self) -> String {
        let mut state = String::new();
        let test = std::thread::current()
            .name()
            .map(|name| name.replace("::", "-"))
            .unwrap_or_default();
        self.screenshot(&format!("failed-{test}")).await;
        let url = self
            .driver
            .current_url()
            .await
            .map(|url| url.to_string())
            .unwrap_or_default();
        writeln!(
            state,
            "at {url}, screenshot target/screenshots/failed-{test}.png, showing:"
        )
        .ok();
        writeln!(
            state,
            "{}",
            self.script("return document.body.innerText", json!([]))
                .await
                .as_str()
                .unwrap_or_default()
        )
        .ok();
        for entry in self.driver.browser_log().await.unwrap_or_default() {
            writeln!(state, "console {}: {}", entry.level, entry.message).ok();
        }
        state
    }
}

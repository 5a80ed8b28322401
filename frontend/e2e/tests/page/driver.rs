//! ChromeDriver, and the capabilities of the browsers that it starts.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use thirtyfour::{
    ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel,
};

/// A running ChromeDriver. Its browsers close and it ends when it is dropped, also when a test fails.
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// The port is free when ChromeDriver looks and may be taken when it listens: then another one is tried.
    pub fn start() -> Self {
        (0..5)
            .find_map(|_| Self::try_start())
            .expect("ChromeDriver did not say its port")
    }

    fn try_start() -> Option<Self> {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("start {}: {error}; install ChromeDriver", program.display())
            });
        let port = process.stdout.take().and_then(|stdout| {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.find_map(|line| {
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
        });
        if port.is_none() {
            process.kill().ok();
            process.wait().ok();
        }
        port.map(|port| Self { process, port })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shut_down().ok();
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A headless Chromium with a fresh profile and all of its console.
pub fn capabilities(profile: &TempDir, more: &[&str]) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let profile = format!("--user-data-dir={}", profile.path().display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en",
        "--window-size=1280,860",
        &profile,
    ];
    for flag in flags.iter().chain(more) {
        capabilities.add_arg(flag).expect("a flag");
    }
    capabilities
        .set_browser_log_level(LoggingPrefsLogLevel::All)
        .expect("the console");
    capabilities
}

//! The real server on ports and with data of its own.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::{env, thread};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A password that would show.
pub const PASSWORD: &str = "correct horse battery";

/// A running server. It stops, and its data goes, when it is dropped.
pub struct Server {
    process: Child,
    pub url: String,
    log: Arc<Mutex<String>>,
    _data: TempDir,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let binary = env::var_os("TINTYPE_BIN")
            .map_or_else(|| root.join("target/debug/tintype"), PathBuf::from);
        assert!(
            binary.exists(),
            "{} is missing: run `cargo build --bin tintype`",
            binary.display()
        );
        let mut command = Command::new(binary);
        command
            .arg("serve")
            .current_dir(data.path())
            .env_remove("TINTYPE_BIN");
        for (name, value) in [
            ("SERVER__APP_ADDR", "127.0.0.1:0"),
            ("SERVER__MEDIA_ADDR", "127.0.0.1:0"),
            ("SERVER__OPS_ADDR", "127.0.0.1:0"),
            ("AUTH__BCRYPT_COST", "4"),
            ("LOG__LEVEL", "info"),
            ("LOG__FORMAT", "json"),
        ] {
            command.env(format!("TINTYPE_{name}"), value);
        }
        for (name, value) in settings {
            command.env(format!("TINTYPE_{name}"), value);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let url = loop {
            let line = lines.next().expect("the server starts").unwrap();
            if let Some(url) = line.strip_prefix("Tintype is ready: ") {
                break url.trim_end_matches('/').to_owned();
            }
        };
        // It ends when nobody listens to it.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let errors = BufReader::new(process.stderr.take().unwrap()).lines();
        let to = log.clone();
        thread::spawn(move || {
            for line in errors.map_while(Result::ok) {
                to.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self {
            process,
            url,
            log,
            _data: data,
        }
    }

    /// For how many uploads the storage has answered a PUT with this status. Once an upload has ended, the server puts something empty in the place
    /// of the file, so that there are two of each.
    pub fn stored(&self, status: u16) -> usize {
        let log = self.log.lock().unwrap();
        let answers = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let path = |answer: Value| {
            let span = &answer["span"];
            let path = span["path"]
                .as_str()
                .filter(|path| path.contains("/staging/"));
            path.filter(|_| span["method"] == "PUT" && answer["status"] == status)
                .map(str::to_owned)
        };
        answers.filter_map(path).collect::<BTreeSet<_>>().len()
    }

    /// A new account; its session.
    pub fn register(&self, name: &str) -> String {
        let body =
            json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD});
        let session = call(
            "POST",
            &format!("{}/api/v1/auth/register", self.url),
            None,
            Some(&body),
        );
        session["token"].as_str().unwrap().to_owned()
    }

    /// Asks the API as this session.
    pub fn ask(&self, session: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
        call(
            method,
            &format!("{}/api/v1{path}", self.url),
            Some(session),
            body,
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn call(method: &str, url: &str, token: Option<&str>, body: Option<&Value>) -> Value {
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut answer = ureq::run(request.body(body).unwrap()).unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap_or_default()
}

/// The status of a GET, and its body.
pub fn fetch(url: &str) -> (u16, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(url).call().unwrap();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_vec().unwrap(),
    )
}

//! The program itself: killed at the wrong moment, and what it writes to its log.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use tintype_dto::Image;

use crate::client::Client;
use crate::kill::installation::free_port;
use crate::pictures::jpeg;
use crate::program::{BINARY, Program, run};
use crate::server::{On, TestServer, new_postgres_database};

/// `127.0.0.1:1234` of `http://127.0.0.1:1234/...`.
fn address(url: &str) -> String {
    url.split('/').nth(2).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_put_and_confirm_has_lost_nothing_on_sqlite() {
    kill_between_put_and_confirm(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_put_and_confirm_has_lost_nothing_on_postgres() {
    kill_between_put_and_confirm(Some(&new_postgres_database().await)).await;
}

async fn kill_between_put_and_confirm(database: Option<&str>) {
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start(
        database,
        folder.path(),
        "127.0.0.1:0",
        "127.0.0.1:0",
        "warn",
    );
    let mut alice = program.client();
    alice.register("alice").await;
    let bytes = jpeg(1);
    let upload = alice.announce("a.jpg", &bytes).await;
    assert_eq!(alice.put(&upload, &bytes).await.status, 200);
    let (app, media) = (
        address(&program.url),
        address(&upload.put.as_ref().unwrap().url),
    );
    drop(program); // SIGKILL
    let program = Program::start(database, folder.path(), &app, &media, "warn");
    assert_eq!(program.url, format!("http://{app}"));
    let image: Image = alice.confirm(upload.id).await.ok();
    assert_eq!(alice.list("").await.items, [image]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_log_at_any_level() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "trace");
    let mut stderr = program.child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut log = Vec::new();
        stderr.read_to_end(&mut log).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    });
    let mut alice = program.client();
    let session = alice.register("alice").await;
    let bytes = jpeg(1);
    let upload = alice.announce("a.jpg", &bytes).await;
    let url = upload.put.as_ref().unwrap().url.clone();
    alice.put(&upload, &bytes).await;
    let image: Image = alice.confirm(upload.id).await.ok();
    alice
        .send_to(reqwest::Method::GET, &image.links.original, |r| r)
        .await;
    alice
        .post(
            "/auth/login",
            &json!({"username": "alice", "password": "a wrong password"}),
        )
        .await
        .problem("invalid_credentials");
    let signature = url
        .split("X-Amz-Signature=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let kept = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let secrets = [
        session.token,
        "correct horse battery".into(),
        "a wrong password".into(),
        signature,
        "0123456789abcdef".into(),
        kept("storage-secret"),
    ];
    drop(program);
    let log = reader.join().unwrap();
    assert!(log.contains("/api/v1/uploads"), "it does log requests");
    for secret in secrets {
        assert!(
            !log.contains(&secret),
            "{secret} stands in the log: {:?}",
            log.lines().find(|line| line.contains(&secret))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_signal_lets_an_open_request_end_and_a_second_does_not() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for second in [false, true] {
        let folder = tempfile::TempDir::new().unwrap();
        let mut program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
        // A request that is half sent.
        let host = address(&program.url);
        let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
        let body = r#"{"username":"ada","email":"ada@example.com","password":"correct horse"}"#;
        let head = format!(
            "POST /api/v1/auth/register HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..20]).await.unwrap();
        // The connection has been accepted once another request, sent later, is answered.
        assert_eq!(program.client().get("/limits").await.status, 200);
        program.signal("-TERM");
        if second {
            while tokio::net::TcpStream::connect(&host).await.is_ok() {
                tokio::task::yield_now().await;
            }
            program.signal("-TERM");
            assert!(
                !program.child.wait().unwrap().success(),
                "it ends at once, and says that it did"
            );
            continue;
        }
        stream.write_all(&body.as_bytes()[20..]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert!(program.child.wait().unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_a_folder_and_a_taken_port_are_refused_in_one_line() {
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
    let (ok, _, errors) = run(
        &["serve"],
        folder.path(),
        &[("TINTYPE_SERVER__APP_ADDR", "127.0.0.1:0")],
    );
    assert!(
        !ok && errors.contains("another Tintype is running") && errors.contains("TINTYPE_DATA_DIR"),
        "{errors}"
    );
    let other = tempfile::TempDir::new().unwrap();
    let (ok, _, errors) = run(
        &["serve"],
        other.path(),
        &[("TINTYPE_SERVER__APP_ADDR", &address(&program.url))],
    );
    assert!(
        !ok && errors.contains("can't listen") && errors.contains("TINTYPE_SERVER__APP_ADDR"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_a_wrong_bucket_are_one_line_that_says_what_to_do() {
    let (folder, own) = (
        tempfile::TempDir::new().unwrap(),
        tempfile::TempDir::new().unwrap(),
    );
    let right = [
        ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "abcdefghijklmnopqrstuv0123456789",
        ),
        ("TINTYPE_STORAGE__BUCKET", "pictures"),
        ("TINTYPE_SERVER__APP_URL", "http://127.0.0.1:8080"),
    ];
    let storage = Program::start_as("storage", folder.path(), &right);
    for (wrong, value) in [
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "another-secret-of-another-store",
        ),
        ("TINTYPE_STORAGE__BUCKET", "others"),
    ] {
        let settings = right.into_iter().chain([
            ("TINTYPE_STORAGE__ENDPOINT", storage.url.as_str()),
            (wrong, value),
        ]);
        let mut program = Program::start_as("serve", own.path(), &settings.collect::<Vec<_>>());
        let (stderr, (found, line)) = (
            program.child.stderr.take().unwrap(),
            std::sync::mpsc::channel(),
        );
        std::thread::spawn(move || {
            BufReader::new(stderr)
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| found.send(line))
        });
        let next = || {
            line.recv_timeout(std::time::Duration::from_secs(20))
                .unwrap()
        };
        let line = std::iter::repeat_with(next)
            .find(|line| line.contains("ERROR"))
            .unwrap();
        assert!(line.contains(wrong), "{line}");
        assert!(
            !line.contains(value) || wrong == "TINTYPE_STORAGE__BUCKET",
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_on_the_machine_can_read_what_is_kept_in_the_data_folder() {
    let place = tempfile::TempDir::new().unwrap();
    let folder = place.path().join("data");
    let start = |folder: &Path| Program::start(None, folder, "127.0.0.1:0", "127.0.0.1:0", "warn");
    let program = start(&folder);
    program.client().register("alice").await;
    assert_eq!(open_to_others(&folder), [""; 0]);
    assert!(folder.join("tintype.db-wal").exists() && folder.join("tintype.db-shm").exists());
    drop(program);
    // As an earlier version left it.
    for name in [
        "",
        "tintype.db",
        "tintype.db-wal",
        "tintype.db-shm",
        "lock",
        "storage-secret",
    ] {
        let mode = if name.is_empty() { 0o755 } else { 0o644 };
        std::fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    }
    let program = start(&folder);
    assert_eq!(open_to_others(&folder), [""; 0]);
    drop(program);
    // A folder that others use stays open; Tintype's files in it are closed.
    std::fs::write(folder.join("of-others.txt"), "").unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let _program = start(&folder);
    assert_eq!(open_to_others(&folder), ["", "of-others.txt"]);
}

/// What others can look into, of a folder and everything in it.
fn open_to_others(folder: &Path) -> Vec<String> {
    fn look(path: &Path, root: &Path, open: &mut Vec<String>) {
        let metadata = path.metadata().unwrap();
        if metadata.permissions().mode() & 0o077 != 0 {
            open.push(path.strip_prefix(root).unwrap().display().to_string());
        }
        if metadata.is_dir() {
            path.read_dir()
                .unwrap()
                .for_each(|entry| look(&entry.unwrap().path(), root, open));
        }
    }
    let mut open = Vec::new();
    look(folder, folder, &mut open);
    open.sort();
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_server_that_trusts_no_proxy_says_so_in_one_line_and_lets_nobody_register() {
    let public = [
        ("TINTYPE_SERVER__APP_URL", "https://img.example.com"),
        ("TINTYPE_SERVER__MEDIA_URL", "https://media.example.com"),
    ];
    for (trusted, expected) in [("", 1), ("127.0.0.1", 0)] {
        let folder = tempfile::TempDir::new().unwrap();
        let settings: Vec<_> = public
            .into_iter()
            .chain([("TINTYPE_SERVER__TRUSTED_PROXIES", trusted)])
            .collect();
        let mut program = Program::start_as("serve", folder.path(), &settings);
        let mut stderr = program.child.stderr.take().unwrap();
        program.signal("-TERM");
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains("TINTYPE_SERVER__TRUSTED_PROXIES"))
            .collect();
        assert!(
            lines.len() == expected
                && lines
                    .iter()
                    .all(|line| line.contains("WARN") && line.contains("127.0.0.1")),
            "{log}"
        );
    }
    let (folder, listens) = (
        tempfile::TempDir::new().unwrap(),
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap(),
    );
    let settings: Vec<_> = public
        .into_iter()
        .chain([(
            "TINTYPE_SERVER__APP_ADDR",
            listens.to_string().leak() as &str,
        )])
        .collect();
    let _program = Program::start_as("serve", folder.path(), &settings);
    let body = json!({"username": "ada", "email": "ada@example.com", "password": "correct horse"});
    let client = Client {
        http: reqwest::Client::new(),
        api: String::new(),
        session: None,
    };
    let url = format!("http://{listens}/api/v1/auth/register");
    let answer = client
        .send_to(reqwest::Method::POST, &url, |r| {
            r.json(&body).header("host", "img.example.com")
        })
        .await;
    answer.problem("registration_closed");
}

#[test]
fn a_storage_needs_neither_the_secret_of_sessions_nor_a_database() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tintype"))
        .arg("storage")
        .env_remove("TINTYPE_AUTH__JWT_SECRET")
        .env_remove("DATABASE_URL")
        .env("TINTYPE_DATA_DIR", folder.path())
        .env("TINTYPE_SERVER__APP_URL", "http://localhost:8080")
        .env("TINTYPE_SERVER__OPS_ADDR", "127.0.0.1:0")
        .env("TINTYPE_STORAGE__LISTEN_ADDR", "127.0.0.1:0")
        .env("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype")
        .env(
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "abcdefghijklmnopqrstuv0123456789",
        )
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("Tintype is ready"), "{line}");
    let mut kept: Vec<_> = folder
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["objects", "objects.lock"], "and it makes none");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_adds_disables_and_deletes_accounts_while_the_server_runs() {
    let folder = tempfile::TempDir::new().unwrap();
    let media = format!("127.0.0.1:{}", free_port());
    let program = Program::start(None, folder.path(), "127.0.0.1:0", &media, "warn");
    let (ok, told, errors) = run(
        &["user", "add", "ada", "ada@example.com"],
        folder.path(),
        &[],
    );
    assert!(ok, "{errors}");
    let password = told
        .lines()
        .find_map(|line| line.strip_prefix("Password: "))
        .unwrap()
        .to_owned();
    let log_in = async |password: &str| {
        program
            .client()
            .post(
                "/auth/login",
                &json!({"username": "ada", "password": password}),
            )
            .await
    };
    assert_eq!(log_in(&password).await.status, 200);
    let (ok, told, _) = run(&["user", "reset-password", "ada"], folder.path(), &[]);
    assert!(ok && log_in(&password).await.status == 401);
    let password = told
        .lines()
        .find_map(|line| line.strip_prefix("Password: "))
        .unwrap()
        .to_owned();
    assert_eq!(log_in(&password).await.status, 200);
    assert!(run(&["user", "disable", "ada"], folder.path(), &[]).0);
    log_in(&password).await.problem("account_disabled");
    assert!(
        !run(&["user", "delete", "ada"], folder.path(), &[]).0,
        "not without --yes"
    );
    // It marks in the store what goes for good.
    let store = [("TINTYPE_SERVER__MEDIA_ADDR", &*media)];
    assert!(run(&["user", "delete", "ada", "--yes"], folder.path(), &store).0);
    log_in(&password).await.problem("invalid_credentials");
    let (ok, _, errors) = run(&["user", "add", "Not A Name", "nobody"], folder.path(), &[]);
    assert!(
        !ok && errors.contains("username") && errors.contains("email"),
        "{errors}"
    );
    let (ok, told, _) = run(&["migrate", "status"], folder.path(), &[]);
    assert!(
        ok && told.lines().count() >= 4 && told.lines().all(|line| line.starts_with("applied ")),
        "{told}"
    );
}

#[test]
fn a_schema_change_that_is_killed_at_any_time_is_made_by_the_next_run() {
    let mut killed = 0;
    for round in 0..12 {
        let folder = tempfile::TempDir::new().unwrap();
        let mut migrating = Command::new(BINARY)
            .args(["migrate", "up"])
            .env("TINTYPE_DATA_DIR", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(10 + 6 * round));
        if migrating.try_wait().unwrap().is_none() {
            migrating.kill().unwrap();
            killed += 1;
        }
        migrating.wait().unwrap();
        let (ok, told, errors) = run(&["migrate", "up"], folder.path(), &[]);
        assert!(ok, "round {round}: {told}{errors}");
    }
    assert!(killed > 0, "none was killed");
}

#[test]
fn the_help_names_every_subcommand_and_completions_are_scripts() {
    let folder = tempfile::TempDir::new().unwrap();
    let (ok, help, _) = run(&["--help"], folder.path(), &[]);
    for name in [
        "serve",
        "worker",
        "storage",
        "migrate",
        "doctor",
        "audit",
        "sweep",
        "backup",
        "restore",
        "rebuild",
        "export",
        "import",
        "openapi",
        "user",
        "image",
        "healthcheck",
        "completions",
    ] {
        assert!(
            ok && help.contains(&format!("\n  {name} ")),
            "{name} in {help}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let (ok, script, _) = run(&["completions", shell], folder.path(), &[]);
        assert!(ok && script.contains("reset-password"), "{shell}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_check_tells_a_process_that_is_ready_from_others_and_says_what_is_wrong() {
    let folder = tempfile::TempDir::new().unwrap();
    let check = |address: &str| {
        let settings = [("TINTYPE_SERVER__OPS_ADDR", address)];
        let (ok, _, errors) = run(&["healthcheck"], folder.path(), &settings);
        (ok, errors)
    };
    let ready = TestServer::start(On::Sqlite).await;
    assert_eq!(check(&address(ready.ops_url())), (true, String::new()));
    let full = TestServer::start_with(On::Sqlite, |config| {
        config.storage.min_free_bytes = u64::MAX;
    })
    .await;
    let (ok, errors) = check(&address(full.ops_url()));
    assert!(
        !ok && errors.starts_with(r#"tintype: {"ready":false,"#) && errors.contains("at least"),
        "{errors}"
    );
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let left = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let (ok, errors) = check(&left);
    assert!(
        !ok && errors.starts_with("tintype: Connection refused"),
        "{errors}"
    );
}

#[test]
fn weak_secrets_and_missing_values_stop_every_kind_of_process_and_are_never_printed() {
    let folder = tempfile::TempDir::new().unwrap();
    let weak = [
        ("TINTYPE_SERVER__APP_ADDR", "0.0.0.0:0"),
        ("TINTYPE_AUTH__JWT_SECRET", "changeme"),
    ];
    let (ok, _, errors) = run(&["serve"], folder.path(), &weak);
    assert!(
        !ok && errors.contains("TINTYPE_AUTH__JWT_SECRET")
            && errors.contains("TINTYPE_SERVER__APP_URL"),
        "{errors}"
    );
    assert!(!errors.contains("changeme"), "{errors}");
    let (ok, _, errors) = run(&["worker"], folder.path(), &[]);
    assert!(!ok && errors.contains("PostgreSQL"), "{errors}");
    let (ok, _, errors) = run(
        &["storage"],
        folder.path(),
        &[("TINTYPE_STORAGE__SECRET_ACCESS_KEY", "minioadmin")],
    );
    assert!(
        !ok && errors.contains("TINTYPE_STORAGE__SECRET_ACCESS_KEY")
            && !errors.contains("minioadmin"),
        "{errors}"
    );
}

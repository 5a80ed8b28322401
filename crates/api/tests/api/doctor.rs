//! Every fault that the doctor can name, and that it names the setting.

mod front;
mod proxy;

use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::{Router, serve};
use front::{Front, front};
use proxy::{ADDRESS, Forwarding, Proxy};
use sea_orm::{ConnectionTrait, Database, EntityTrait};
use tempfile::TempDir;
use tintype_api::config::Config;
use tintype_api::doctor::{Outcome, Report, examine};
use tintype_core::db::rate_count;
use tintype_core::secret::Secret;
use tintype_migrations::{Migrator, MigratorTrait};
use tintype_storage::embedded::{self, EmbeddedConfig};
use tokio::net::TcpListener;

use crate::server::{On, TestServer, new_postgres_database, on_both_databases};

const SECRET: &str = "the secret of this store, not to be told";

/// An installation whose store is a process of its own, and whose server does not run.
struct Installation {
    config: Config,
    folder: TempDir,
}

impl Installation {
    async fn new() -> Self {
        Self::behind(Front::Nothing).await
    }

    async fn behind(fault: Front) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = Config {
            data_dir: folder.path().join("data"),
            ..Config::default()
        };
        config.storage.endpoint = Some(
            format!("http://{}", listener.local_addr().unwrap())
                .parse()
                .unwrap(),
        );
        config.storage.access_key_id = Some("tintype".into());
        config.storage.secret_access_key = Some(Secret::from(SECRET.to_owned()));
        let (app, media) = (closed_port().await, closed_port().await);
        config.server.app_url = Some(format!("http://127.0.0.1:{app}").parse().unwrap());
        config.server.media_url = Some(format!("http://127.0.0.1:{media}").parse().unwrap());
        let store = embedded::router(EmbeddedConfig {
            folder: folder.path().join("objects"),
            bucket: config.storage.bucket.clone(),
            region: config.storage.region.clone(),
            access_key_id: "tintype".into(),
            secret_access_key: SECRET.into(),
            allowed_origin: format!("http://127.0.0.1:{app}"),
            max_object_bytes: 1 << 20,
            pace: embedded::Pace::default(),
        });
        let routes = store
            .await
            .unwrap()
            .fallback(|| async { StatusCode::NOT_FOUND })
            .layer(from_fn_with_state(fault, front));
        tokio::spawn(async move { serve(listener, routes).await });
        Self { config, folder }
    }

    async fn examine(&self) -> Report {
        examine(self.config.clone(), false).await
    }

    fn database(&mut self, url: impl Into<String>) {
        self.config.database.url = Some(Secret::from(url.into()));
    }
}

async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Asserts that this step failed, that what it says mentions both, and that it is the only one.
#[track_caller]
fn fails(report: &Report, step: &str, what_it_says: &str, setting: &str) {
    match report.outcome(step) {
        Some(Outcome::Failed { what, fix }) => {
            assert!(what.contains(what_it_says), "{what}");
            assert!(fix.contains(setting), "{fix}");
        }
        other => panic!("{step}: {other:?}\n{report}"),
    }
    let failed = report
        .steps
        .iter()
        .filter(|step| matches!(step.outcome, Outcome::Failed { .. }))
        .count();
    assert_eq!(failed, 1, "{report}");
    assert!(!report.is_healthy() && !report.to_string().contains(SECRET));
}

#[track_caller]
fn warns(report: &Report, step: &str, what_it_says: &str, setting: &str) {
    match report.outcome(step) {
        Some(Outcome::Warning { what, fix }) => {
            assert!(what.contains(what_it_says), "{what}");
            assert!(fix.contains(setting), "{fix}");
        }
        other => panic!("{step}: {other:?}\n{report}"),
    }
    assert!(report.is_healthy(), "{report}");
}

#[track_caller]
fn is_ok(report: &Report, step: &str) {
    assert!(
        matches!(report.outcome(step), Some(Outcome::Ok { .. })),
        "{step}\n{report}"
    );
}

#[track_caller]
fn is_skipped(report: &Report, step: &str) {
    assert!(
        matches!(report.outcome(step), Some(Outcome::Skipped { .. })),
        "{step}\n{report}"
    );
}

on_both_databases! {
    async fn an_installation_that_runs_is_healthy_in_every_step(server: TestServer) {
        for fix in [false, true] {
            let report = examine(server.config.clone(), fix).await;
            for step in &report.steps {
                let expected = if step.name == "lifecycle" { "skipped" } else { "ok" };
                assert_eq!(serde_json::to_value(step).unwrap()["outcome"], expected, "{report}");
            }
            assert_eq!(report.steps.len(), 21, "{report}");
        }
        let counted: i64 = rate_count::Entity::find().all(server.db()).await.unwrap().iter().map(|row| row.count).sum();
        assert_eq!(counted, 0, "the doctor's log-in is nobody's failed one");
        assert_eq!(server.objects().await, Vec::<String>::new(), "nothing is left behind");
    }
}

/// What the doctor says of a server that is reached through a proxy.
async fn through(on: On, forwarding: Forwarding, trusted: &str) -> Report {
    let proxy = Proxy::start(forwarding).await;
    let server = TestServer::start_with(on, |config| {
        config.server.app_url = Some(proxy.url.parse().unwrap());
        config.server.trusted_proxies = serde_json::from_value(trusted.into()).unwrap();
    })
    .await;
    proxy.lead_to(server.listens_on().to_owned());
    let report = examine(server.config.clone(), false).await;
    is_ok(&report, "app address");
    report
}

async fn a_forged_address_and_a_shared_one_are_told(on: On) {
    let setting = "TINTYPE_SERVER__TRUSTED_PROXIES";
    is_ok(
        &through(on, Forwarding::Adds, &ADDRESS.to_string()).await,
        "client addresses",
    );
    warns(
        &through(on, Forwarding::Adds, "").await,
        "client addresses",
        "everybody shares",
        setting,
    );
    fails(
        &through(on, Forwarding::Adds, "0.0.0.0/0").await,
        "client addresses",
        "believed of anybody",
        setting,
    );
    fails(
        &through(on, Forwarding::HandsOn, &ADDRESS.to_string()).await,
        "client addresses",
        "comes through the proxy",
        setting,
    );
    is_skipped(
        &through(on, Forwarding::Adds, "127.0.0.0/8").await,
        "client addresses",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_address_that_is_believed_and_one_that_everybody_shares_are_told_on_sqlite() {
    a_forged_address_and_a_shared_one_are_told(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_address_that_is_believed_and_one_that_everybody_shares_are_told_on_postgres() {
    a_forged_address_and_a_shared_one_are_told(On::Postgres).await;
}

#[tokio::test]
async fn a_server_that_does_not_run_is_a_warning() {
    let report = Installation::new().await.examine().await;
    warns(
        &report,
        "app address",
        "nothing of Tintype answers",
        "TINTYPE_SERVER__APP_URL",
    );
    warns(
        &report,
        "media address",
        "nothing of Tintype answers",
        "TINTYPE_SERVER__MEDIA_URL",
    );
    is_ok(&report, "delete");
}

#[tokio::test]
async fn an_embedded_store_that_does_not_run_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let mut config = Config {
        data_dir: folder.path().into(),
        ..Config::default()
    };
    config.server.app_addr.set_port(closed_port().await);
    config.server.media_addr.set_port(closed_port().await);
    let report = examine(config.clone(), false).await;
    is_skipped(&report, "storage");
    assert!(report.is_healthy(), "{report}");
    assert_eq!(
        folder.path().read_dir().unwrap().count(),
        0,
        "nothing is made"
    );

    std::fs::write(folder.path().join("storage-secret"), SECRET).unwrap();
    let report = examine(config, false).await;
    warns(
        &report,
        "storage reachable",
        "does not answer",
        "tintype serve",
    );
    is_skipped(&report, "delete");
}

#[tokio::test]
async fn something_else_at_a_public_address_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        serve(
            listener,
            Router::new().fallback(|| async { "a page of another program" }),
        )
        .await
    });
    let mut installation = Installation::new().await;
    let app_url = installation.config.server.media_url.replace(url.clone());
    fails(
        &installation.examine().await,
        "media address",
        "200",
        "TINTYPE_SERVER__MEDIA_URL",
    );

    installation.config.server.media_url = app_url;
    installation.config.server.app_url = Some(url);
    let report = installation.examine().await;
    assert!(
        matches!(report.outcome("app address"), Some(Outcome::Failed { fix, .. }) if fix.contains("TINTYPE_SERVER__APP_URL"))
    );
}

#[tokio::test]
async fn a_store_that_is_not_there_is_named() {
    let mut installation = Installation::new().await;
    for (endpoint, what) in [
        (
            format!("http://127.0.0.1:{}", closed_port().await),
            "refused",
        ),
        ("http://store.invalid".to_owned(), "store.invalid"),
        (
            installation
                .config
                .storage
                .endpoint
                .as_ref()
                .unwrap()
                .as_str()
                .replace("http:", "https:"),
            "does not answer",
        ),
    ] {
        installation.config.storage.endpoint = Some(endpoint.parse().unwrap());
        let report = installation.examine().await;
        fails(
            &report,
            "storage reachable",
            what,
            "TINTYPE_STORAGE__ENDPOINT",
        );
        is_skipped(&report, "put");
        is_skipped(&report, "lifecycle");
    }
    let report = Installation::behind(Front::BadGateway)
        .await
        .examine()
        .await;
    fails(
        &report,
        "storage reachable",
        "502",
        "TINTYPE_STORAGE__ENDPOINT",
    );
}

#[tokio::test]
async fn a_public_address_of_the_store_that_is_not_there_is_named() {
    let mut installation = Installation::new().await;
    installation.config.storage.public_endpoint = Some("http://store.invalid".parse().unwrap());
    fails(
        &installation.examine().await,
        "storage public address",
        "does not answer",
        "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
    );
}

#[tokio::test]
async fn a_public_address_on_loopback_may_be_reached_from_elsewhere_alone() {
    let mut installation = Installation::new().await;
    installation.config.storage.public_endpoint = Some(
        format!("http://localhost:{}", closed_port().await)
            .parse()
            .unwrap(),
    );
    let report = installation.examine().await;
    warns(
        &report,
        "storage public address",
        "does not answer",
        "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
    );
    is_ok(&report, "put");
}

#[tokio::test]
async fn a_wrong_key_region_or_bucket_is_told_apart() {
    let mut installation = Installation::new().await;
    let right = installation.config.storage.clone();
    installation.config.storage.access_key_id = Some("another".into());
    fails(
        &installation.examine().await,
        "storage key",
        "InvalidAccessKeyId",
        "TINTYPE_STORAGE__ACCESS_KEY_ID",
    );

    installation.config.storage = right.clone();
    installation.config.storage.secret_access_key = Some(Secret::from("another".to_owned()));
    fails(
        &installation.examine().await,
        "storage key",
        "SignatureDoesNotMatch",
        "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
    );

    installation.config.storage = right.clone();
    installation.config.storage.secret_access_key = None;
    fails(
        &installation.examine().await,
        "storage",
        "no secret",
        "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
    );

    installation.config.storage = right.clone();
    installation.config.storage.region = "eu-west-1".into();
    fails(
        &installation.examine().await,
        "storage key",
        "AuthorizationHeaderMalformed",
        "TINTYPE_STORAGE__REGION",
    );

    installation.config.storage = right;
    installation.config.storage.bucket = "another".into();
    let report = installation.examine().await;
    fails(
        &report,
        "bucket",
        "no bucket another",
        "TINTYPE_STORAGE__BUCKET",
    );
    is_skipped(&report, "put");
}

#[tokio::test]
async fn a_store_that_fails_is_named() {
    let report = Installation::behind(Front::ListingFails)
        .await
        .examine()
        .await;
    fails(&report, "storage key", "500", "TINTYPE_STORAGE__ENDPOINT");
}

#[tokio::test]
async fn a_clock_that_is_off_is_named() {
    for seconds in [-20 * 60, 20 * 60] {
        let report = Installation::behind(Front::AnotherTime(seconds))
            .await
            .examine()
            .await;
        fails(&report, "clock", "s apart", "NTP");
        is_skipped(&report, "storage key");
    }
    warns(
        &Installation::behind(Front::AnotherTime(120))
            .await
            .examine()
            .await,
        "clock",
        "s apart",
        "NTP",
    );
    is_skipped(
        &Installation::behind(Front::NoTime).await.examine().await,
        "clock",
    );
}

#[tokio::test]
async fn a_page_that_may_not_upload_is_named() {
    let mut installation = Installation::new().await;
    installation.config.server.app_url = Some("https://img.example.com".parse().unwrap());
    for fix in [false, true] {
        let report = examine(installation.config.clone(), fix).await;
        let preflight = report.outcome("preflight");
        let named =
            |how: &str| how.contains("built into") && how.contains("TINTYPE_SERVER__APP_URL");
        assert!(
            matches!(preflight, Some(Outcome::Failed { fix, .. }) if named(fix)),
            "{report}"
        );
        // A browser could not read the answer of the PUT either, and the object does not stay.
        assert!(
            matches!(report.outcome("put"), Some(Outcome::Failed { fix, .. }) if fix.contains("TINTYPE_SERVER__APP_URL"))
        );
        is_ok(&report, "delete");
    }
    for (front, what) in [
        (Front::SwallowsPreflight, "is not allowed"),
        (Front::AnswersPreflightItself, "405"),
        (Front::AllowsOtherHeaders, "if-none-match"),
        (Front::AllowsOtherMethods, "PUT is not among"),
    ] {
        fails(
            &Installation::behind(front).await.examine().await,
            "preflight",
            what,
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        );
    }
    let report = Installation::behind(Front::HidesAnswers)
        .await
        .examine()
        .await;
    fails(
        &report,
        "put",
        "may not read the answer",
        "TINTYPE_SERVER__APP_URL",
    );
}

#[tokio::test]
async fn a_bucket_without_the_rule_is_named_and_so_is_why_it_cannot_be_mended() {
    for (front, fix, what, setting) in [
        (Front::CorsDenied, false, "403", "tintype doctor --fix"),
        (
            Front::CorsDenied,
            true,
            "can't be written",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::CorsWrittenInVain,
            true,
            "not carried out",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::CorsNotCarriedOut,
            false,
            "403",
            "The bucket has the rule",
        ),
        (
            Front::CorsNotCarriedOut,
            true,
            "403",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
    ] {
        let installation = Installation::behind(front).await;
        fails(
            &examine(installation.config.clone(), fix).await,
            "preflight",
            what,
            setting,
        );
    }
    for (front, fix, what, setting) in [
        (
            Front::LifecycleDenied,
            false,
            "can't be read",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::LifecycleDenied,
            true,
            "can't be written",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::LifecycleUnset,
            false,
            "keeps what is left",
            "TINTYPE_STORAGE__BUCKET",
        ),
        (
            Front::LifecycleUnset,
            true,
            "can't be written",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::LifecycleWrittenInVain,
            true,
            "is not there",
            "TINTYPE_STORAGE__BUCKET",
        ),
    ] {
        let installation = Installation::behind(front).await;
        warns(
            &examine(installation.config.clone(), fix).await,
            "lifecycle",
            what,
            setting,
        );
    }
}

#[tokio::test]
async fn each_call_that_goes_wrong_is_named() {
    for (front, step, what, setting) in [
        (Front::PutFails, "put", "500", "TINTYPE_STORAGE__ENDPOINT"),
        (Front::PutFindsNoSpace, "put", "507", "Make space"),
        (
            Front::PutDenied,
            "put",
            "AccessDenied",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::ChangesSignedHeader,
            "put",
            "SignatureDoesNotMatch",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::IgnoresRange,
            "ranged get",
            "everything comes",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::GetDenied,
            "ranged get",
            "AccessDenied",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::HangsUpOn("PUT"),
            "put",
            "is not answered",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::HangsUpOn("GET"),
            "ranged get",
            "is not answered",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::HangsUpOn("OPTIONS"),
            "preflight",
            "",
            "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
        ),
        (
            Front::HeadFindsNothing,
            "head",
            "not found",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::DeleteDenied,
            "delete",
            "AccessDenied",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
        (
            Front::DeleteForgets,
            "delete",
            "still there",
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
        ),
    ] {
        fails(
            &Installation::behind(front).await.examine().await,
            step,
            what,
            setting,
        );
    }
    let report = Installation::behind(Front::HeadLies).await.examine().await;
    assert!(
        matches!(report.outcome("head"), Some(Outcome::Failed { what, .. }) if what.contains("7 bytes in place of 25")),
        "{report}"
    );
    let report = Installation::behind(Front::HeadDenied)
        .await
        .examine()
        .await;
    assert!(
        matches!(report.outcome("head"), Some(Outcome::Failed { fix, .. }) if fix.contains("TINTYPE_STORAGE__ACCESS_KEY_ID"))
    );
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_good_enough() {
    let report = Installation::behind(Front::IgnoresIfNoneMatch)
        .await
        .examine()
        .await;
    warns(
        &report,
        "put once",
        "ignores If-None-Match",
        "TINTYPE_TIMES__UPLOAD_URL",
    );
    let report = Installation::behind(Front::SecondPutIsStrange)
        .await
        .examine()
        .await;
    warns(
        &report,
        "put once",
        "418",
        "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
    );
    let report = Installation::behind(Front::SecondPutHangsUp)
        .await
        .examine()
        .await;
    warns(
        &report,
        "put once",
        "is not answered",
        "TINTYPE_STORAGE__PUBLIC_ENDPOINT",
    );
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    let mut installation = Installation::new().await;
    let file = installation.folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    installation.config.data_dir = file.join("data");
    fails(
        &installation.examine().await,
        "data folder",
        "can't be written",
        "TINTYPE_DATA_DIR",
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let mut installation = Installation::new().await;
    installation.database(format!(
        "postgres://tintype:hunter22@127.0.0.1:{}/tintype",
        closed_port().await
    ));
    let report = installation.examine().await;
    fails(
        &report,
        "database reachable",
        "can't be opened",
        "TINTYPE_DATABASE__URL (or DATABASE_URL)",
    );
    is_skipped(&report, "database write");
    installation.database("postgres://tintype:hunter22@database.invalid/tintype");
    let report = installation.examine().await;
    fails(
        &report,
        "database reachable",
        "can't be opened",
        "host name in TINTYPE_DATABASE__URL",
    );
    assert!(!report.to_string().contains("hunter22"));
}

#[tokio::test]
async fn another_user_or_database_than_there_is_in_postgres_is_named() {
    let mut installation = Installation::new().await;
    let url = new_postgres_database().await;
    let name = url
        .rsplit_once('/')
        .unwrap()
        .1
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    installation.database(url.replace(&name, "no_such_database"));
    fails(
        &installation.examine().await,
        "database reachable",
        "no_such_database",
        "Create the database",
    );
    installation.database(url.replace("postgres@", "nobody_here@"));
    fails(
        &installation.examine().await,
        "database reachable",
        "nobody_here",
        "user and the password",
    );
    installation.database(format!(
        "{url}&options=-c%20default_transaction_read_only%3Don"
    ));
    fails(
        &installation.examine().await,
        "database write",
        "read-only",
        "TINTYPE_DATABASE__URL",
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let mut installation = Installation::new().await;
    let path = installation.folder.path().join("a.db");
    let db = Database::connect(format!("sqlite://{}?mode=rwc", path.display()))
        .await
        .unwrap();
    Migrator::up(&db, None).await.unwrap();
    installation.database(format!("sqlite://{}?mode=ro", path.display()));
    let report = installation.examine().await;
    fails(
        &report,
        "database write",
        "readonly",
        "TINTYPE_DATABASE__URL",
    );
    is_ok(&report, "database schema");
}

#[tokio::test]
async fn a_schema_of_another_version_is_named() {
    let mut installation = Installation::new().await;
    let url = format!(
        "sqlite://{}?mode=rwc",
        installation.folder.path().join("a.db").display()
    );
    let db = Database::connect(&url).await.unwrap();
    installation.database(&url);
    db.execute_unprepared("CREATE TABLE other (n INTEGER)")
        .await
        .unwrap();
    warns(
        &installation.examine().await,
        "database schema",
        "are pending",
        "tintype migrate up",
    );
    Migrator::up(&db, None).await.unwrap();
    is_ok(&installation.examine().await, "database schema");
    db.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000000_of_tomorrow', 0)").await.unwrap();
    is_ok(&installation.examine().await, "database schema");
    db.execute_unprepared("UPDATE seaql_migrations SET version = 'm99990101_000000_of_tomorrow_needs_99_0_0' WHERE applied_at = 0").await.unwrap();
    fails(
        &installation.examine().await,
        "database schema",
        "m99990101_000000_of_tomorrow",
        "newest Tintype",
    );
}

#[tokio::test]
async fn the_report_is_for_people_and_for_machines() {
    let report = Installation::behind(Front::PutFails).await.examine().await;
    let text = report.to_string();
    assert!(
        text.contains("\nFAILED   put: a presigned PUT is answered with 500"),
        "{text}"
    );
    assert!(
        text.contains("\n         -> ") && text.contains("1 of 21 steps failed (2 warnings)"),
        "{text}"
    );
    let json = serde_json::to_value(&report).unwrap();
    let put = json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == "put")
        .unwrap();
    assert_eq!(
        (put["outcome"].as_str(), put["fix"].is_string()),
        (Some("failed"), true)
    );
}

#[tokio::test]
async fn nothing_is_left_behind() {
    let installation = Installation::new().await;
    installation.examine().await;
    let objects = installation.folder.path().join("objects");
    assert!(
        !installation.config.data_dir.exists(),
        "the doctor makes no data folder"
    );
    let files: Vec<_> = walk(&objects)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("doctor"))
        .collect();
    assert!(files.is_empty(), "{files:?}");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

//! Backups in a bucket of another store.

use super::drill::Elsewhere;
use super::whole::{HASHES, again};
use super::{Empty, settings};
use tintype_core::sweep;

use crate::pictures::png;
use crate::program::run;
use crate::server::{On, TestServer};

const PLACE: &str = "s3://pictures/of alice/nightly";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_in_a_bucket_is_taken_taken_up_again_checked_and_restored() {
    let (server, store) = (TestServer::start(On::Sqlite).await, Elsewhere::start());
    let ada = server.user().await;
    for seed in 0..5 {
        ada.upload("a.png", &png(seed)).await;
    }
    let to = store.settings_of_backup();
    let to: Vec<_> = to
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let killed = [
        &to[..],
        &[("FAILPOINTS", "backup.object-copied=4*off->return")],
    ]
    .concat();
    assert!(!server.run(&["backup", PLACE], &killed).0);
    let (ok, _, errors) = server.run(&["backup", PLACE, "--verify"], &to);
    assert!(
        !ok && errors.contains("no whole backup in s3://pictures/of alice/nightly"),
        "{errors}"
    );

    let gone = ada.list("").await.items.pop().unwrap();
    for (is_first, new) in [(true, "objects"), (false, "; 0 objects (0 B) were new.")] {
        let (ok, told, errors) = server.run(&["backup", PLACE], &to);
        assert!(ok && told.contains(new), "{is_first}: {told}{errors}");
    }
    ada.delete(&format!("/images/{}?permanent=true", gone.id))
        .await;
    let (ok, told, errors) = server.run(&["backup", PLACE], &to);
    assert!(
        ok && told.contains("; 0 objects (0 B) were new."),
        "{told}{errors}"
    );
    let keys = store.keys().await;
    assert!(
        keys.iter().all(|key| key.starts_with("of alice/nightly/")),
        "{keys:?}"
    );
    assert!(
        !keys.iter().any(|key| key.contains(&gone.id.to_string())),
        "what is gone is removed"
    );
    let (ok, told, errors) = server.run(&["backup", PLACE, "--verify"], &to);
    assert!(ok && told.contains("is whole"), "{told}{errors}");

    let empty = Empty::new(On::Sqlite).await;
    let own = settings(&empty.config);
    let own = own.iter().map(|(name, value)| (*name, value.as_str()));
    let all: Vec<_> = own.chain(to.iter().copied()).collect();
    let (ok, told, errors) = run(&["restore", PLACE], empty.folder.path(), &all);
    assert!(ok, "{told}{errors}");
    let restored = empty.start(On::Sqlite).await;
    assert!(restored.audit(HASHES).await.is_balanced());
    assert_eq!(again(&ada, &restored).await.list("").await.items.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_not_named_not_reached_or_the_own_one_is_refused() {
    let store = Elsewhere::start();
    let server = TestServer::start_with(On::Sqlite, |config| store.is_used_by(config)).await;
    let to = store.settings_of_backup();
    let to: Vec<_> = to
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    // The bucket has its mark from the first sweep on.
    assert!(sweep::mark(server.app()).await);
    let endpoint = to[0].1.replace("127.0.0.1", "localhost");
    let by_its_other_address = [&to[..], &[(to[0].0, &*endpoint)]].concat();
    let wrong = [
        &to[..],
        &[("TINTYPE_BACKUP__SECRET_ACCESS_KEY", "of-somebody-else")],
    ]
    .concat();
    for (place, settings, words) in [
        ("s3://pictures/backup", &to[..], "lost together with it"),
        (
            "s3://pictures/backup",
            &by_its_other_address,
            "belongs to an installation",
        ),
        ("s3://", &to[..], "s3://bucket/prefix"),
        ("s3://elsewhere/../x", &to[..], "is no name in a bucket"),
        ("s3://elsewhere/a/./x", &to[..], "is no name in a bucket"),
        ("s3://elsewhere/..", &to[..], "is no name in a bucket"),
        ("s3://elsewhere/backup", &[], "set TINTYPE_BACKUP__ENDPOINT"),
        (
            "s3://elsewhere/backup",
            &to[..],
            "bucket of the backup can't be used",
        ),
        (
            "s3://elsewhere/backup",
            &wrong,
            "TINTYPE_BACKUP__ENDPOINT, its keys",
        ),
    ] {
        let (ok, _, errors) = server.run(&["backup", place], settings);
        assert!(!ok && errors.contains(words), "{place}: {errors}");
        assert!(
            !errors.contains("of-somebody-else"),
            "no secret is told: {errors}"
        );
    }
}

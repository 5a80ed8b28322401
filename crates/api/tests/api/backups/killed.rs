//! A backup and a restore that are killed leave nothing half-done, and the same command goes on.

use tempfile::TempDir;
use tintype_core::db;

use super::whole::{HASHES, again};
use super::{Empty, damage};
use crate::pictures::png;
use crate::server::{On, on_both_databases};

/// Where a backup is killed, and where a restore is.
pub const FAILPOINTS: [&str; 8] = [
    "backup.rows-written",
    "backup.object-copied",
    "backup.objects-copied",
    "backup.written",
    "restore.object-put",
    "restore.objects-put",
    "restore.rows-put",
    "restore.rows-committed",
];

/// At the third time, where it comes by that often.
fn doom(point: &str) -> String {
    let times = if point.contains("object-") {
        "2*off->"
    } else {
        ""
    };
    format!("{point}={times}return")
}

on_both_databases! {
    async fn a_backup_that_is_killed_goes_on_and_the_one_before_stays_whole(server: TestServer) {
        let ada = server.user().await;
        let place = TempDir::new().unwrap();
        let folder = place.path().to_str().unwrap();
        for seed in 0..4 {
            ada.upload("a.png", &png(seed)).await;
        }
        for (round, point) in FAILPOINTS.into_iter().filter(|point| point.starts_with("backup.")).enumerate() {
            let (ok, told, errors) = server.run(&["backup", folder], &[("FAILPOINTS", &doom(point))]);
            assert!(!ok && told.is_empty(), "{point}: {told}{errors}");
            let (ok, told, errors) = server.run(&["backup", "--verify", folder], &[]);
            // The first two rounds end before there is any.
            assert!(ok || errors.contains("no whole backup"), "{point}: {told}{errors}");
            assert_eq!(ok, round > 0, "{point}: {told}{errors}");
            let (ok, told, errors) = server.run(&["backup", folder], &[]);
            assert!(ok && told.starts_with("Backed up "), "{point}: {told}{errors}");
            assert_eq!(damage(place.path()).await, Vec::<String>::new());
            // So that the next round has something to copy and something to remove.
            let gone = ada.list("").await.items.pop().unwrap();
            ada.delete(&format!("/images/{}?permanent=true", gone.id)).await;
            for seed in 0..2 {
                ada.upload("b.png", &png(u8::try_from(10 * round).unwrap() + seed + 50)).await;
            }
        }
        assert_eq!(place.path().join("rows").read_dir().unwrap().count(), 1, "of one backup");
        assert_eq!(place.path().join("tmp").read_dir().unwrap().count(), 0);
    }

    async fn a_restore_that_is_killed_goes_on_to_the_same_end(server: TestServer) {
        let ada = server.user().await;
        for seed in 0..4 {
            ada.upload("a.png", &png(seed)).await;
        }
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        let on = if server.config.has_postgres() { On::Postgres } else { On::Sqlite };
        for point in FAILPOINTS.into_iter().filter(|point| point.starts_with("restore.")) {
            let empty = Empty::new(on).await;
            let (ok, told, errors) = empty.run(place.path(), &[("FAILPOINTS", &doom(point))]);
            assert!(!ok && told.is_empty(), "{point}: {told}{errors}");
            let db = db::connect(&empty.config.database_url(), 2).await.unwrap();
            let rows = db::installation::id(&db).await;
            assert_eq!(rows.is_ok_and(|id| id.is_some()), point == "restore.rows-committed", "{point}");
            db.close().await.unwrap();
            let (ok, errors) = empty.serves();
            assert!(!ok && errors.contains("`tintype restore` was broken off here"), "{point}: {errors}");
            // The one that lives has rows of the same installation, and none of this restore.
            let (ok, _, errors) = empty.run(place.path(), &[("DATABASE_URL", &server.config.database_url())]);
            assert!(!ok && errors.contains("the database is not empty"), "{point}: {errors}");
            let (ok, told, errors) = empty.run(place.path(), &[]);
            assert!(ok && told.starts_with("Restored "), "{point}: {told}{errors}");
            let restored = empty.start(on).await;
            let report = restored.audit(HASHES).await;
            assert!(report.is_balanced() && report.checked.hashes == 4, "{point}: {report}");
            assert_eq!(again(&ada, &restored).await.list("").await.items.len(), 4);
            let everything = restored.app().store.list("tintype-", None).await.unwrap();
            assert!(everything.items.iter().all(|object| object.key != tintype_core::keys::RESTORING));
        }
    }
}

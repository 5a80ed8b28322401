//! An import that is killed, and run again, goes on and does nothing twice.

use super::*;
use crate::backups::drill::Elsewhere;
use crate::backups::whole::HASHES;
use crate::server::{On, on_both_databases};

/// Where it is killed: when a file is announced, stored, checked and published, and while an album is made.
const POINTS: [&str; 6] = [
    "announce.begun",
    "whole.stored",
    "check.begun",
    "promote.original-stored",
    "check.ended",
    "album.filled",
];

on_both_databases! {
    async fn an_import_that_is_killed_goes_on_and_makes_nothing_twice(server: TestServer) {
        let ada = server.ada().await;
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("ada.zip");
        server.export(&ada, &archive);
        for point in POINTS {
            let bob = server.user().await;
            let doom = format!("{point}=return");
            let (ok, _, errors) = server.import_with(&bob, &archive, &[("FAILPOINTS", &doom)]);
            assert!(!ok, "{point}: {errors}");
            let (ok, told, errors) = server.import(&bob, &archive);
            assert!(ok, "{point}: {told}{errors}");
            // What was begun and given up would be found by now.
            server.clock.advance(chrono::TimeDelta::hours(2));
            server.work().await;
            assert_eq!(bob.list("").await.items.len(), 4, "{point}");
            let albums = bob.albums().await;
            assert_eq!(albums.len(), 2, "{point}");
            let inside = bob.inside(&albums[1]).await;
            let names: Vec<_> = inside.iter().map(|image| &*image.filename).collect();
            assert_eq!(names, ["b.png", "d.jpg", "IMG_1.JPG"], "{point}");
            assert_eq!(albums[1].cover.as_ref().unwrap().filename, "IMG_1.JPG", "{point}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_that_the_store_takes_nothing_of_stops_and_goes_on_later() {
    let store = Elsewhere::start();
    let server = TestServer::start_with(On::Postgres, |config| store.is_used_by(config)).await;
    let (ada, bob) = (server.ada().await, server.user().await);
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("ada.zip");
    server.export(&ada, &archive);
    let another = [(
        "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
        "0123456789012345678901234567890123456789",
    )];
    let (ok, told, errors) = server.import_with(&bob, &archive, &another);
    assert!(
        !ok && told.starts_with("Pictures: 0 new, "),
        "{told}{errors}"
    );
    assert!(
        errors.contains("the import stopped: mend this and run it again"),
        "{errors}"
    );
    assert!(!told.contains("refused  "), "{told}");
    let (ok, told, errors) = server.import(&bob, &archive);
    assert!(
        ok && told.starts_with("Pictures: 4 new, 0 there already, "),
        "{told}{errors}"
    );
    server.clock.advance(chrono::TimeDelta::hours(2));
    server.work().await;
    assert_eq!(
        (bob.list("").await.items.len(), bob.albums().await.len()),
        (4, 2)
    );
    let report = server.audit(HASHES).await;
    assert!(report.is_balanced(), "{report}");
}

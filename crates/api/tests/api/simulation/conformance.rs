//! What `rows` says that queries do is what they do, on both databases: for rows of every kind, as they were read and as they are now.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, PaginatorTrait};
use tintype_core::albums::Contents;
use tintype_core::db::{AlbumId, MediaType, Receipt, RemovedByClient, Sha256, Slug};
use tintype_core::db::{album_image, image, upload, user};
use tintype_core::images::{Change, Restore, ends, queries as image_queries};
use tintype_core::uploads::queries;
use tintype_dto::{ContentType, Problem, ProblemCode, UpdateImage};
use uuid::Uuid;

use super::rows;
use crate::server::{TestServer, on_both_databases};

/// So late that the server's own worker leaves the rows alone.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(4_000_000_000 + seconds)
}

const NOW: i64 = 500;

/// Rows that differ in whatever a query looks at. Leases run out before, at and after `NOW`.
fn kinds(user_id: Uuid) -> Vec<upload::Model> {
    let leases = [
        (None, None),
        (Some(1), Some(NOW - 1)),
        (Some(1), Some(NOW)),
        (Some(1), Some(NOW + 1)),
        (Some(2), Some(NOW + 1)),
    ];
    let mut kinds = Vec::new();
    for state in upload::State::iter() {
        for (lease, until) in leases {
            let is_leased = state == upload::State::Processing;
            if is_leased != lease.is_some() {
                continue;
            }
            for (attempts, due) in [(1, Some(NOW)), (2, Some(NOW - 7)), (1, None)] {
                kinds.push(upload::Model {
                    token_id: None,
                    title: None,
                    alt: None,
                    visibility: None,
                    image_created_at: None,
                    image_expires_at: None,
                    id: Uuid::nil().into(),
                    user_id: user_id.into(),
                    state,
                    filename: "a.jpg".into(),
                    content_type: MediaType(ContentType::Jpeg),
                    size_bytes: 10,
                    estimated_ms: 7,
                    sha256: None,
                    removed_by_client: RemovedByClient(Vec::new()),
                    staging_key: String::new(),
                    put_expires_at: at(900),
                    expires_at: at(1_800),
                    due_at: due.map(at),
                    lease_id: lease.map(Uuid::from_u128),
                    lease_until: until.map(at),
                    attempts,
                    lapses: 0,
                    problem_code: None,
                    problem_detail: None,
                    created_at: at(0),
                });
            }
        }
    }
    kinds
}

fn image_of(upload: &upload::Model) -> image::Model {
    image::Model {
        token_id: upload.token_id,
        id: upload.id,
        user_id: upload.user_id,
        slug: Slug(upload.id.0.simple().to_string()),
        state: image::State::Ready,
        title: None,
        alt: None,
        search_title: None,
        search_alt: None,
        search_filename: "a.jpg".into(),
        filename: "a.jpg".into(),
        content_type: MediaType(ContentType::Jpeg),
        size_bytes: 9,
        width: 1,
        height: 1,
        sha256: Sha256([0; 32]),
        source_sha256: Sha256([0; 32]),
        visibility: image::Visibility::Unlisted,
        removed: Receipt::default(),
        placeholder: None,
        original_key: format!("images/{}/1/original", upload.id),
        preview_key: None,
        thumb_key: None,
        animated: false,
        cleaner: tintype_imaging::CLEANER,
        created_at: at(0),
        expires_at: None,
        due_at: None,
        revision: 1,
        manifest_key: None,
        manifest_due_at: None,
    }
}

impl TestServer {
    /// This row instead of whatever was there.
    async fn set(&self, row: &upload::Model) {
        image::Entity::delete_many().exec(self.db()).await.unwrap();
        upload::Entity::delete_many().exec(self.db()).await.unwrap();
        upload::Entity::insert(row.clone().into_active_model().reset_all())
            .exec_without_returning(self.db())
            .await
            .unwrap();
    }

    async fn now_is(&self, row: &upload::Model) -> upload::Model {
        upload::Entity::find_by_id(row.id)
            .one(self.db())
            .await
            .unwrap()
            .unwrap()
    }

    async fn used_bytes(&self, id: Uuid) -> i64 {
        user::Entity::find_by_id(id)
            .one(self.db())
            .await
            .unwrap()
            .unwrap()
            .used_bytes
    }

    /// Compares what a query has done, and said, with what it is said to do.
    async fn same(
        &self,
        what: &str,
        read: &upload::Model,
        row: &upload::Model,
        said: bool,
        expected: Option<upload::Model>,
    ) {
        assert_eq!(
            said,
            expected.is_some(),
            "{what}: read {read:?}, is {row:?}"
        );
        let mut found = self.now_is(row).await;
        (found.problem_code, found.problem_detail) = (None, None);
        assert_eq!(
            found,
            expected.unwrap_or_else(|| row.clone()),
            "{what}: read {read:?}, is {row:?}"
        );
    }
}

on_both_databases! {
    async fn queries_do_to_uploads_what_the_simulation_says(server: TestServer) {
        let ada = server.user().await;
        let user_id = ada.session.as_ref().unwrap().user.id;
        let (db, now) = (server.db(), at(NOW));
        let kinds = kinds(user_id);
        let ids = || Uuid::now_v7();
        let mut used = server.used_bytes(user_id).await;
        let is_worked_on = |row: &&upload::Model| matches!(row.state, upload::State::Pending | upload::State::Processing);
        for read in kinds.iter().filter(is_worked_on) {
            for row in &kinds {
                let id = ids();
                let with_id = |row: &upload::Model| upload::Model { id: id.into(), staging_key: format!("staging/{id}"), ..row.clone() };
                let (read, row) = (with_id(read), with_id(row));

                server.set(&row).await;
                let leased = queries::leased(&read, now);
                let said = queries::take(db, &read, &leased, now).await.unwrap().is_some();
                server.same("take", &read, &row, said, rows::taken(&row, &read, now, leased.lease_id.unwrap())).await;

                server.set(&row).await;
                let expected = rows::looked_again(&row, &read, Some(at(9_000)));
                queries::look_again(db, &read, Some(at(9_000))).await.unwrap();
                server.same("look again", &read, &row, expected.is_some(), expected.clone()).await;

                server.set(&row).await;
                let expected = rows::come_back(&row, at(NOW - 3));
                queries::come_back(db, &read, at(NOW - 3)).await.unwrap();
                server.same("come back", &read, &row, expected.is_some(), expected.clone()).await;

                server.set(&row).await;
                let said = queries::end(db, &read, upload::State::Expired, now).await.unwrap();
                server.same("end", &read, &row, said, rows::over(&row, &read, upload::State::Expired, now)).await;
                used -= i64::from(said) * 10;

                // The rest is for those who hold a lease.
                if read.state != upload::State::Processing {
                    continue;
                }
                server.set(&row).await;
                let expected = rows::released(&row, &read, at(9_000));
                queries::release(db, &read, at(9_000)).await.unwrap();
                server.same("release", &read, &row, expected.is_some(), expected.clone()).await;

                server.set(&row).await;
                let said = queries::reject(db, &read, &Problem::new(ProblemCode::ImageDamaged, "")).await.unwrap();
                server.same("reject", &read, &row, said, rows::rejected(&row, &read)).await;
                used -= i64::from(said) * 10;

                server.set(&row).await;
                let said = queries::abort(db, &read).await.unwrap();
                server.same("abort", &read, &row, said, rows::aborted(&row, &read)).await;
                used -= i64::from(said) * 10;

                server.set(&row).await;
                let said = queries::publish(db, &read, image_of(&read)).await.unwrap();
                server.same("publish", &read, &row, said, rows::published(&row, &read)).await;
                assert_eq!(image::Entity::find_by_id(id).count(db).await.unwrap() == 1, said);
                used -= i64::from(said);
            }
        }
        assert_eq!(server.used_bytes(user_id).await, used, "what is given back");
    }

    async fn queries_do_to_images_what_the_simulation_says(server: TestServer) {
        use tintype_core::db::image::State::{Deleting, Ready, Trashed};
        let ada = server.user().await;
        let user_id = ada.session.as_ref().unwrap().user.id;
        let (db, now) = (server.db(), at(NOW));
        let ended = upload::Model { state: upload::State::Ready, ..kinds(user_id)[0].clone() };
        let row = image_of(&upload::Model { id: Uuid::now_v7().into(), ..ended });
        let standing = async || {
            let row = image::Entity::find_by_id(row.id).one(db).await.unwrap().unwrap();
            ((row.state, row.due_at), row.expires_at)
        };
        let times = [None, Some(at(NOW - 1)), Some(now), Some(at(NOW + 1))];
        for state in image::State::iter() {
            for (due_at, end) in times.into_iter().flat_map(|due_at| times.map(|end| (due_at, end))) {
                let before = (state, due_at);
                let set = async || {
                    image::Entity::delete_many().exec(db).await.unwrap();
                    let row = image::Model { state, due_at, expires_at: end, ..row.clone() };
                    image::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(db).await.unwrap();
                };
                for (from, to) in [(&[Ready][..], Trashed), (&[Ready, Trashed], Deleting), (&[Trashed], Deleting)] {
                    set().await;
                    let step = image_queries::Transition { user_id: user_id.into(), id: row.id, from, to, due_at: Some(at(9_000)) };
                    let said = image_queries::transition(db, step).await.unwrap();
                    let expected = rows::moved(before, from, (to, Some(at(9_000))));
                    assert_eq!((said, standing().await), (expected.is_some(), (expected.unwrap_or(before), end)), "{before:?} to {to:?}");
                }
                set().await;
                drop(Restore::check(None, now).unwrap().one(db, user_id.into(), row.id).await);
                assert_eq!(standing().await, (rows::restored(before, end, now).unwrap_or(before), end), "{before:?} {end:?} restored");
                for next in [None, Some(at(NOW + 100))] {
                    set().await;
                    drop(Restore::check(Some(next), now).unwrap().one(db, user_id.into(), row.id).await);
                    let expected = rows::restored_until(before, end, next, now).map_or((before, end), |standing| (standing, next));
                    assert_eq!(standing().await, expected, "{before:?} {end:?} restored until {next:?}");
                    set().await;
                    let change = UpdateImage { expires_at: Some(next), ..UpdateImage::default() };
                    let change = Change::check(&change, now).unwrap();
                    image_queries::change(db, user_id.into(), row.id, &change, now).await.unwrap();
                    let expected = rows::to_end(before, end, next, now).map_or((before, end), |standing| (standing, next));
                    assert_eq!(standing().await, expected, "{before:?} {end:?} to end at {next:?}");
                }
                set().await;
                ends::end(db, row.id, now, at(9_000)).await.unwrap();
                let expected = rows::ended_by_itself(before, end, now, at(9_000)).unwrap_or(before);
                assert_eq!(standing().await, (expected, end), "{before:?} {end:?} ended by itself");
                set().await;
                image_queries::put_off(db, row.id, at(9_000)).await.unwrap();
                assert_eq!(standing().await, (rows::put_off(before, at(9_000)).unwrap_or(before), end), "{before:?} put off");
            }
        }
    }

    async fn albums_name_the_images_that_the_simulation_says(server: TestServer) {
        let ada = server.user().await;
        let user_id = ada.session.as_ref().unwrap().user.id;
        let album = AlbumId(ada.album(&[]).await.id);
        let (db, now) = (server.db(), at(NOW));
        let ended = upload::Model { state: upload::State::Ready, ..kinds(user_id)[0].clone() };
        let row = image_of(&upload::Model { id: Uuid::now_v7().into(), ..ended });
        let contents = Contents { user_id: user_id.into(), id: album, ids: &[row.id] };
        let becomes = async |from, to| {
            let step = image_queries::Transition { user_id: user_id.into(), id: row.id, from: &[from], to, due_at: Some(now) };
            assert!(image_queries::transition(db, step).await.unwrap());
        };
        let is_in = async || album_image::Entity::find().count(db).await.unwrap() == 1;
        for state in image::State::iter() {
            let insert = image::Model { state, due_at: Some(now), ..row.clone() }.into_active_model().reset_all();
            image::Entity::insert(insert).exec_without_returning(db).await.unwrap();
            contents.add(db).await.unwrap();
            let joins = rows::joins((state, Some(now)));
            assert_eq!(is_in().await, joins, "{state:?} is put into an album");
            contents.remove(db).await.unwrap();
            assert!(!is_in().await, "{state:?} is taken out");
            contents.add(db).await.unwrap();
            // Whatever becomes of it, only its end takes it out.
            for to in image::State::iter() {
                becomes(state, to).await;
                assert_eq!(is_in().await, joins, "{state:?} to {to:?}");
                becomes(to, state).await;
            }
            image::Entity::delete_by_id(row.id).exec(db).await.unwrap();
            assert!(!is_in().await, "{state:?} is gone");
        }
    }
}

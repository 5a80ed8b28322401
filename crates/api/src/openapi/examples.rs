//! One example of every type that travels as a JSON body, made from the types themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use tintype_dto::{
    AddAlbumImages, Album, AlbumImage, AlbumImages, AlbumLinks, AlbumPage, ApiToken, ApiTokens,
    BulkDeleteImages, BulkImage, BulkImages, BulkOutcome, BulkRestoreImages, BulkUpdateImages,
    ChangePassword, ContentType, CreateAlbum, CreateApiToken, CreateUpload, CreateUploads,
    CreatedAlbum, CreatedApiToken, CreatedUpload, CreatedUploads, DeleteAccount, Export,
    FindImages, FoundImage, FoundImages, HiddenBecause, Image, ImageDay, ImageDays, ImageLinks,
    ImagePage, Limits, LogIn, MoveAlbumImages, OpenSession, OpenSessions, Problem, ProblemCode,
    PutTarget, RegisterUser, Registration, RemoveAlbumImages, Removed, RemovedBy, RemovedCode,
    RestoreImage, Scope, Session, TokenType, UpdateAlbum, UpdateImage, Upload, UploadClient,
    UploadClients, UploadState, UploadedImages, Usage, User, Visibility,
};
use uuid::Uuid;

pub const REQUEST_ID: &str = "019dd1a4-7c00-7000-8000-000000000001";
const SHA256: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// The examples by the names of their types, or by operation and status where that type has another there.
pub fn all() -> serde_json::Result<Map<String, Value>> {
    let mut examples = Examples::default();
    examples.of_accounts()?;
    examples.of_uploads()?;
    examples.of_images()?;
    examples.of_many_images()?;
    examples.of_albums()?;
    Ok(examples.0)
}

#[derive(Default)]
struct Examples(Map<String, Value>);

impl Examples {
    fn add(&mut self, name: &str, example: impl Serialize) -> serde_json::Result<()> {
        self.0.insert(name.into(), serde_json::to_value(example)?);
        Ok(())
    }

    fn of_accounts(&mut self) -> serde_json::Result<()> {
        let (username, password) = (String::from("ada"), String::from("correct horse battery"));
        let account = RegisterUser {
            username: username.clone(),
            email: "ada@example.com".into(),
            password: password.clone(),
        };
        let log_in = LogIn {
            username,
            password: password.clone(),
        };
        let change = ChangePassword {
            current_password: password.clone(),
            new_password: "staple of the battery".into(),
        };
        self.add("RegisterUser", account)?;
        self.add("LogIn", log_in)?;
        self.add("ChangePassword", change)?;
        self.add("DeleteAccount", DeleteAccount { password })?;
        let export = Export {
            url: format!(
                "http://127.0.0.1:8081/i/e/{}.zip?exp=1779537900&sig=Qm9v",
                id(1)
            ),
            expires_at: time(),
        };
        self.add("Export", export)?;
        let create = CreateApiToken {
            name: "ShareX on the laptop".into(),
            scopes: vec![Scope::Upload],
            expires_in_days: Some(365),
        };
        let created = CreatedApiToken {
            secret: "tt_Zk3vT9mQx1Lr7bWc5NfYh8sDp2Gj4aKe".into(),
            token: api_token(),
        };
        let tokens = ApiTokens {
            items: vec![api_token()],
        };
        self.add("CreateApiToken", create)?;
        self.add("CreatedApiToken", created)?;
        self.add("ApiTokens", tokens)?;
        let sessions = OpenSessions {
            items: vec![open_session()],
        };
        self.add("OpenSessions", sessions)?;
        self.add("Session", session())?;
        self.add("User", user())
    }

    fn of_uploads(&mut self) -> serde_json::Result<()> {
        let files = vec![create_upload()];
        self.add("Limits", limits())?;
        self.add("UploadClients", upload_clients())?;
        self.add("CreateUpload", create_upload())?;
        self.add("Upload", upload())?;
        self.add("PendingUpload", upload())?;
        self.add("create_upload 200", ready())?;
        self.add("ProcessingUpload", processing())?;
        self.add(
            "UploadedImages",
            UploadedImages::of(vec![image()], Vec::new()),
        )?;
        self.add(
            "upload_images 202",
            UploadedImages::of(vec![image()], vec![id(4)]),
        )?;
        self.add("put_image 202", UploadedImages::of(Vec::new(), vec![id(4)]))?;
        self.add("CreateUploads", CreateUploads { files })?;
        self.add("CreatedUploads", created_uploads())
    }

    fn of_images(&mut self) -> serde_json::Result<()> {
        let page = ImagePage {
            items: vec![image()],
            next_cursor: None,
        };
        let day = ImageDay {
            day: time().date_naive(),
            count: 12,
        };
        self.add("Image", image())?;
        self.add("ImagePage", page)?;
        self.add("ImageDays", ImageDays { days: vec![day] })?;
        let expires_at = Some(None);
        self.add("RestoreImage", RestoreImage { expires_at })?;
        self.add("UpdateImage", update_image())
    }

    fn of_many_images(&mut self) -> serde_json::Result<()> {
        let ids = vec![id(3), id(4)];
        let update = BulkUpdateImages {
            ids: ids.clone(),
            change: update_image(),
        };
        let delete = BulkDeleteImages {
            ids: ids.clone(),
            permanent: false,
        };
        let found = FoundImage {
            sha256: SHA256.into(),
            image: Some(image()),
        };
        let sha256 = vec![SHA256.into()];
        let restore = BulkRestoreImages {
            ids,
            expires_at: None,
        };
        self.add("BulkUpdateImages", update)?;
        self.add("BulkDeleteImages", delete)?;
        self.add("BulkRestoreImages", restore)?;
        self.add("BulkImages", bulk_images())?;
        self.add("FindImages", FindImages { sha256 })?;
        self.add("FoundImages", FoundImages { items: vec![found] })
    }

    fn of_albums(&mut self) -> serde_json::Result<()> {
        let ids = vec![id(3), id(4), id(8)];
        let (title, items) = (Some(String::from("A week in Beijing")), album_images());
        let create = CreateAlbum {
            title: title.clone(),
            images: ids.clone(),
            ..CreateAlbum::default()
        };
        let update = UpdateAlbum {
            title: Some(title),
            cover: Some(Some(id(3))),
            ..UpdateAlbum::default()
        };
        let created = CreatedAlbum {
            album: album(),
            items: items.clone(),
        };
        let page = AlbumPage {
            items: vec![album()],
            next_cursor: None,
        };
        self.add("Album", album())?;
        self.add("AlbumPage", page)?;
        self.add("CreateAlbum", create)?;
        self.add("CreatedAlbum", created)?;
        self.add("UpdateAlbum", update)?;
        self.add("AddAlbumImages", AddAlbumImages { ids: ids.clone() })?;
        self.add("RemoveAlbumImages", RemoveAlbumImages { ids: ids.clone() })?;
        let before = Some(id(9));
        self.add("MoveAlbumImages", MoveAlbumImages { ids, before })?;
        self.add("AlbumImages", AlbumImages { items })
    }
}

fn album() -> Album {
    Album {
        id: id(7),
        slug: "p7Qw2ZkT9fa".into(),
        title: Some("A week in Beijing".into()),
        description: None,
        visibility: Visibility::Unlisted,
        count: 12,
        cover: Some(image()),
        created_at: time(),
        expires_at: None,
        links: AlbumLinks {
            page: Some("http://127.0.0.1:8080/a/p7Qw2ZkT9fa".into()),
            archive: Some("http://127.0.0.1:8081/i/a/p7Qw2ZkT9fa.zip".into()),
        },
    }
}

fn album_images() -> Vec<AlbumImage> {
    let item = |last, outcome, hidden| AlbumImage {
        id: id(last),
        outcome,
        hidden,
    };
    vec![
        item(3, BulkOutcome::Done, None),
        item(4, BulkOutcome::Done, Some(HiddenBecause::Private)),
        item(8, BulkOutcome::NotFound, None),
    ]
}

fn time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_781)
}

fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x019d_d1a4_7c00_7000_8000_0000_0000_0000 + last)
}

fn user() -> User {
    let usage = Usage {
        images: 1,
        bytes: 197_406,
        quota_bytes: None,
    };
    User {
        id: id(2),
        username: "ada".into(),
        email: "ada@example.com".into(),
        created_at: time(),
        usage,
    }
}

fn session() -> Session {
    Session {
        token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".into(),
        token_type: TokenType::Bearer,
        expires_at: time() + TimeDelta::days(7),
        user: user(),
    }
}

fn upload_clients() -> UploadClients {
    UploadClients {
        items: vec![UploadClient {
            name: "sharex".into(),
            title: "ShareX".into(),
            file_name: "tintype.sxcu".into(),
            about: "Open the file: ShareX takes it as its uploader for images.".into(),
            by_address: false,
        }],
    }
}

fn open_session() -> OpenSession {
    OpenSession {
        id: id(6),
        device: "Firefox on Linux".into(),
        created_at: time(),
        last_used_at: time(),
        expires_at: time() + TimeDelta::days(7),
        current: true,
    }
}

fn api_token() -> ApiToken {
    ApiToken {
        id: id(5),
        name: "ShareX on the laptop".into(),
        scopes: vec![Scope::Upload],
        created_at: time(),
        expires_at: Some(time() + TimeDelta::days(365)),
        last_used_at: None,
    }
}

fn ready() -> Upload {
    Upload {
        state: UploadState::Ready,
        expires_at: None,
        put: None,
        image: Some(image()),
        ..upload()
    }
}

fn processing() -> Upload {
    Upload {
        state: UploadState::Processing,
        put: None,
        ..upload()
    }
}

fn limits() -> Limits {
    Limits {
        content_types: ContentType::ALL.to_vec(),
        max_bytes: 25_000_000,
        max_pixels: 64_000_000,
        max_side: 32_768,
        upload_expires_in: 900,
        registration: Registration::Open,
    }
}

fn create_upload() -> CreateUpload {
    CreateUpload {
        filename: "china.jpg".into(),
        content_type: "image/jpeg".into(),
        size_bytes: 204_800,
        sha256: Some(SHA256.into()),
        removed_by_client: Vec::new(),
        visibility: None,
        created_at: None,
        expires_at: None,
    }
}

fn upload() -> Upload {
    let headers = BTreeMap::from([
        ("content-type".into(), "image/jpeg".into()),
        ("if-none-match".into(), "*".into()),
    ]);
    let put = PutTarget {
        method: "PUT".into(),
        url: "http://127.0.0.1:8081/tintype/staging/019dd1a4-7c00-7000-8000-000000000003?X-Amz-Algorithm=AWS4-HMAC-SHA256".into(),
        headers,
        expires_at: time() + TimeDelta::minutes(15),
    };
    Upload {
        id: id(3),
        state: UploadState::Pending,
        expires_at: Some(time() + TimeDelta::hours(1)),
        put: Some(put),
        problem: None,
        image: None,
    }
}

fn update_image() -> UpdateImage {
    UpdateImage {
        title: Some(Some("Summer Palace".into())),
        alt: Some(Some("A lake with a stone bridge at dusk".into())),
        visibility: Some(Visibility::Private),
        expires_at: Some(None),
    }
}

fn bulk_images() -> BulkImages {
    let done = BulkImage {
        id: id(3),
        outcome: BulkOutcome::Done,
        image: Some(image()),
    };
    BulkImages {
        items: vec![
            done,
            BulkImage {
                id: id(4),
                outcome: BulkOutcome::NotFound,
                image: None,
            },
        ],
    }
}

fn created_uploads() -> CreatedUploads {
    let problem = Problem::new(
        ProblemCode::QuotaExceeded,
        "30000000 of your 30000000 bytes are in use.",
    );
    CreatedUploads {
        items: vec![
            CreatedUpload::Upload(Box::new(upload())),
            CreatedUpload::Problem(Box::new(problem)),
        ],
    }
}

fn image() -> Image {
    let links = ImageLinks {
        page: Some("http://127.0.0.1:8080/s/k3J9xQ2mVb7".into()),
        original: "http://127.0.0.1:8081/i/k3J9xQ2mVb7.jpg".into(),
        preview: "http://127.0.0.1:8081/i/k3J9xQ2mVb7/preview.webp".into(),
        thumb: "http://127.0.0.1:8081/i/k3J9xQ2mVb7/thumb.webp".into(),
        expires_at: None,
    };
    Image {
        id: id(3),
        slug: "k3J9xQ2mVb7".into(),
        title: Some("Summer Palace".into()),
        alt: Some("A lake with a stone bridge at dusk".into()),
        filename: "china.jpg".into(),
        content_type: ContentType::Jpeg,
        animated: false,
        size_bytes: 197_406,
        width: 640,
        height: 427,
        sha256: SHA256.into(),
        visibility: Visibility::Unlisted,
        removed: vec![Removed {
            code: RemovedCode::Location,
            by: RemovedBy::Server,
        }],
        placeholder: None,
        created_at: time(),
        expires_at: None,
        purge_at: None,
        links,
    }
}

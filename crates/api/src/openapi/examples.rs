//! One example of every type that travels as a JSON body, made from the types themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use tintype_dto::{
    BulkDeleteImages, BulkImage, BulkImages, BulkOutcome, BulkRestoreImages, BulkUpdateImages,
    ChangePassword, ContentType, CreateUpload, CreateUploads, CreatedUpload, CreatedUploads,
    DeleteAccount, FindImages, FoundImage, FoundImages, Image, ImageDay, ImageDays, ImageLinks,
    ImagePage, Limits, LogIn, Problem, ProblemCode, PutTarget, RegisterUser, Registration, Removed,
    RemovedBy, RemovedCode, Session, TokenType, UpdateImage, Upload, UploadState, Usage, User,
    Visibility,
};
use uuid::Uuid;

pub const REQUEST_ID: &str = "019dd1a4-7c00-7000-8000-000000000001";
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub fn all() -> serde_json::Result<Map<String, Value>> {
    let (username, password) = (String::from("ada"), String::from("correct horse battery"));
    let mut examples = Map::new();
    let mut add = |name: &str, example: serde_json::Result<Value>| {
        example.map(|value| drop(examples.insert(name.into(), value)))
    };
    add(
        "RegisterUser",
        json(RegisterUser {
            username: username.clone(),
            email: "ada@example.com".into(),
            password: password.clone(),
        }),
    )?;
    add(
        "LogIn",
        json(LogIn {
            username,
            password: password.clone(),
        }),
    )?;
    let (current_password, new_password) =
        (password.clone(), String::from("staple of the battery"));
    add(
        "ChangePassword",
        json(ChangePassword {
            current_password,
            new_password,
        }),
    )?;
    add(
        "DeleteAccount",
        json(DeleteAccount {
            password: password.clone(),
        }),
    )?;
    add("Session", json(session()))?;
    add("User", json(user()))?;
    add("Limits", json(limits()))?;
    add("CreateUpload", json(create_upload()))?;
    add("Upload", json(upload()))?;
    add("Image", json(image()))?;
    add(
        "ImagePage",
        json(ImagePage {
            items: vec![image()],
            next_cursor: None,
        }),
    )?;
    let day = time().date_naive();
    add(
        "ImageDays",
        json(ImageDays {
            days: vec![ImageDay { day, count: 12 }],
        }),
    )?;
    add("UpdateImage", json(update_image()))?;
    add(
        "BulkUpdateImages",
        json(BulkUpdateImages {
            ids: vec![id(3), id(4)],
            change: update_image(),
        }),
    )?;
    add(
        "BulkDeleteImages",
        json(BulkDeleteImages {
            ids: vec![id(3), id(4)],
            permanent: false,
        }),
    )?;
    add(
        "BulkRestoreImages",
        json(BulkRestoreImages {
            ids: vec![id(3), id(4)],
        }),
    )?;
    add("BulkImages", json(bulk_images()))?;
    add(
        "CreateUploads",
        json(CreateUploads {
            files: vec![create_upload()],
        }),
    )?;
    add("CreatedUploads", json(created_uploads()))?;
    add(
        "FindImages",
        json(FindImages {
            sha256: vec![SHA256.into()],
        }),
    )?;
    let found = FoundImage {
        sha256: SHA256.into(),
        image: Some(image()),
    };
    add("FoundImages", json(FoundImages { items: vec![found] }))?;
    Ok(examples)
}

fn json(value: impl Serialize) -> serde_json::Result<Value> {
    serde_json::to_value(value)
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
        token: "eyJ0eXAi...".into(),
        token_type: TokenType::Bearer,
        expires_at: time() + TimeDelta::days(7),
        user: user(),
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
        page: "http://127.0.0.1:8080/s/k3J9xQ2mVb7".into(),
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
        links,
    }
}

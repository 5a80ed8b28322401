//! `story URL PICTURE`: what a program does with the client that progenitor makes of the document.

use std::error::Error;
use std::fmt::Debug;
use std::num::NonZeroU32;

use client::{Client, Error as ClientError, ResponseValue, types};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};
use sha2::{Digest, Sha256};
use types::BulkOutcome;
use uuid::Uuid;

mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

type Did<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Did<()> {
    let mut arguments = std::env::args().skip(1);
    let (url, picture) = (
        arguments.next().ok_or("URL")?,
        arguments.next().ok_or("PICTURE")?,
    );
    let bytes = std::fs::read(picture)?;
    // Another picture for each number: it stands in the palette.
    let gif = |number: u8| [&bytes[..13], &[number], &bytes[14..]].concat();
    let account: types::RegisterUser = from_value(
        json!({"username": "rust", "email": "rust@example.com", "password": "correct horse battery"}),
    )?;
    let person = api(
        &url,
        &api(&url, "")?
            .register_user()
            .body(account.clone())
            .send()
            .await?
            .token,
    )?;
    fails(
        api(&url, "")?
            .register_user()
            .body(account.clone())
            .send()
            .await,
        "email_taken",
    );
    let token: types::CreateApiToken =
        from_value(json!({"name": "story", "scopes": ["upload", "read"]}))?;
    let program = api(
        &url,
        &person.create_api_token().body(token).send().await?.secret,
    )?;

    let first = in_three_steps(&program, gif(1)).await?;
    let second = program
        .put_image()
        .filename("b.gif")
        .body(gif(2))
        .send()
        .await?;
    let second = second.id.ok_or("an id")?;
    fails(
        program.upload_images().body("no picture").send().await,
        "unsupported_media",
    );
    read_and_change(&program, &person, first, second).await?;
    person.delete_image().id(first).send().await?;
    fails(person.get_image().id(first).send().await, "not_found");
    program.log_out().send().await?;
    fails(program.list_images().send().await, "unauthenticated");
    println!("clients: Rust (progenitor) did it all");
    Ok(())
}

fn api(url: &str, token: &str) -> Did<Client> {
    let mut headers = reqwest::header::HeaderMap::new();
    if !token.is_empty() {
        headers.insert("authorization", format!("Bearer {token}").parse()?);
    }
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    Ok(Client::new_with_client(url, http))
}

fn fails<T: Debug, E: Debug + Serialize>(
    answer: Result<ResponseValue<T>, ClientError<E>>,
    code: &str,
) {
    let Err(ClientError::ErrorResponse(refusal)) = answer else {
        panic!("{code}: {answer:?}");
    };
    let refusal = to_value(refusal.into_inner()).unwrap_or_default();
    assert_eq!(refusal["code"], code, "{refusal}");
}

/// What is one of several types, as the one that it is here.
fn this<T: DeserializeOwned>(one_of_them: impl Serialize) -> Did<T> {
    Ok(from_value(to_value(one_of_them)?)?)
}

/// Announces, sends and confirms.
async fn in_three_steps(program: &Client, bytes: Vec<u8>) -> Did<Uuid> {
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = json!({"filename": "a.gif", "content_type": "image/gif", "size_bytes": bytes.len(), "sha256": hash});
    let file: types::CreateUpload = from_value(file)?;
    let upload: types::PendingUpload = this(
        program
            .create_upload()
            .body(file.clone())
            .send()
            .await?
            .into_inner(),
    )?;
    fails(
        program.confirm_upload().id(upload.id).send().await,
        "not_uploaded",
    );
    let mut put = reqwest::Client::new().put(&upload.put.url).body(bytes);
    for (name, value) in &upload.put.headers {
        put = put.header(name, value);
    }
    assert_eq!(put.send().await?.status(), 200);
    let image: types::Image = this(
        program
            .confirm_upload()
            .id(upload.id)
            .send()
            .await?
            .into_inner(),
    )?;
    assert_eq!(reqwest::get(&image.links.original).await?.status(), 200);
    let again: Value = this(
        program
            .create_upload()
            .body(file.clone())
            .send()
            .await?
            .into_inner(),
    )?;
    assert_eq!(again["state"], "ready");
    Ok(image.id)
}

/// Lists page by page, changes one, and then many.
async fn read_and_change(program: &Client, person: &Client, first: Uuid, second: Uuid) -> Did<()> {
    let one = NonZeroU32::MIN;
    let listed = program.list_images().limit(one).send().await?;
    assert_eq!(listed.items[0].id, second);
    let cursor = listed.next_cursor.as_deref().unwrap_or_default();
    let rest = program
        .list_images()
        .cursor(cursor)
        .limit(one)
        .send()
        .await?;
    assert_eq!(rest.items[0].id, first);

    let change: types::UpdateImage =
        from_value(json!({"title": "Summer", "visibility": "private"}))?;
    fails(
        program
            .update_image()
            .id(first)
            .body(change.clone())
            .send()
            .await,
        "insufficient_scope",
    );
    let changed = person
        .update_image()
        .id(first)
        .body(change.clone())
        .send()
        .await?;
    assert_eq!(changed.visibility, types::Visibility::Private);
    let many: types::BulkUpdateImages =
        from_value(json!({"ids": [first, second, Uuid::nil()], "change": {"title": "Lake"}}))?;
    let many = person.bulk_update_images().body(many).send().await?;
    let outcomes: Vec<_> = many.items.iter().map(|item| item.outcome).collect();
    assert_eq!(
        outcomes,
        [BulkOutcome::Done, BulkOutcome::Done, BulkOutcome::NotFound]
    );
    Ok(())
}

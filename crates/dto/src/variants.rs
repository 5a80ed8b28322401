//! Types that only the document has: what an answer is in one case, so that a generated client knows what is there without asking.

use chrono::{DateTime, Utc};
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::{CreatedUpload, Problem, PutTarget, Upload};

/// An upload whose file is awaited.
#[derive(ToSchema)]
pub struct PendingUpload {
    /// Its id, and later the image's.
    pub id: Uuid,
    /// How far it is.
    #[schema(schema_with = pending)]
    pub state: String,
    /// When it is given up unless the file has landed.
    pub expires_at: DateTime<Utc>,
    /// Where to send the file.
    pub put: PutTarget,
}

/// An upload whose file is being checked.
#[derive(ToSchema)]
pub struct ProcessingUpload {
    /// Its id, and later the image's.
    pub id: Uuid,
    /// How far it is.
    #[schema(schema_with = processing)]
    pub state: String,
    /// When it would be given up if the file had not landed.
    pub expires_at: DateTime<Utc>,
}

/// A file that may be sent, or is yours already.
#[derive(ToSchema)]
pub struct AnnouncedFile {
    /// Send it to `put`; or, when it is `ready`, it is yours already.
    pub upload: Upload,
}

/// A file that is refused.
#[derive(ToSchema)]
pub struct RefusedFile {
    /// Why.
    pub problem: Problem,
}

fn state(name: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([name]))
        .build()
}

fn pending() -> Object {
    state("pending")
}

fn processing() -> Object {
    state("processing")
}

impl PartialSchema for CreatedUpload {
    fn schema() -> RefOr<Schema> {
        let either = OneOfBuilder::new()
            .item(Ref::from_schema_name(AnnouncedFile::name()))
            .item(Ref::from_schema_name(RefusedFile::name()))
            .description(Some("What became of one announced file."));
        either.into()
    }
}

impl ToSchema for CreatedUpload {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((AnnouncedFile::name().into(), AnnouncedFile::schema()));
        schemas.push((RefusedFile::name().into(), RefusedFile::schema()));
        AnnouncedFile::schemas(schemas);
        RefusedFile::schemas(schemas);
    }
}

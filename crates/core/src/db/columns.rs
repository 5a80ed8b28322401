//! Columns that hold more than a text, a number or a time.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use rand::distr::Alphanumeric;
use sea_orm::sea_query::ValueTypeErr;
use sea_orm::{DbErr, DeriveValueType, FromJsonQueryResult, TryFromU64};
use serde::{Deserialize, Serialize};
use sha2::Digest;
use tintype_dto::{ContentType, ProblemCode, Removed, RemovedBy, RemovedCode, check_sha256};
use uuid::Uuid;

/// An id that is given for no other: one kind is never taken for another.
macro_rules! id {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, greater than those before.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        /// No database makes ids for us.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

id! {
    /// An account.
    UserId
}

id! {
    /// An upload, and the image that it becomes: they have one id.
    ImageId
}

/// The part of an image's addresses that nobody can guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveValueType)]
#[serde(transparent)]
pub struct Slug(pub String);

impl Slug {
    /// 11 of 62 letters and digits: 65 bits.
    const LENGTH: usize = 11;

    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        let letters = rand::rng().sample_iter(Alphanumeric).take(Self::LENGTH);
        Self(letters.map(char::from).collect())
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The type of an image's bytes, as its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct MediaType(pub ContentType);

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.media_type())
    }
}

impl FromStr for MediaType {
    type Err = ValueTypeErr;

    fn from_str(text: &str) -> Result<Self, ValueTypeErr> {
        ContentType::from_media_type(text)
            .map(Self)
            .ok_or(ValueTypeErr)
    }
}

/// A SHA-256, in hex.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, DeriveValueType)]
#[sea_orm(value_type = "String")]
#[serde(into = "String")]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hex::encode(hash.0)
    }
}

impl FromStr for Sha256 {
    type Err = ValueTypeErr;

    fn from_str(text: &str) -> Result<Self, ValueTypeErr> {
        check_sha256(text).map(Self).map_err(|_| ValueTypeErr)
    }
}

/// Why an upload was rejected, by the code's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Reason(pub ProblemCode);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for Reason {
    type Err = ValueTypeErr;

    fn from_str(text: &str) -> Result<Self, ValueTypeErr> {
        serde_json::from_value(text.into())
            .map(Self)
            .map_err(|_| ValueTypeErr)
    }
}

/// What a client has cut before it sent a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct RemovedByClient(pub Vec<RemovedCode>);

/// What was cut from an image, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Receipt(pub Vec<Removed>);

impl Receipt {
    /// With these codes too: each once, and in order.
    #[must_use]
    pub fn with(mut self, codes: &[RemovedCode], by: RemovedBy) -> Self {
        self.0
            .extend(codes.iter().map(|code| Removed { code: *code, by }));
        self.0.sort_unstable();
        self.0.dedup();
        self
    }
}

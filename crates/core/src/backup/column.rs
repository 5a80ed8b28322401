//! Columns in a form that is the same for both databases.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::{ColumnType, Value};
use sea_orm::{DbErr, QueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds. In a backup it is a JSON value; `null` is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInteger,
    /// Text.
    Text,
    /// An id, as text with hyphens.
    Uuid,
    /// A moment, as RFC 3339 in UTC.
    Time,
    /// JSON.
    Json,
}

impl Kind {
    /// What a column of this type holds. `None`: there is none of that type yet.
    pub fn of(column: &ColumnType) -> Option<Self> {
        Some(match column {
            ColumnType::Boolean => Self::Bool,
            ColumnType::Integer => Self::Integer,
            ColumnType::BigInteger => Self::BigInteger,
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Uuid => Self::Uuid,
            ColumnType::TimestampWithTimeZone => Self::Time,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            _ => return None,
        })
    }

    /// What stands at this place of a row.
    pub fn read(self, row: &QueryResult, place: usize) -> Result<Json, DbErr> {
        Ok(match self {
            Self::Bool => row.try_get_by_index::<Option<bool>>(place)?.into(),
            Self::Integer => row.try_get_by_index::<Option<i32>>(place)?.into(),
            Self::BigInteger => row.try_get_by_index::<Option<i64>>(place)?.into(),
            Self::Text => row.try_get_by_index::<Option<String>>(place)?.into(),
            Self::Uuid => row
                .try_get_by_index::<Option<Uuid>>(place)?
                .map(|id| id.to_string())
                .into(),
            Self::Time => row
                .try_get_by_index::<Option<DateTime<Utc>>>(place)?
                .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
                .into(),
            Self::Json => row.try_get_by_index::<Option<Json>>(place)?.into(),
        })
    }

    /// The same for a statement. `None`: it is of another kind.
    pub fn value(self, json: Json) -> Option<Value> {
        if json.is_null() {
            return Some(self.nothing());
        }
        Some(match self {
            Self::Bool => json.as_bool()?.into(),
            Self::Integer => i32::try_from(json.as_i64()?).ok()?.into(),
            Self::BigInteger => json.as_i64()?.into(),
            Self::Text => json.as_str()?.into(),
            Self::Uuid => json.as_str()?.parse::<Uuid>().ok()?.into(),
            Self::Time => DateTime::parse_from_rfc3339(json.as_str()?)
                .ok()?
                .to_utc()
                .into(),
            Self::Json => json.into(),
        })
    }

    fn nothing(self) -> Value {
        match self {
            Self::Bool => Value::Bool(None),
            Self::Integer => Value::Int(None),
            Self::BigInteger => Value::BigInt(None),
            Self::Text => Value::String(None),
            Self::Uuid => Value::Uuid(None),
            Self::Time => Value::ChronoDateTimeUtc(None),
            Self::Json => Value::Json(None),
        }
    }
}

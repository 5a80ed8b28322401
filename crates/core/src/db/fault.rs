//! What a failed statement says about the database, whichever it is.

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// A fault of the database itself, rather than of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not answer, is going down, or can't read or write its files: it may be better in a moment.
    Away,
    /// Its disk is full: what is there can be read, nothing can be added.
    Full,
}

/// `None`: the database works, and the statement was wrong.
#[must_use]
pub fn fault(error: &DbErr) -> Option<Fault> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => {
            of_driver(e).or(matches!(error, DbErr::Conn(_)).then_some(Fault::Away))
        }
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Some(Fault::Away),
        _ => None,
    }
}

fn of_driver(error: &SqlxError) -> Option<Fault> {
    match error {
        SqlxError::Io(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::Tls(_)
        | SqlxError::WorkerCrashed => Some(Fault::Away),
        SqlxError::Database(e) => of_database(&**e),
        _ => None,
    }
}

fn of_database(error: &dyn DatabaseError) -> Option<Fault> {
    let code = error.code()?;
    if error.try_downcast_ref::<SqliteError>().is_some() {
        of_sqlite(code.parse().ok()?)
    } else {
        of_postgres(&code)
    }
}

/// The first byte of an extended result code is the code itself (<https://www.sqlite.org/rescode.html>).
fn of_sqlite(code: u32) -> Option<Fault> {
    match code & 0xff {
        sqlite::FULL => Some(Fault::Full),
        sqlite::BUSY
        | sqlite::LOCKED
        | sqlite::NOMEM
        | sqlite::READONLY
        | sqlite::INTERRUPT
        | sqlite::IOERR
        | sqlite::CANTOPEN
        | sqlite::PROTOCOL => Some(Fault::Away),
        _ => None,
    }
}

mod sqlite {
    pub const BUSY: u32 = 5;
    pub const LOCKED: u32 = 6;
    pub const NOMEM: u32 = 7;
    pub const READONLY: u32 = 8;
    pub const INTERRUPT: u32 = 9;
    pub const IOERR: u32 = 10;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const PROTOCOL: u32 = 15;
}

/// SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>): a full disk; the classes of connections, of resources, of
/// operators who intervene, of failing disks and of failures of its own (such as a disk quota); lock time-outs, a server that only reads, and
/// files or tables that it may not touch.
fn of_postgres(code: &str) -> Option<Fault> {
    match code {
        "53100" => Some(Fault::Full),
        "55P03" | "25006" | "42501" => Some(Fault::Away),
        _ if ["08", "53", "57", "58", "XX"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Some(Fault::Away)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_database_that_is_away_and_from_a_wrong_statement() {
        // Unique violations (2067, 23505) and syntax errors (1, 42601) are our own fault.
        assert_eq!(
            [13, 5, 517, 10, 778, 1034, 8, 1032, 14, 1, 2067].map(of_sqlite),
            {
                let away = Some(Fault::Away);
                [
                    Some(Fault::Full),
                    away,
                    away,
                    away,
                    away,
                    away,
                    away,
                    away,
                    away,
                    None,
                    None,
                ]
            }
        );
        assert_eq!(
            [
                "53100", "53300", "57P01", "08006", "58030", "XX000", "55P03", "42501", "23505",
                "42601"
            ]
            .map(of_postgres),
            {
                let away = Some(Fault::Away);
                [
                    Some(Fault::Full),
                    away,
                    away,
                    away,
                    away,
                    away,
                    away,
                    away,
                    None,
                    None,
                ]
            }
        );
    }
}

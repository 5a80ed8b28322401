//! Fills a database with images.

use anyhow::{Result, ensure};

use crate::postgres::Postgres;

const SQL: &str = include_str!("seed.sql");
/// In a whole number of these every part has its share, and the pages that are asked for are full.
const STEP: u32 = 1000;
/// Points in time, each with this part of all images behind it, in per cent.
const DEPTHS: &str = "SELECT to_char((first + (last - first) * percent / 100) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
                      FROM (SELECT min(created_at) AS first, max(created_at) AS last FROM images) AS span, \
                      generate_series(20, 100, 4) AS percent ORDER BY percent";
/// What was announced and never sent, which the worker would look for in what is measured next.
const FORGET: &str = "DELETE FROM uploads WHERE state = 'pending'; \
                      UPDATE users SET unfinished_uploads = 0, unfinished_ms = 0 WHERE unfinished_uploads > 0; \
                      VACUUM (ANALYZE) uploads; VACUUM (ANALYZE) users; CHECKPOINT;";

/// A word that is in twenty titles, and one that is in no name.
pub const RARE_WORD: &str = "lighthouse";
pub const ABSENT_WORD: &str = "zeppelin";

pub async fn fill(postgres: &Postgres, database: &str, images: u32) -> Result<()> {
    ensure!(
        images > 0 && images.is_multiple_of(STEP),
        "--images: name a multiple of {STEP}"
    );
    let variables = [("images", images.to_string())];
    postgres.sql(database, SQL, &variables).await.map(drop)
}

/// Points in time between the images, the oldest first: behind the first there is a fifth of all.
pub async fn depths(postgres: &Postgres, database: &str) -> Result<Vec<String>> {
    let rows = postgres.sql(database, DEPTHS, &[]).await?;
    Ok(rows.lines().map(str::to_owned).collect())
}

pub async fn forget_announced(postgres: &Postgres, database: &str) -> Result<()> {
    postgres.sql(database, FORGET, &[]).await.map(drop)
}

//! Every change of a state, noted by the database itself: none slips through between two looks.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};

use crate::server::On;

/// A table, and a state before and after; `nothing` where there is no row.
type Change = (String, String, String);

/// Every change that there may be.
const DIAGRAM: [(&str, &str, &[&str]); 11] = [
    ("uploads", "nothing", &["pending"]),
    ("uploads", "pending", &["processing", "expired", "aborted"]),
    // Back to pending: the process stops in good order, or the store is out of reach.
    (
        "uploads",
        "processing",
        &["pending", "ready", "rejected", "expired", "aborted"],
    ),
    ("uploads", "ready", &["nothing"]),
    ("uploads", "rejected", &["nothing"]),
    ("uploads", "expired", &["nothing"]),
    ("uploads", "aborted", &["nothing"]),
    ("images", "nothing", &["ready"]),
    ("images", "ready", &["trashed", "deleting"]),
    ("images", "trashed", &["ready", "deleting"]),
    ("images", "deleting", &["nothing"]),
];

const ON_POSTGRES: &str = "
    CREATE TABLE noted_changes (what TEXT NOT NULL, state_before TEXT NOT NULL, state_after TEXT NOT NULL);
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN INSERT INTO noted_changes VALUES (TG_TABLE_NAME, 'nothing', NEW.state);
        ELSIF TG_OP = 'DELETE' THEN INSERT INTO noted_changes VALUES (TG_TABLE_NAME, OLD.state, 'nothing');
        ELSIF OLD.state <> NEW.state THEN INSERT INTO noted_changes VALUES (TG_TABLE_NAME, OLD.state, NEW.state);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_uploads AFTER INSERT OR UPDATE OR DELETE ON uploads FOR EACH ROW EXECUTE FUNCTION note_change();
    CREATE TRIGGER note_images AFTER INSERT OR UPDATE OR DELETE ON images FOR EACH ROW EXECUTE FUNCTION note_change();
";

/// Has the database note all changes from now on.
pub async fn note(db: &DatabaseConnection, on: On) {
    let statements = match on {
        On::Postgres => ON_POSTGRES.to_owned(),
        On::Sqlite => {
            let table = "CREATE TABLE noted_changes (what TEXT NOT NULL, state_before TEXT NOT NULL, state_after TEXT NOT NULL);";
            table.to_owned() + &["uploads", "images"].map(on_sqlite).concat()
        }
    };
    db.execute_unprepared(&statements).await.unwrap();
}

fn on_sqlite(table: &str) -> String {
    let trigger = |name: &str, event: &str, before: &str, after: &str| {
        format!(
            "CREATE TRIGGER note_{name}_{table} AFTER {event} BEGIN
                INSERT INTO noted_changes VALUES ('{table}', {before}, {after});
             END;"
        )
    };
    trigger(
        "insert",
        &format!("INSERT ON {table}"),
        "'nothing'",
        "NEW.state",
    ) + &trigger(
        "update",
        &format!("UPDATE ON {table} WHEN OLD.state <> NEW.state"),
        "OLD.state",
        "NEW.state",
    ) + &trigger(
        "delete",
        &format!("DELETE ON {table}"),
        "OLD.state",
        "'nothing'",
    )
}

#[derive(FromQueryResult)]
struct Row {
    what: String,
    state_before: String,
    state_after: String,
}

/// All kinds of changes that were noted.
pub async fn noted(db: &DatabaseConnection) -> BTreeSet<Change> {
    let sql = "SELECT DISTINCT what, state_before, state_after FROM noted_changes";
    let rows = Row::find_by_statement(Statement::from_string(db.get_database_backend(), sql))
        .all(db)
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.what, row.state_before, row.state_after))
        .collect()
}

/// What was noted and is not in the diagram.
pub fn not_in_the_diagram(noted: &BTreeSet<Change>) -> Vec<String> {
    let is_drawn = |(what, before, after): &Change| {
        let mut arrows = DIAGRAM
            .iter()
            .filter(|(table, from, _)| what == table && before == from);
        arrows.any(|(_, _, to)| to.contains(&after.as_str()))
    };
    noted
        .iter()
        .filter(|change| !is_drawn(change))
        .map(|(what, before, after)| format!("{what}: {before} became {after}"))
        .collect()
}

/// Arrows of the diagram that nothing took.
pub fn never_taken(noted: &BTreeSet<Change>) -> Vec<String> {
    let arrows = DIAGRAM
        .iter()
        .flat_map(|(what, before, to)| to.iter().map(move |after| (*what, *before, *after)));
    let is_new = |(what, before, after): &(&str, &str, &str)| {
        !noted.contains(&((*what).into(), (*before).into(), (*after).into()))
    };
    arrows
        .filter(is_new)
        .map(|(what, before, after)| format!("{what}: {before} to {after}"))
        .collect()
}

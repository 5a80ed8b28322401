//! Kills the process at every step of its work on objects and rows, and checks that no acknowledged work is lost.

mod changes;
mod chaos;
mod disks;
pub mod installation;
mod invariants;
mod ledger;
mod matrix;
mod rounds;

pub use matrix::empty_the_bucket;

use std::collections::BTreeSet;
use std::path::Path;

/// Every failpoint that stands in the code.
fn failpoints() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in ["src", "../core/src", "../storage/src"] {
        collect(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(source),
            &mut names,
        );
    }
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else {
            let code = std::fs::read_to_string(&path).unwrap();
            let lines = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let calls = lines.filter_map(|line| line.split_once("failpoint(\"")?.1.split_once('"'));
            names.extend(calls.map(|(name, _)| name.to_owned()));
        }
    }
}

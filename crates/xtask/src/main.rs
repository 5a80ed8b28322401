//! Builds, starts and tests the product with what rustup brings: `cargo xtask run`, `cargo xtask test`.

mod assets;
mod budget;
mod glue;
mod page;
mod product;
mod split;
mod verdicts;
#[cfg(feature = "wasm-test")]
mod wasm_test;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use page::Edition;

/// Chores of this repository that need more than a line of shell.
#[derive(Parser)]
#[command(name = "xtask")]
enum Task {
    /// Build the page and the server, then serve on `http://127.0.0.1:8080` with data in `./data`.
    Run,
    /// Run every test: units, API on SQLite and PostgreSQL, storage, components and the page in a browser.
    Test {
        /// For the tests, such as a part of a name.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Build what is shipped: `target/release/tintype`, with the page inside.
    Release,
    /// Build the page into `target/dist`, ready to be served.
    Page {
        /// Fail when the page is larger than its budget.
        #[arg(long)]
        check_budget: bool,
    },
    /// Print what the page's build of `crates/imaging` says of the files that standard input names, under Node.
    Verdicts,
    /// Build the page with the sheet of its tokens and components, into `target/design`.
    Design,
    /// Print what the page weighs and fail when that is more than its budget.
    Budget,
    #[cfg(feature = "wasm-test")]
    /// Run the page's tests in a headless browser. Arguments go to the tests, such as a part of a name.
    WasmTest {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    #[cfg(feature = "wasm-test")]
    /// What `cargo test` calls with a compiled test.
    #[command(hide = true)]
    WasmRunner {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> Result<()> {
    let root = root()?;
    match Task::parse() {
        Task::Run => product::run(&root),
        Task::Test { args } => product::test(&root, &args),
        Task::Release => product::release(&root),
        Task::Page { check_budget } => {
            page::build(&root, Edition::Shipped)?;
            if check_budget {
                budget::check(&root)
            } else {
                Ok(())
            }
        }
        Task::Verdicts => verdicts::run(&root),
        Task::Design => page::build(&root, Edition::Design),
        Task::Budget => budget::check(&root),
        #[cfg(feature = "wasm-test")]
        Task::WasmTest { args } => wasm_test::run(&root, &args),
        #[cfg(feature = "wasm-test")]
        Task::WasmRunner { args } => wasm_test::runner(args),
    }
}

fn root() -> Result<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize()
        .with_context(|| format!("find the repository at {}", root.display()))
}

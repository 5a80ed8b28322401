//! The app in two modules: the second one is loaded when something of it is needed first.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use walrus::ModuleConfig;
use wasm_split_cli_support::{Options, transform};

use crate::glue::without_indentation;

/// What the first module imports to load the other one.
const LOADER: &str = "./__wasm_split.js";

/// A module and what was cut from it.
pub struct Parts {
    pub first: Vec<u8>,
    pub later: Option<Later>,
}

/// What was cut from a module.
pub struct Later {
    pub module: Vec<u8>,
    /// The script that loads it.
    pub loader: String,
}

impl Parts {
    /// A module from which nothing is cut.
    pub fn one(first: Vec<u8>) -> Self {
        Self { first, later: None }
    }
}

/// Cuts a module where `#[wasm_split]` says so. `folder` is for what comes between.
pub fn split(wasm: &[u8], folder: &Path) -> Result<Parts> {
    let first = folder.join("first.wasm");
    let mut options = Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.link_name = LOADER;
    let split = transform(options).map_err(|error| anyhow!("split the module: {error:#}"))?;
    let [later] = split.split_modules.as_slice() else {
        bail!(
            "the app is cut in two, not in {}",
            split.split_modules.len() + 1
        );
    };
    let later = fs::read(later).context("read what is for later")?;
    let mut config = ModuleConfig::new();
    config
        .generate_name_section(false)
        .generate_producers_section(false);
    Ok(Parts {
        first: fs::read(&first).context("read the first module")?,
        later: Some(Later {
            module: config.parse(&later)?.emit_wasm(),
            loader: fs::read_to_string(folder.join(LOADER)).context("read the loader")?,
        }),
    })
}

/// One script of both: two that import each other could not have hashes of each other in their names.
pub fn with_loader(script: &str, loader: &str, address: &str) -> Result<String> {
    let import = format!("import * as import1 from \"{LOADER}\"\n");
    let (before, after) = script
        .split_once(&import)
        .context("the script does not import the loader as it did")?;
    let (_, loader) = loader
        .split_once(";\n")
        .context("the loader does not begin with what it imports")?;
    let (helpers, exported) = loader
        .split_once("export const ")
        .context("the loader exports nothing")?;
    let (name, _) = exported
        .split_once(" = ")
        .context("the export has no name")?;
    let file = exported
        .split('"')
        .nth(1)
        .context("the loader names no module")?;
    let exported = exported.replace(file, address);
    // The page says so where somebody waits for it; whoever leaves while it is loaded ahead has no error.
    let helpers = helpers.replace("console.error(", "console.warn(");
    let loader = without_indentation(&format!(
        "{helpers}const {exported}\nconst import1 = {{ {name} }};"
    ));
    Ok([before, &loader, "\n", after].concat())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::with_loader;

    #[test]
    fn the_loader_stands_in_the_script_that_imports_it() {
        let script = "import * as import1 from \"./__wasm_split.js\"\nuse(import1);\n";
        let loader = "import { initSync } from \"./main.js\";\n\nfunction get() {}\nexport const load = get(\"./split_later.wasm\");\n";
        assert_eq!(
            with_loader(script, loader, "/assets/later-1.wasm").unwrap(),
            "function get() {}\nconst load = get(\"/assets/later-1.wasm\");\nconst import1 = { load };\nuse(import1);\n"
        );
        assert!(with_loader("", loader, "").is_err());
    }
}

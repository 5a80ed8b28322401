//! `frontend/` -> `target/dist`: `WebAssembly` and its glue, hashed names, compressed twins.
//!
//! | source | becomes |
//! |---|---|
//! | the crate | `assets/app-<hash>.wasm` and `assets/app-<hash>.js`, and `assets/later-<hash>.wasm` of what few open; the same without that as `worker`, for the worker that prepares files |
//! | `styles/*.css`, by name | `assets/app-<hash>.css` |
//! | `static/*` | `assets/<name>-<hash>.<ext>` |
//! | `index.html`, `service-worker.js` | the same: a worker reaches what lies beside it |
//!
//! `{{name.ext}}` in a text file stands for the final address of an asset.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use walrus::{Export, Module, passes};
use wasm_bindgen_cli_support::Bindgen;

use crate::assets::{Assets, without_comments};
use crate::glue::{shorten, without_indentation};
use crate::split::{self, Later, Parts};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// What cargo makes, and what it is called in the page. The app is cut in two.
const MODULES: [(&str, &str); 2] = [
    ("tintype-frontend.wasm", APP),
    ("tintype-worker.wasm", "worker"),
];
const APP: &str = "app";

/// What keeps its name.
const AT_THE_ROOT: [&str; 2] = ["index.html", "service-worker.js"];

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// What is served to people.
    Shipped,
    /// That, and the sheet of its tokens and components at `/design`.
    Design,
}

impl Edition {
    /// Where the finished page is.
    pub fn dist(self, root: &Path) -> PathBuf {
        root.join(match self {
            Self::Shipped => "target/dist",
            Self::Design => "target/design",
        })
    }

    fn features(self) -> &'static str {
        match self {
            Self::Shipped => "",
            Self::Design => "design",
        }
    }
}

/// Compiles the page and, when anything changed, writes it anew.
pub fn build(root: &Path, edition: Edition) -> Result<()> {
    compile(root, edition)?;
    let dist = edition.dist(root);
    let modules = root.join("target").join(TARGET).join("page");
    let sources = sources(&root.join("frontend"), edition)?;
    let stamp = stamp(&modules, &sources)?;
    let stamp_file = dist.with_extension("stamp");
    if dist.join("index.html").exists()
        && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp)
    {
        println!("page: {} is up to date", dist.display());
        return Ok(());
    }
    let start = Instant::now();
    let fresh = dist.with_extension("new");
    assemble(&modules, &root.join("frontend"), &sources, &fresh)?;
    replace(&fresh, &dist)?;
    fs::write(&stamp_file, stamp).context("write the stamp")?;
    println!(
        "page: wrote {} in {:.1} s",
        dist.display(),
        start.elapsed().as_secs_f32()
    );
    Ok(())
}

fn compile(root: &Path, edition: Edition) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = [
        "build",
        "--package",
        "tintype-frontend",
        "--bins",
        "--features",
        edition.features(),
    ];
    let status = Command::new(cargo)
        .current_dir(root)
        .args(args)
        .args(["--target", TARGET, "--profile", "page"])
        .status()
        .context("start cargo")?;
    ensure!(status.success(), "the page does not compile");
    Ok(())
}

/// Everything beside the Rust code that makes the page: styles, then static files, then `index.html`.
fn sources(frontend: &Path, edition: Edition) -> Result<Vec<PathBuf>> {
    let mut files = list(&frontend.join("styles"))?;
    if edition == Edition::Design {
        files.extend(list(&frontend.join("styles/design"))?);
    }
    files.extend(list(&frontend.join("static"))?);
    files.extend(AT_THE_ROOT.map(|name| frontend.join(name)));
    Ok(files)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// Changes when a source or this program changes.
fn stamp(modules: &Path, sources: &[PathBuf]) -> Result<String> {
    let mut hash = Sha256::new();
    let this = env::current_exe().context("find this program")?;
    let built = MODULES.map(|(file, _)| modules.join(file));
    for path in built.iter().chain([&this]).chain(sources) {
        let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
        hash.update(path.to_string_lossy().as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    Ok(hex::encode(hash.finalize()))
}

fn assemble(modules: &Path, frontend: &Path, sources: &[PathBuf], dist: &Path) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).context("remove a half-made page")?;
    }
    let mut assets = Assets::new(dist)?;
    for (file, name) in MODULES {
        add_module(&mut assets, &modules.join(file), name)?;
    }
    add_files(&mut assets, files(frontend, sources)?)?;
    for name in AT_THE_ROOT {
        let text =
            fs::read_to_string(frontend.join(name)).with_context(|| format!("read {name}"))?;
        let text = assets
            .resolve(&text)
            .with_context(|| format!("in {name}"))?;
        assets.write_compressed(name, text.as_bytes())?;
    }
    Ok(())
}

fn add_module(assets: &mut Assets, wasm: &Path, name: &str) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("read {}", wasm.display()))?;
    let parts = if name == APP {
        split::split(&bytes, &wasm.with_extension("parts"))?
    } else {
        Parts::one(bytes)
    };
    let mut output = Bindgen::new()
        .input_bytes(name, parts.first)
        // What is cut off is linked by them.
        .keep_lld_exports(parts.later.is_some())
        .out_name(name)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("bind the module to JavaScript")?;
    let snippets = output.snippets().values().any(|list| !list.is_empty())
        || !output.local_modules().is_empty();
    ensure!(
        !snippets,
        "a dependency brings JavaScript of its own, which this build does not place"
    );
    let mut script = without_indentation(output.js());
    if let Some(Later { module, loader }) = parts.later {
        assets.add("later.wasm", &module)?;
        script = split::with_loader(&script, &loader, assets.address("later.wasm")?)?;
    }
    let module = output.wasm_mut();
    drop_streams(module);
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let script = shorten(imports.chain(exports), &script);
    assets.add(&format!("{name}.wasm"), &module.emit_wasm())?;
    assets.add(&format!("{name}.js"), script.as_bytes())
}

/// What leptos brings for streams between a server and a page, which this page has none of: it is exported, so that the linker keeps it.
fn drop_streams(module: &mut Module) {
    let exports = module.exports.iter();
    let unused: Vec<_> = exports
        .filter(|export| export.name.contains("intounderlying"))
        .map(Export::id)
        .collect();
    for export in unused {
        module.exports.delete(export);
    }
    passes::gc::run(module);
}

/// The stylesheets as one, and every static file.
fn files(frontend: &Path, sources: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut css, mut files) = (String::new(), Vec::new());
    for path in sources {
        let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
        if path.starts_with(frontend.join("styles")) {
            css.push_str(
                str::from_utf8(&bytes).with_context(|| format!("read {}", path.display()))?,
            );
        } else if path.starts_with(frontend.join("static")) {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .context("a file name that is not text")?;
            files.push((name.to_owned(), bytes));
        }
    }
    files.push(("app.css".into(), without_comments(&css).into_bytes()));
    Ok(files)
}

/// Files may name each other, so those whose references are known come first.
fn add_files(assets: &mut Assets, mut waiting: Vec<(String, Vec<u8>)>) -> Result<()> {
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut blocked = Vec::new();
        for (name, bytes) in waiting {
            match str::from_utf8(&bytes).map(|text| assets.resolve(text)) {
                Ok(Ok(text)) => assets.add(&name, text.as_bytes())?,
                Ok(Err(_)) => blocked.push((name, bytes)),
                Err(_) => assets.add(&name, &bytes)?,
            }
        }
        if blocked.len() == before {
            let names: Vec<_> = blocked.iter().map(|(name, _)| name).collect();
            bail!("these name assets that do not exist, or each other in a circle: {names:?}");
        }
        waiting = blocked;
    }
    Ok(())
}

fn replace(fresh: &Path, dist: &Path) -> Result<()> {
    let old = dist.with_extension("old");
    if old.exists() {
        fs::remove_dir_all(&old).context("remove an old page")?;
    }
    if dist.exists() {
        fs::rename(dist, &old).context("move the old page away")?;
    }
    fs::rename(fresh, dist).context("move the page into place")?;
    if old.exists() {
        fs::remove_dir_all(&old).context("remove the old page")?;
    }
    Ok(())
}

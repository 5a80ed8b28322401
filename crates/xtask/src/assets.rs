//! Files under content-hashed names, with compressed twins beside them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The assets written so far.
pub struct Assets {
    dist: PathBuf,
    addresses: BTreeMap<String, String>,
}

impl Assets {
    /// Starts an empty page in `dist`.
    pub fn new(dist: &Path) -> Result<Self> {
        fs::create_dir_all(dist.join("assets"))
            .with_context(|| format!("make {}", dist.display()))?;
        Ok(Self {
            dist: dist.into(),
            addresses: BTreeMap::new(),
        })
    }

    /// Writes `name.ext` as `assets/name-<hash>.ext`.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let (stem, extension) = name
            .rsplit_once('.')
            .with_context(|| format!("{name} has no extension"))?;
        let hash = hex::encode(&Sha256::digest(bytes)[..8]);
        let path = format!("assets/{stem}-{hash}.{extension}");
        self.write_compressed(&path, bytes)?;
        if self
            .addresses
            .insert(name.into(), format!("/{path}"))
            .is_some()
        {
            bail!("two assets are called {name}");
        }
        Ok(())
    }

    /// Where an asset is.
    pub fn address(&self, name: &str) -> Result<&str> {
        let address = self.addresses.get(name);
        address
            .map(String::as_str)
            .with_context(|| format!("no asset is called {name}"))
    }

    /// Puts addresses in the place of `{{name.ext}}`.
    pub fn resolve(&self, text: &str) -> Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, tail) = after.split_once("}}").context("a {{ without }}")?;
            out.push_str(before);
            out.push_str(self.address(name)?);
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Writes a file, and `.br` and `.gz` beside it where they are smaller.
    pub fn write_compressed(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let twins = [
            (String::new(), bytes.to_vec()),
            (".br".into(), brotli(bytes)?),
            (".gz".into(), gzip(bytes)?),
        ];
        for (suffix, twin) in twins {
            if suffix.is_empty() || twin.len() < bytes.len() {
                let to = self.dist.join(format!("{path}{suffix}"));
                fs::write(&to, twin).with_context(|| format!("write {}", to.display()))?;
            }
        }
        Ok(())
    }
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params).context("compress with brotli")?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).context("compress with gzip")?;
    encoder.finish().context("compress with gzip")
}

/// A stylesheet without comments and indentation. Ours holds no string with `/*` in it.
pub fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_named_by_its_content_and_found_by_its_name() {
        let dist = std::env::temp_dir().join(format!("xtask-assets-{}", std::process::id()));
        let mut assets = Assets::new(&dist).unwrap();
        assets.add("a.js", "x".repeat(1000).as_bytes()).unwrap();
        let found = assets.resolve("<{{a.js}}>").unwrap();
        assert!(
            found.starts_with("</assets/a-") && found.ends_with(".js>"),
            "{found}"
        );
        let path = dist.join(&found[2..found.len() - 1]);
        assert!(
            path.exists()
                && path.with_extension("js.br").exists()
                && path.with_extension("js.gz").exists()
        );
        assert!(assets.resolve("{{b.js}}").is_err());
        assert!(assets.add("a.js", b"y").is_err());
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn comments_and_indentation_leave_the_stylesheet() {
        assert_eq!(
            without_comments("/* a */\nb {\n  c: d; /* e */\n}\n"),
            "b {\nc: d;\n}"
        );
    }
}

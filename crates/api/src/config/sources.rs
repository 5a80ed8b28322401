//! The sources of settings.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use super::ConfigError;

/// The file with settings.
pub fn text(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file)
        .map_err(|error| ConfigError(vec![format!("{} can't be read: {error}", file.display())]))
}

/// The environment variables with settings: `_FILE` forms are read, and the two general names are translated.
pub fn settings(env: HashMap<String, String>) -> Result<HashMap<String, String>, ConfigError> {
    let mut out = HashMap::new();
    let mut faults = Vec::new();
    // An empty variable counts as unset: compose files pass every variable on.
    for (name, value) in env
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect::<BTreeMap<_, _>>()
    {
        let (name, value) = match name.strip_suffix("_FILE") {
            Some(plain) if plain.starts_with("TINTYPE_") || plain == "DATABASE_URL" => {
                match fs::read_to_string(&value) {
                    Ok(text) => (plain.to_owned(), text.trim_end().to_owned()),
                    Err(e) => {
                        faults.push(format!("{name} names a file that can't be read: {e}"));
                        continue;
                    }
                }
            }
            _ => (name, value),
        };
        match name.as_str() {
            "DATABASE_URL" => drop(out.entry("TINTYPE_DATABASE__URL".into()).or_insert(value)),
            "PORT" => drop(
                out.entry("TINTYPE_SERVER__APP_ADDR".into())
                    .or_insert(format!("127.0.0.1:{value}")),
            ),
            name if name.starts_with("TINTYPE_")
                && !name.starts_with("TINTYPE_TEST_")
                && name != "TINTYPE_CONFIG" =>
            {
                out.insert(name.into(), value);
            }
            _ => {}
        }
    }
    if faults.is_empty() {
        Ok(out)
    } else {
        Err(ConfigError(faults))
    }
}

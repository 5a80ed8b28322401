//! Generates the client from the document that `TINTYPE_OPENAPI_3_0` names.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=TINTYPE_OPENAPI_3_0");
    let path = env::var("TINTYPE_OPENAPI_3_0")?;
    println!("cargo:rerun-if-changed={path}");
    let document = serde_json::from_slice(&fs::read(path)?)?;
    // Calls name their parameters, so that a new one changes none of them.
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    let tokens = Generator::new(&settings).generate_tokens(&document)?;
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("client.rs"),
        tokens.to_string(),
    )?;
    Ok(())
}

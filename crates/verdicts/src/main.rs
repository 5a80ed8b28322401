//! Prints what `crates/imaging` says of files, natively and as `WebAssembly` under Node, so that the two can be compared: `just corpus`.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

use sha2::{Digest, Sha256};
use tintype_imaging::{Limits, Refusal, clean, inspect};

#[cfg(not(target_family = "wasm"))]
fn main() -> std::io::Result<()> {
    native::judge_all()
}

#[cfg(target_family = "wasm")]
fn main() {
    wasm::judge_all();
}

/// One line: what is found and what cleaning makes of it, or the code and the words of the refusal.
fn verdict(bytes: &[u8]) -> String {
    let limits = Limits::default();
    let judged =
        inspect(bytes, &limits).and_then(|inspection| Ok((inspection, clean(bytes, &limits)?)));
    match judged {
        Ok((inspection, cleaned)) => {
            format!(
                "{inspection:?} removed {:?} left {}",
                cleaned.removed,
                hex::encode(Sha256::digest(&cleaned.bytes))
            )
        }
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.code().name(), refusal.detail())
}

//! How the page is linked.

fn main() {
    // The build cuts the app where it says so (`src/pages/later.rs`), and moves what refers to what.
    println!("cargo::rustc-link-arg-bin=tintype-frontend=--emit-relocs");
    println!("cargo::rerun-if-changed=build.rs");
}

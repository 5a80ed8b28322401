//! The page's entry point.

fn main() {
    tintype_frontend::start();
}

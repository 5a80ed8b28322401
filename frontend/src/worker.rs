//! The entry point of the worker that prepares files: a module of its own, so that the page does not wait for it.

fn main() {
    tintype_frontend::start_worker();
}

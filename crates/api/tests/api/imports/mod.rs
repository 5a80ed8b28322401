//! What is imported into an account.

mod folder;

use std::path::Path;

use crate::client::Client;
use crate::server::TestServer;

impl Client {
    fn name(&self) -> &str {
        &self.session.as_ref().unwrap().user.username
    }
}

impl TestServer {
    /// Runs `tintype import` for this account.
    fn import(&self, client: &Client, from: &Path) -> (bool, String, String) {
        let arguments = ["import", from.to_str().unwrap(), "--user", client.name()];
        self.run(&arguments, &[])
    }
}

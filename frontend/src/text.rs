//! Every word that the page says.

pub const NETWORK_ERROR: &str = "No answer from the server. Check your connection and try again.";
pub const UNEXPECTED_ERROR: &str = "The server gave an answer that makes no sense. Try again in a moment.";

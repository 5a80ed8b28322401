//! Programs that upload.

use serde::{Deserialize, Serialize};

/// A program that settings are made for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadClient {
    /// Its name in addresses.
    #[cfg_attr(feature = "openapi", schema(example = "sharex"))]
    pub name: String,
    /// What it is called.
    #[cfg_attr(feature = "openapi", schema(example = "ShareX"))]
    pub title: String,
    /// What its file is called.
    #[cfg_attr(feature = "openapi", schema(example = "tintype.sxcu"))]
    pub file_name: String,
    /// Where the file goes.
    pub about: String,
    /// Whether it can send no header: then its token stands in an address, and has to be one that may upload and nothing else.
    pub by_address: bool,
}

/// Programs that settings are made for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadClients {
    /// The programs.
    pub items: Vec<UploadClient>,
}

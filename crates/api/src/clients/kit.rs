//! What each program is given. All of it is made of one address and one token, so that nothing drifts apart.

use serde_json::{Value, json};

/// The name of the part that holds a file. Any other would do.
const FIELD: &str = "file";
const SCRIPT: &str = include_str!("upload.sh");

/// A program, or a way to write a script.
pub struct Kit {
    /// Its name in addresses.
    pub name: &'static str,
    /// Its own name.
    pub title: &'static str,
    /// What its file is called.
    pub file_name: &'static str,
    /// Where the file goes, in a sentence or two.
    pub about: &'static str,
    /// Whether it can send no header: its token stands in the address, and may upload and nothing else.
    pub by_address: bool,
    write: fn(&Endpoint<'_>) -> String,
}

/// Where to upload, and with what.
pub struct Endpoint<'a> {
    /// `https://img.example.com/api/v1/images`.
    pub address: &'a str,
    /// The secret of an API token.
    pub token: &'a str,
}

impl Endpoint<'_> {
    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn address_with_key(&self) -> String {
        format!("{}?key={}", self.address, self.token)
    }
}

impl Kit {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self {
            name: "sharex",
            title: "ShareX",
            file_name: "tintype.sxcu",
            about: "Open the file: ShareX takes it as its uploader for images. XerahS, Lumeshot and custom uploaders for Android read it too.",
            by_address: false,
            write: sharex,
        },
        Self {
            name: "ishare",
            title: "iShare",
            file_name: "tintype.iscu",
            about: "Open the file on a Mac: iShare adds it to its custom uploaders. Choose it there.",
            by_address: false,
            write: ishare,
        },
        Self {
            name: "picgo",
            title: "PicGo, PicList",
            file_name: "picgo-web-uploader.json",
            about: "Install the plugin web-uploader, and put these values into its settings; in PicGo-Core they stand under `picBed.web-uploader`.",
            by_address: false,
            write: picgo,
        },
        Self {
            name: "upic",
            title: "uPic",
            file_name: "upic.json",
            about: "In uPic's preferences add a host of the kind Custom, and copy these values into its fields.",
            by_address: false,
            write: upic,
        },
        Self {
            name: "obsidian",
            title: "Obsidian (Image Auto Upload)",
            file_name: "obsidian.json",
            about: "In the plugin's settings choose PicGo(app), put `uploadServer` in as its server, and switch the remote server mode on.",
            by_address: true,
            write: obsidian,
        },
        Self {
            name: "dropshare",
            title: "Dropshare",
            file_name: "dropshare.txt",
            about: "Add a connection of the kind Custom Upload, and copy these values into its fields.",
            by_address: false,
            write: dropshare,
        },
        Self {
            name: "shortcut",
            title: "Shortcuts (iOS, macOS)",
            file_name: "shortcut.txt",
            about: "Make a shortcut of these four steps, and switch on that it is shown in the share sheet.",
            by_address: false,
            write: shortcut,
        },
        Self {
            name: "shell",
            title: "A shell script",
            file_name: "tintype-upload",
            about: "Put it into a folder of your PATH, and `chmod 700` it. It takes files or standard input, prints one address a line, and so serves Typora, Flameshot and Spectacle.",
            by_address: false,
            write: shell,
        },
    ];

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kit| kit.name == name)
    }

    /// Its file.
    #[must_use]
    pub fn write(&self, endpoint: &Endpoint<'_>) -> String {
        (self.write)(endpoint)
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn sharex(endpoint: &Endpoint<'_>) -> String {
    pretty(&json!({
        "Version": "19.0.2",
        "Name": "Tintype",
        "DestinationType": "ImageUploader, FileUploader",
        "RequestMethod": "POST",
        "RequestURL": endpoint.address,
        "Headers": { "Authorization": endpoint.authorization() },
        "Body": "MultipartFormData",
        "FileFormName": FIELD,
        "URL": "{json:url}",
        "ThumbnailURL": "{json:thumbnail_url}",
        "DeletionURL": "{json:delete_url}",
        "ErrorMessage": "{json:message}",
    }))
}

fn ishare(endpoint: &Endpoint<'_>) -> String {
    pretty(&json!({
        "name": "Tintype",
        "requesturl": endpoint.address,
        "headers": { "Authorization": endpoint.authorization() },
        "fileformname": FIELD,
        "responseurl": "{{url}}",
    }))
}

/// Its header is JSON inside a text.
fn picgo(endpoint: &Endpoint<'_>) -> String {
    let header = json!({ "Authorization": endpoint.authorization() });
    pretty(&json!({
        "url": endpoint.address,
        "paramName": FIELD,
        "jsonPath": "url",
        "customHeader": header.to_string(),
        "customBody": "{}",
    }))
}

fn upic(endpoint: &Endpoint<'_>) -> String {
    pretty(&json!({
        "url": endpoint.address,
        "method": "POST",
        "field": FIELD,
        "headers": [{ "key": "Authorization", "value": endpoint.authorization() }],
        "bodys": [],
        "resultPath": ["url"],
    }))
}

fn obsidian(endpoint: &Endpoint<'_>) -> String {
    pretty(&json!({
        "uploader": "PicGo",
        "uploadServer": endpoint.address_with_key(),
        "remoteServerMode": true,
    }))
}

fn dropshare(endpoint: &Endpoint<'_>) -> String {
    format!(
        "Upload URL: {}\nMethod: POST\nFile field: {FIELD}\nHeader: Authorization: {}\nResponse: JSON\nURL: url\nDelete URL: delete_url, by DELETE\n",
        endpoint.address,
        endpoint.authorization()
    )
}

fn shortcut(endpoint: &Endpoint<'_>) -> String {
    format!(
        "1. Receive images from the share sheet.\n\
         2. Get contents of {}\n   Method: POST\n   Headers: Authorization = {}\n   Request body: Form, one field of the kind File, {FIELD} = Shortcut Input\n\
         3. Get dictionary value: url\n\
         4. Copy to clipboard\n",
        endpoint.address,
        endpoint.authorization()
    )
}

fn shell(endpoint: &Endpoint<'_>) -> String {
    SCRIPT
        .replace("@ADDRESS@", endpoint.address)
        .replace("@TOKEN@", endpoint.token)
}

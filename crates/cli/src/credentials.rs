//! Where the login is kept: the server and the user in a file of mode 0600, the token in the keyring where there is one, else in that file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{env, process};

use serde::{Deserialize, Serialize};

use crate::address::Server;
use crate::api::Api;
use crate::error::Error;
use crate::keyring;

/// A login.
pub struct Kept {
    pub server: Server,
    pub token: String,
}

/// What the file says.
#[derive(Deserialize, Serialize)]
struct Login {
    server: Server,
    username: String,
    /// Absent: it is in the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// The server with the token of the environment, or of the login.
pub fn api() -> Result<Api, Error> {
    let set = |name| {
        let value = env::var(name).ok()?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    let kept = match (set("TT_SERVER"), set("TT_TOKEN")) {
        (Some(server), Some(token)) => Kept {
            server: Server::parse(&server)?,
            token,
        },
        (None, None) => kept()?,
        _ => {
            return Err(Error::Denied(
                "TT_SERVER and TT_TOKEN go together: set both.".into(),
            ));
        }
    };
    Ok(Api::new(kept.server).with_token(&kept.token))
}

/// The login.
pub fn kept() -> Result<Kept, Error> {
    let login = read()?;
    let token = match login.token {
        Some(token) => token,
        None => keyring::look_up(&login.server.url(""), &login.username)
            .map_err(Error::local("read the token from the keyring"))?,
    };
    Ok(Kept {
        server: login.server,
        token,
    })
}

/// Whether a login could be kept: asked before there is one.
pub fn check_place() -> Result<(), Error> {
    let path = path()?;
    let new = new(&path);
    let checked = create(&new).and_then(|_| fs::remove_file(&new));
    checked.map_err(Error::local(format!("write {}", path.display())))
}

/// Keeps a login, and says where its token is.
pub fn keep(
    server: &Server,
    username: &str,
    token: &str,
    in_keyring: bool,
) -> Result<String, Error> {
    let stored = in_keyring
        && keyring::may_be_there()
        && keyring::store(&server.url(""), username, token).is_ok();
    let login = Login {
        server: server.clone(),
        username: username.into(),
        token: (!stored).then(|| token.into()),
    };
    let path = path()?;
    if let Err(error) = write(&path, &login) {
        if stored {
            keyring::clear(&server.url(""), username).ok();
        }
        return Err(Error::Local(format!("write {}", path.display()), error));
    }
    Ok(if stored {
        "in the keyring".into()
    } else {
        format!("in {}, for you alone", path.display())
    })
}

/// Forgets it.
pub fn forget() -> Result<(), Error> {
    let login = read()?;
    if login.token.is_none() {
        // Revoked, it opens nothing any more.
        keyring::clear(&login.server.url(""), &login.username).ok();
    }
    let path = path()?;
    fs::remove_file(&path).map_err(Error::local(format!("delete {}", path.display())))
}

fn read() -> Result<Login, Error> {
    let path = path()?;
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::NotLoggedIn),
        read => read.map_err(Error::local(format!("read {}", path.display())))?,
    };
    serde_json::from_slice(&text)
        .map_err(|_| Error::Denied(format!("{} is damaged: log in again.", path.display())))
}

/// Complete or not at all, and readable for nobody else at any moment.
fn write(path: &Path, login: &Login) -> io::Result<()> {
    let new = new(path);
    let written = create(&new).and_then(|mut file| {
        file.write_all(&serde_json::to_vec_pretty(login)?)?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    if written.is_err() {
        fs::remove_file(&new).ok();
    }
    written
}

/// Where a login is written before it takes the place of the one before.
fn new(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.new", process::id()))
}

/// An empty file for its owner alone, and the folders above it.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn path() -> Result<PathBuf, Error> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("TT_CONFIG")
        .or_else(|| Some(set("XDG_CONFIG_HOME")?.join("tintype")))
        .or_else(|| Some(set("HOME")?.join(".config/tintype")));
    let folder = folder.ok_or_else(|| {
        Error::Denied("There is no HOME to keep a login in: set TT_CONFIG.".into())
    })?;
    Ok(folder.join("tt.json"))
}

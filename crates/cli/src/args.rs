//! What can be asked of `tt`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::format::Format;

const STATUSES: &str = "\
Exit status:
  0  everything was done
  1  something was refused: a file that is no picture, a folder without any, an image that is not there, a wrong password
  2  the command line can't be read
  3  you are not logged in, or the token does not work any more
  4  the server can't be reached, or fails
  5  something on this machine can't be read, written or started

Environment:
  TT_SERVER, TT_TOKEN  a server and an API token, in place of a login: for CI
  TT_CONFIG            the folder of the login, in place of ~/.config/tintype
  BROWSER              what `tt open` starts";

/// Send pictures to a Tintype server and get their links.
#[derive(Parser)]
#[command(name = "tt", version = tintype_version::VERSION, after_help = STATUSES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// A command.
#[derive(Subcommand)]
pub enum Command {
    /// Log in: makes an API token for this machine, and keeps it where only you can read it.
    Login(Login),
    /// Revoke this machine's token and forget it.
    Logout,
    /// Upload pictures, and print one link a line.
    ///
    /// Each picture is cleaned on this machine before anything of it is sent: place, owner, serial numbers and the like. What you have on the
    /// server already is not sent again, so an upload that was cut off goes on where it was when it is started again.
    Upload(Upload),
    /// List images, the newest first.
    List(List),
    /// Move images to the trash, where they can be restored for some days.
    Delete {
        /// Ids, links, or the names in links.
        #[arg(required = true)]
        images: Vec<String>,
    },
    /// Open an image in the browser, or the gallery.
    Open {
        /// Its id, its link, or the name in its link.
        image: Option<String>,
    },
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the man page.
    Man,
}

/// Where to log in.
#[derive(Args)]
pub struct Login {
    /// The address of the server, such as `https://img.example.com`. `http` only to this machine.
    pub server: String,
    /// The username or e-mail address; asked for when left out.
    #[arg(long, short)]
    pub user: Option<String>,
    /// What the token is called in the settings; after this machine when left out.
    #[arg(long)]
    pub name: Option<String>,
    /// Keep the token in a file of mode 0600, even where the desktop has a keyring.
    #[arg(long)]
    pub no_keyring: bool,
}

/// What to upload.
#[derive(Args)]
pub struct Upload {
    /// Files; folders, for the pictures in them at any depth; `-` for standard input.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// What is printed of each picture.
    #[arg(long, short, value_enum, default_value_t)]
    pub format: Format,
    /// Only you can see them; their links work for 5 minutes. One that is on the server and visible is hidden: its old link no longer works.
    /// Without this, one that is there and private stays so.
    #[arg(long, short)]
    pub private: bool,
    /// Put them into an album of yours, by the name in its link or by its title, behind what is in it. Without such an album, one with this
    /// title is made. Its link is printed at the end.
    #[arg(long, short, value_name = "NAME")]
    pub album: Option<String>,
    /// The name of what comes on standard input.
    #[arg(long, default_value = "image")]
    pub name: String,
    /// Say nothing of what is removed, and show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What to list.
#[derive(Args)]
pub struct List {
    /// Words that all occur in the title or in the file's name.
    #[arg(long, short = 's')]
    pub search: Option<String>,
    /// At most so many.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub limit: usize,
    /// What is printed of each image, in place of a table.
    #[arg(long, short, value_enum)]
    pub format: Option<Format>,
}

//! `tt delete`.

use crate::error::Error;
use crate::terminal::tell;
use crate::{chosen, credentials};

/// Moves images to the trash, each on its own.
pub fn run(images: &[String]) -> Result<(), Error> {
    let api = credentials::api()?;
    let (mut done, mut status) = (0, 0);
    for text in images {
        let deleted =
            chosen::image(&api, text).and_then(|image| api.delete(image.id).map(|()| image));
        match deleted {
            Ok(image) => {
                done += 1;
                let name = image.title.unwrap_or(image.filename);
                tell(&format!("{name}: in the trash"));
            }
            Err(error) if images.len() == 1 => return Err(error),
            Err(error) => {
                status = status.max(error.status());
                tell(&format!("{text}: {error}"));
            }
        }
    }
    if done == images.len() {
        Ok(())
    } else {
        Err(Error::Some {
            done,
            all: images.len(),
            status,
        })
    }
}

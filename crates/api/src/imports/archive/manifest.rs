//! The manifest of an archive, read piece by piece: no more of it is held than one picture, or one album.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tintype_dto::{EXPORT_FORMAT, EXPORT_VERSION, ExportedAlbum, ExportedImage};

use super::bounded::Bounded;
use super::pack::PackError;
use crate::escaped::escaped;

/// The most that a picture or an album takes, bytes: an album of ten thousand pictures has ten times less.
const MOST_PIECE: u64 = 4 * 1024 * 1024;
/// How much is read at once, bytes.
const PIECE: usize = 64 * 1024;

/// A part of a manifest.
pub enum Piece {
    Image(Box<ExportedImage>),
    Album(Box<ExportedAlbum>),
}

impl Piece {
    pub fn image(self) -> Option<ExportedImage> {
        match self {
            Self::Image(image) => Some(*image),
            Self::Album(_) => None,
        }
    }

    pub fn album(self) -> Option<ExportedAlbum> {
        match self {
            Self::Image(_) => None,
            Self::Album(album) => Some(*album),
        }
    }
}

/// A manifest that has been checked.
pub struct Manifest {
    file: File,
    /// How many pictures it names.
    pub images: u64,
}

impl Manifest {
    /// One that [`check`] has found to name so many pictures.
    pub fn new(file: File, images: u64) -> Self {
        Self { file, images }
    }

    /// Hands its parts over, one after the other, for as long as they are taken.
    ///
    /// # Errors
    /// They were not all taken, or the copy can't be read.
    pub fn read(&self, each: impl FnMut(Piece) -> bool) -> Result<(), PackError> {
        let mut file = &self.file;
        file.rewind().map_err(PackError::Spool)?;
        read(file, each)
    }
}

/// Reads all of a manifest, and says how many pictures it names.
///
/// # Errors
/// See [`PackError`].
pub fn check(from: impl Read) -> Result<u64, PackError> {
    let mut images = 0;
    read(from, |piece| {
        images += u64::from(matches!(piece, Piece::Image(_)));
        true
    })?;
    Ok(images)
}

fn read(from: impl Read, each: impl FnMut(Piece) -> bool) -> Result<(), PackError> {
    let left = Arc::new(AtomicU64::new(MOST_PIECE));
    let text = Bounded::new(from, left.clone());
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(PIECE, text));
    let mut reading = Reading {
        each,
        left,
        other: None,
    };
    let read = json.deserialize_map(&mut reading).and_then(|()| json.end());
    match reading.other {
        Some(other) => Err(other),
        // It has words of the manifest, which is anybody's.
        None => read.map_err(|error| PackError::Manifest(Error::custom(escaped(error)))),
    }
}

/// What is done with the parts of a manifest.
struct Reading<F> {
    each: F,
    /// What may be read until the next part.
    left: Arc<AtomicU64>,
    /// What it is instead of a manifest that can be read.
    other: Option<PackError>,
}

impl<F: FnMut(Piece) -> bool> Reading<F> {
    fn take<E: Error>(&mut self, piece: Piece) -> Result<(), E> {
        self.left.store(MOST_PIECE, Ordering::Relaxed);
        if (self.each)(piece) {
            Ok(())
        } else {
            Err(E::custom("nobody reads on"))
        }
    }

    fn is_other<E: Error>(&mut self, other: PackError) -> E {
        let error = E::custom(&other);
        self.other = Some(other);
        error
    }
}

impl<'de, F: FnMut(Piece) -> bool> Visitor<'de> for &mut Reading<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the manifest of an export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut missing = vec!["format", "version", "images", "albums"];
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "format" => {
                    let format: String = map.next_value()?;
                    if format != EXPORT_FORMAT {
                        return Err(self.is_other(PackError::Foreign(format)));
                    }
                }
                "version" => {
                    let version = map.next_value()?;
                    if version > EXPORT_VERSION {
                        return Err(self.is_other(PackError::Newer(version)));
                    }
                }
                "images" => map.next_value_seed(Each(&mut *self, Piece::Image))?,
                "albums" => map.next_value_seed(Each(&mut *self, Piece::Album))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            missing.retain(|name| *name != key);
        }
        missing
            .first()
            .map_or(Ok(()), |name| Err(Error::missing_field(name)))
    }
}

/// A list of which each item is a part of this kind.
struct Each<'a, F, T>(&'a mut Reading<F>, fn(Box<T>) -> Piece);

impl<'de, F: FnMut(Piece) -> bool, T: Deserialize<'de>> DeserializeSeed<'de> for Each<'_, F, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Piece) -> bool, T: Deserialize<'de>> Visitor<'de> for Each<'_, F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self(reading, kind) = self;
        while let Some(item) = list.next_element()? {
            reading.take(kind(item))?;
        }
        Ok(())
    }
}

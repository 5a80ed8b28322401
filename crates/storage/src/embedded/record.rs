//! The metadata of an object.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"TINTYPE1";
/// Length of the JSON (4 bytes, little-endian), the first 8 bytes of its SHA-256, the magic.
const FOOTER: usize = 4 + 8 + 8;
const LARGEST_JSON: usize = 64 * 1024;

/// The metadata of an object. It follows the object's bytes in the same file, so that the two can't be separated, and a viewer still opens
/// the file as a plain picture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Record {
    pub bucket: String,
    pub key: String,
    pub content_type: String,
    pub size: u64,
    /// Of the bytes; hex in the file.
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

impl Record {
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(self)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let check = Sha256::digest(&bytes);
        bytes.extend(length.to_le_bytes());
        bytes.extend(&check[..8]);
        bytes.extend(MAGIC);
        to.write_all(&bytes)
    }

    /// Reads the record at the end of `file`, without moving its cursor.
    ///
    /// # Errors
    /// `InvalidData` if the file was not written by [`Record::write`], or was cut or changed.
    pub fn read(file: &File) -> io::Result<Self> {
        let damaged =
            || io::Error::new(io::ErrorKind::InvalidData, "an object's record is damaged");
        let end = file.metadata()?.len();
        let mut footer = [0; FOOTER];
        let footer_at = end.checked_sub(FOOTER as u64).ok_or_else(damaged)?;
        file.read_exact_at(&mut footer, footer_at)?;
        let [l0, l1, l2, l3, ref rest @ ..] = footer;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let (check, magic) = rest.split_at(8);
        let json_at = footer_at.checked_sub(length.into()).ok_or_else(damaged)?;
        if magic != MAGIC || length as usize > LARGEST_JSON {
            return Err(damaged());
        }
        let mut json = vec![0; length as usize];
        file.read_exact_at(&mut json, json_at)?;
        if Sha256::digest(&json)[..8] != *check {
            return Err(damaged());
        }
        let record: Self = serde_json::from_slice(&json)?;
        if record.size == json_at {
            Ok(record)
        } else {
            Err(damaged())
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            bucket: "pictures".into(),
            key: "a/\"é".into(),
            content_type: "image/png".into(),
            size: 5,
            sha256: [0; 32],
        }
    }

    fn written() -> Vec<u8> {
        let mut bytes = b"bytes".to_vec();
        record().write(&mut bytes).unwrap();
        bytes
    }

    fn read(bytes: &[u8]) -> io::Result<Record> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Record::read(&file)
    }

    #[test]
    fn a_record_comes_back_from_behind_the_bytes() {
        assert_eq!(read(&written()).unwrap(), record());
    }

    #[test]
    fn a_cut_or_changed_record_is_an_error() {
        let whole = written();
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "cut to {length}");
        }
        for at in b"bytes".len()..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_err(), "flipped at {at}");
        }
    }
}

//! Encryption of a backup's files: each is a file of [age](https://age-encryption.org/v1), which its programs open, too.
//!
//! `key.age` opens with the operator's passphrase, and holds the passphrase of every other file: 256 random bits. So scrypt makes guesses at
//! the one passphrase expensive that can be guessed, once a run, and costs nothing for the others. This writes and reads the part of the
//! format that needs: one `scrypt` stanza, and the payload.

mod header;
mod payload;

use std::fmt;

use bytes::BytesMut;
use futures::{StreamExt, stream};
use rand::RngExt;

use self::header::FileKey;
pub use self::payload::Sealer;
use self::payload::{CHUNK, Opener, SALT, TAG};
use super::BackupError;
use super::archive::Pieces;
use crate::secret::Secret;

/// scrypt's cost for what a person has thought of: 32 MiB and about a tenth of a second.
const COST: u8 = 15;
/// The highest that is worked off.
const MOST_COST: u8 = 20;
/// The same for what is random.
const NO_COST: u8 = 1;
/// What stands before the payload of a file that is encrypted at no cost, bytes.
const BEFORE: usize = 149 + SALT;

/// What every file of a backup but `key.age` is encrypted with.
#[derive(Clone)]
pub struct Key(Secret);

/// Why a file can't be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// The passphrase is another one.
    Passphrase,
    /// It is damaged, or no such file.
    Damaged,
}

/// Whether a file begins as every encrypted one does.
pub fn is_sealed(file: &[u8]) -> bool {
    file.starts_with(header::VERSION.as_bytes())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one.
    pub fn random() -> Self {
        Self(Secret::from(hex::encode(rand::rng().random::<[u8; 32]>())))
    }

    /// Begins a file: what encrypts it, and what stands first in it.
    pub fn seal(&self) -> Option<(Sealer, Vec<u8>)> {
        begin(&self.0, NO_COST)
    }

    /// The contents of `key.age`, which opens with this passphrase.
    pub fn locked(&self, passphrase: &Secret) -> Option<Vec<u8>> {
        let (mut sealer, mut file) = begin(passphrase, COST)?;
        file.extend(sealer.seal(format!("{}\n", self.0.expose()).as_bytes()));
        file.extend(sealer.end());
        Some(file)
    }

    /// The key in a file that [`Self::locked`] has made.
    pub fn unlocked(file: &[u8], passphrase: &Secret) -> Result<Self, Unopened> {
        let (mut opener, length) = open(file, passphrase, MOST_COST)?;
        let text = opener.open(file[length..].to_vec(), true);
        let text = text.and_then(|text| String::from_utf8(text).ok());
        let key = text.ok_or(Unopened::Damaged)?.trim_end().to_owned();
        Ok(Self(Secret::from(key)))
    }

    /// What these files hold. `path` is for errors.
    pub fn open(&self, pieces: Pieces, path: String) -> Pieces {
        let opening = Opening {
            key: self.clone(),
            pieces,
            path,
            rest: BytesMut::new(),
            opener: None,
            is_over: false,
        };
        stream::try_unfold(opening, async |mut opening| {
            let chunk = opening.chunk().await?;
            Ok(chunk.map(|chunk| (chunk.into(), opening)))
        })
        .boxed()
    }
}

/// How much a file of this size holds, bytes.
pub fn opened_size(sealed: u64) -> Option<u64> {
    let payload = sealed.checked_sub(BEFORE as u64)?;
    let chunks = payload.div_ceil((CHUNK + TAG) as u64);
    payload.checked_sub(chunks * TAG as u64)
}

fn begin(passphrase: &Secret, cost: u8) -> Option<(Sealer, Vec<u8>)> {
    let (key, header) = FileKey::hidden(passphrase.expose().as_bytes(), cost)?;
    let salt: [u8; SALT] = rand::rng().random();
    let sealer = Sealer::new(&key, &salt)?;
    Some((sealer, [header.as_bytes(), &salt].concat()))
}

/// What opens the payload, and where that begins.
fn open(file: &[u8], passphrase: &Secret, most: u8) -> Result<(Opener, usize), Unopened> {
    let (key, length) = FileKey::found(file, passphrase.expose().as_bytes(), most)?;
    let salt = file.get(length..length + SALT).ok_or(Unopened::Damaged)?;
    let opener = Opener::new(&key, salt).ok_or(Unopened::Damaged)?;
    Ok((opener, length + SALT))
}

/// A file that is being opened.
struct Opening {
    key: Key,
    pieces: Pieces,
    path: String,
    rest: BytesMut,
    opener: Option<Opener>,
    is_over: bool,
}

impl Opening {
    /// The next chunk, decrypted.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        if self.is_over {
            return Ok(None);
        }
        if self.opener.is_none() {
            self.fill(BEFORE).await?;
            let (opener, length) =
                open(&self.rest, &self.key.0, NO_COST).map_err(|_| self.damaged())?;
            self.opener = Some(opener);
            drop(self.rest.split_to(length));
        }
        // One byte more shows that it is not the last.
        self.fill(CHUNK + TAG + 1).await?;
        self.is_over = self.rest.len() <= CHUNK + TAG;
        let length = self.rest.len().min(CHUNK + TAG);
        let chunk = self.rest.split_to(length).to_vec();
        let is_over = self.is_over;
        let contents = self
            .opener
            .as_mut()
            .and_then(|opener| opener.open(chunk, is_over));
        contents.map(Some).ok_or_else(|| self.damaged())
    }

    /// Reads so much, or to the end.
    async fn fill(&mut self, bytes: usize) -> Result<(), BackupError> {
        while self.rest.len() < bytes {
            match self.pieces.next().await.transpose()? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => break,
            }
        }
        Ok(())
    }

    fn damaged(&self) -> BackupError {
        BackupError::Damaged(format!("{} can't be decrypted", self.path))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use futures::TryStreamExt;

    use super::*;

    fn sealed(key: &Key, contents: &[u8], piece: usize) -> Vec<u8> {
        let (mut sealer, mut file) = key.seal().unwrap();
        for piece in contents.chunks(piece) {
            file.extend(sealer.seal(piece));
        }
        file.extend(sealer.end());
        file
    }

    async fn opened(key: &Key, file: &[u8], piece: usize) -> Result<Vec<u8>, BackupError> {
        let pieces: Vec<_> = file
            .chunks(piece)
            .map(|piece| Ok(bytes::Bytes::copy_from_slice(piece)))
            .collect();
        let pieces = stream::iter(pieces).boxed();
        let opened: Vec<_> = key.open(pieces, "a".into()).try_collect().await?;
        Ok(opened.concat())
    }

    #[tokio::test]
    async fn what_is_encrypted_comes_back_and_its_size_is_known_before() {
        let key = Key::random();
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let contents: Vec<_> = (0..size).map(|byte| byte.to_le_bytes()[0]).collect();
            let file = sealed(&key, &contents, 1000);
            assert_eq!(opened_size(file.len() as u64), Some(size as u64), "{size}");
            assert_eq!(opened(&key, &file, 4099).await.unwrap(), contents);
            assert!(opened(&Key::random(), &file, 4099).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_byte_swapped_and_an_end_cut_off_are_noticed_wherever_they_are() {
        let key = Key::random();
        let file = sealed(&key, &vec![7; 2 * CHUNK], 9000);
        let chunk = CHUNK + TAG;
        for place in [0, 30, 60, 120, 150, 166, BEFORE + chunk, file.len() - 1] {
            let mut other = file.clone();
            other[place] ^= 1;
            assert!(opened(&key, &other, 5000).await.is_err(), "{place}");
        }
        for length in [0, 100, BEFORE, BEFORE + 3, BEFORE + chunk, file.len() - 1] {
            let cut = &file[..length];
            assert!(opened(&key, cut, 5000).await.is_err(), "{length}");
        }
    }

    /// By the crate `age` 0.11.5, with a cost of 2 and the passphrase below: what the operator may do with `key.age`, too.
    const OF_AGE: &str = "\
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCB6R1Nscm1yRVl0Ny9qYnQxSlViUnhRIDIKS2twWkV6eDBLcXI2ZXQ4WmtQ\
        QkwzL1hrMUc0cjlJMVRiMVRjOU93QnRpOAotLS0gN25MZ2FjdGduUS9EVDBZYWozR2lkcnYyVlVKR2cyRDJZY3JJQjNaN3NHZwpE\
        dUaNgDny34ssIHT3+OE16pttbjjvCH5/snGI+tkCCPgWqXpZeMoZKtSNAPd59mv8G1aSd/RKZFge+SXoY+DZQ/aPEWAnS4JnJYsZ\
        lpxBuy6gaqI51M2OsQpAUIgXlerA";

    #[test]
    fn a_key_that_the_programs_of_age_have_locked_opens() {
        let file = BASE64_STANDARD.decode(OF_AGE).unwrap();
        let passphrase = Secret::from("correct horse battery".to_owned());
        let key = Key::unlocked(&file, &passphrase).unwrap();
        assert_eq!(key.0.expose(), format!("{:064}", 7));
    }

    #[test]
    fn a_key_opens_with_its_passphrase_alone() {
        let (key, secret) = (Key::random(), Secret::from("correct horse".to_owned()));
        let file = key.locked(&secret).unwrap();
        let unlocked = Key::unlocked(&file, &secret).map(|key| key.0);
        assert!(unlocked == Ok(key.0));
        let other = Secret::from("correct house".to_owned());
        let refused = |file: &[u8], secret| Key::unlocked(file, secret).err();
        assert_eq!(refused(&file, &other), Some(Unopened::Passphrase));
        assert_eq!(refused(&file[..90], &secret), Some(Unopened::Damaged));
    }
}

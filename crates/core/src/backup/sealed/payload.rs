//! The payload of a file of age: chunks of 64 KiB, each encrypted with its number, the last of them marked.

use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::header::{FileKey, cipher};

/// What a chunk holds, bytes.
pub const CHUNK: usize = 64 * 1024;
/// What is added to each.
pub const TAG: usize = 16;
/// What stands before the first.
pub const SALT: usize = 16;

/// The key of a payload, and how many chunks there were.
struct Chunks {
    key: LessSafeKey,
    count: u64,
}

impl Chunks {
    fn new(key: &FileKey, salt: &[u8]) -> Option<Self> {
        let key = cipher(&key.derive(salt, b"payload"))?;
        Some(Self { key, count: 0 })
    }

    fn next(&mut self, is_last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[3..11].copy_from_slice(&self.count.to_be_bytes());
        nonce[11] = u8::from(is_last);
        self.count += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Encrypts.
pub struct Sealer {
    chunks: Chunks,
    waiting: Vec<u8>,
}

impl Sealer {
    /// Behind this header and this salt.
    pub fn new(key: &FileKey, salt: &[u8]) -> Option<Self> {
        let chunks = Chunks::new(key, salt)?;
        let waiting = Vec::with_capacity(CHUNK + TAG);
        Some(Self { chunks, waiting })
    }

    /// What can be written by now. A chunk waits until something follows: it may be the last.
    pub fn seal(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        while self.waiting.len() + bytes.len() > CHUNK {
            let (now, later) = bytes.split_at(CHUNK - self.waiting.len());
            self.waiting.extend_from_slice(now);
            bytes = later;
            sealed.append(&mut self.chunk(false));
        }
        self.waiting.extend_from_slice(bytes);
        sealed
    }

    /// What is left.
    pub fn end(mut self) -> Vec<u8> {
        self.chunk(true)
    }

    fn chunk(&mut self, is_last: bool) -> Vec<u8> {
        let mut chunk = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK + TAG));
        let nonce = self.chunks.next(is_last);
        let sealed = self
            .chunks
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut chunk);
        if sealed.is_err() {
            unreachable!("a chunk is not too long for the cipher")
        }
        chunk
    }
}

/// Decrypts.
pub struct Opener(Chunks);

impl Opener {
    /// Behind this header and this salt.
    pub fn new(key: &FileKey, salt: &[u8]) -> Option<Self> {
        Chunks::new(key, salt).map(Self)
    }

    /// What a chunk holds. `None`: it is damaged, or not the next, or not where the end is.
    pub fn open(&mut self, mut chunk: Vec<u8>, is_last: bool) -> Option<Vec<u8>> {
        let is_first = self.0.count == 0;
        let nonce = self.0.next(is_last);
        let opened = self.0.key.open_in_place(nonce, Aad::empty(), &mut chunk);
        let length = opened.ok()?.len();
        chunk.truncate(length);
        // Only a file without contents ends with an empty chunk.
        (length > 0 || is_first).then_some(chunk)
    }
}

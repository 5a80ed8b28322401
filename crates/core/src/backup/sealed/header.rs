//! The header of a file of age: one stanza, from which a passphrase gets the file's key.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use scrypt::Params;
use sha2::Sha256;

use super::Unopened;

pub const VERSION: &str = "age-encryption.org/v1\n";
const STANZA: &str = "-> scrypt ";
const END: &str = "---";
const LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const SALT: usize = 16;
/// Longer headers are of other kinds.
const LONGEST: usize = 1024;

/// The key of one file.
pub struct FileKey([u8; 16]);

impl FileKey {
    /// The key for what this stands for.
    pub fn derive(&self, salt: &[u8], label: &[u8]) -> [u8; 32] {
        hkdf(&self.0, salt, label)
    }

    /// A new one, with a header from which the passphrase gets it. `cost` is the logarithm of scrypt's N.
    pub fn hidden(passphrase: &[u8], cost: u8) -> Option<(Self, String)> {
        let key = Self(rand::rng().random());
        let salt: [u8; SALT] = rand::rng().random();
        let wrap = cipher(&stretched(passphrase, &salt, cost)?)?;
        let mut body = key.0.to_vec();
        wrap.seal_in_place_append_tag(nothing(), Aad::empty(), &mut body)
            .ok()?;
        let text = |bytes: &[u8]| BASE64_STANDARD_NO_PAD.encode(bytes);
        let (salt, body) = (text(&salt), text(&body));
        let signed = format!("{VERSION}{STANZA}{salt} {cost}\n{body}\n{END}");
        let mac = text(&mac(&key, &signed));
        Some((key, format!("{signed} {mac}\n")))
    }

    /// The key in the header that a file begins with, and how long that is.
    pub fn found(file: &[u8], passphrase: &[u8], most_cost: u8) -> Result<(Self, usize), Unopened> {
        let header = Header::read(file).ok_or(Unopened::Damaged)?;
        if !(1..=most_cost).contains(&header.cost) {
            return Err(Unopened::Damaged);
        }
        let stretched = stretched(passphrase, &header.salt, header.cost);
        let wrap = stretched.and_then(|key| cipher(&key));
        let wrap = wrap.ok_or(Unopened::Damaged)?;
        let mut body = header.body;
        let key = wrap
            .open_in_place(nothing(), Aad::empty(), &mut body)
            .map_err(|_| Unopened::Passphrase)?;
        let key = Self((&*key).try_into().map_err(|_| Unopened::Damaged)?);
        keyed(&key.derive(&[], b"header"))
            .chain_update(header.signed)
            .verify_slice(&header.mac)
            .map_err(|_| Unopened::Damaged)?;
        Ok((key, header.length))
    }
}

/// What stands in a header.
struct Header<'a> {
    salt: Vec<u8>,
    cost: u8,
    body: Vec<u8>,
    signed: &'a str,
    mac: Vec<u8>,
    length: usize,
}

impl<'a> Header<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let file = &file[..file.len().min(LONGEST)];
        // The payload behind it is no text.
        let text = file.utf8_chunks().next()?.valid();
        let (stanza, rest) = text
            .strip_prefix(VERSION)?
            .strip_prefix(STANZA)?
            .split_once('\n')?;
        let (salt, cost) = stanza.split_once(' ')?;
        let (body, rest) = rest.split_once('\n')?;
        let (mac, _) = rest
            .strip_prefix(END)?
            .strip_prefix(' ')?
            .split_once('\n')?;
        let bytes = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).ok();
        let signed = VERSION.len() + STANZA.len() + stanza.len() + 1 + body.len() + 1 + END.len();
        Some(Self {
            salt: bytes(salt).filter(|salt| salt.len() == SALT)?,
            cost: cost.parse().ok()?,
            body: bytes(body)?,
            signed: &text[..signed],
            mac: bytes(mac)?,
            length: signed + 1 + mac.len() + 1,
        })
    }
}

fn stretched(passphrase: &[u8], salt: &[u8], cost: u8) -> Option<[u8; 32]> {
    let params = Params::new(cost, 8, 1).ok()?;
    let mut key = [0; 32];
    scrypt::scrypt(passphrase, &[LABEL, salt].concat(), &params, &mut key).ok()?;
    Some(key)
}

pub fn cipher(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key)
        .ok()
        .map(LessSafeKey::new)
}

/// For a key that is used once.
fn nothing() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn mac(key: &FileKey, header: &str) -> [u8; 32] {
    let mac = keyed(&key.derive(&[], b"header")).chain_update(header);
    mac.finalize().into_bytes().into()
}

/// HKDF with SHA-256, 32 bytes.
fn hkdf(key: &[u8], salt: &[u8], label: &[u8]) -> [u8; 32] {
    let secret = keyed(salt).chain_update(key).finalize().into_bytes();
    let bytes = keyed(&secret).chain_update(label).chain_update([1]);
    bytes.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let Ok(mac) = Hmac::new_from_slice(key) else {
        unreachable!("HMAC takes keys of every length")
    };
    mac
}

//! Unpacks small streams, and pixels that need a new checksum. It adds only a window to the walk; a library would make the page heavier,
//! and nobody waits for what is unpacked here.

use super::codes::Kind;
use super::{BlockKind, CHECKSUM, Fault, Walk, copied};

/// How far back a repetition reaches.
const WINDOW: usize = 32_768;
/// Blocks of a stream that is unpacked: each may stand for nothing.
const MOST_BLOCKS: u64 = 1 << 16;

/// Why nothing was unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It stands for more bytes than are wanted.
    TooMuch,
    /// It can't be unpacked.
    Broken,
}

impl From<Fault> for Refused {
    fn from(_: Fault) -> Self {
        Self::Broken
    }
}

/// What was unpacked so far, as far as repetitions reach, and its checksum.
struct Out<'a> {
    window: Vec<u8>,
    count: u64,
    most: u64,
    checksum: Adler,
    bytes: &'a mut dyn FnMut(u8),
}

impl Out<'_> {
    fn put(&mut self, byte: u8) -> Result<(), Refused> {
        if self.count == self.most {
            return Err(Refused::TooMuch);
        }
        let at = self.place(0);
        self.window[at] = byte;
        self.count += 1;
        self.checksum.add(byte);
        (self.bytes)(byte);
        Ok(())
    }

    /// Where the byte is that was put so long ago.
    fn place(&self, ago: u64) -> usize {
        usize::try_from(self.count.wrapping_sub(ago) % WINDOW as u64).unwrap_or_default()
    }
}

/// Adler-32, which ends a stream.
struct Adler(u32, u32);

impl Adler {
    const fn add(&mut self, byte: u8) {
        self.0 = (self.0 + byte as u32) % 65_521;
        self.1 = (self.1 + self.0) % 65_521;
    }

    const fn value(&self) -> u32 {
        self.1 << 16 | self.0
    }
}

/// Of these bytes.
pub fn adler(bytes: &[u8]) -> u32 {
    let mut checksum = Adler(1, 0);
    for byte in bytes {
        checksum.add(*byte);
    }
    checksum.value()
}

/// Unpacks a whole stream with a valid checksum, up to this many bytes.
pub fn unpack(stream: &[u8], most: usize) -> Result<Vec<u8>, Refused> {
    let mut out = Vec::new();
    let (checksum, end) = run(stream, most as u64, &mut |byte| out.push(byte))?;
    let said = stream
        .get(end..end + CHECKSUM)
        .and_then(<[u8]>::first_chunk);
    if said.is_some_and(|said| u32::from_be_bytes(*said) == checksum) {
        Ok(out)
    } else {
        Err(Refused::Broken)
    }
}

/// The checksum of a stream that lacks it.
pub fn checksum(stream: &[u8]) -> Option<u32> {
    run(stream, u64::MAX, &mut |_| ())
        .ok()
        .map(|(checksum, _)| checksum)
}

/// The checksum of the unpacked bytes, and where the last block ends.
fn run(stream: &[u8], most: u64, bytes: &mut dyn FnMut(u8)) -> Result<(u32, usize), Refused> {
    let mut walk = Walk::new(
        std::iter::once(stream),
        most,
        if most == u64::MAX { most } else { MOST_BLOCKS },
    );
    let mut out = Out {
        window: vec![0; WINDOW],
        count: 0,
        most,
        checksum: Adler(1, 0),
        bytes,
    };
    walk.stream_header()?;
    loop {
        let block = walk.begin()?;
        match block.kind {
            BlockKind::Stored => {
                for _ in 0..walk.stored_length()?.0 {
                    out.put(
                        u8::try_from(walk.bits.take(8).map_err(Fault::from)?).unwrap_or_default(),
                    )?;
                }
            }
            BlockKind::Fixed | BlockKind::Dynamic => coded(&mut walk, &mut out)?,
        }
        if block.is_last {
            walk.bits.align();
            return Ok((out.checksum.value(), walk.bits.byte()));
        }
    }
}

fn coded<'a, I: Iterator<Item = &'a [u8]> + Clone>(
    walk: &mut Walk<'a, I>,
    out: &mut Out<'_>,
) -> Result<(), Refused> {
    loop {
        walk.bits.load();
        let entry = walk.lengths.look(walk.bits.peek());
        if entry.is_literal() {
            walk.bits.skip(entry.bits()).map_err(Fault::from)?;
            out.put(entry.byte())?;
        } else if entry.kind() == Kind::End {
            walk.bits.skip(entry.bits()).map_err(Fault::from)?;
            return Ok(());
        } else {
            let (length, reach) = copied(&mut walk.bits, entry, &walk.distances, out.count)?;
            for _ in 0..length {
                out.put(out.window[out.place(reach)])?;
            }
        }
    }
}

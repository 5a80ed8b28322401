//! Bits out of pieces, the lowest of each byte first.

/// The data end too early.
pub struct Ended;

#[derive(Clone)]
pub struct Bits<'a, I> {
    pieces: I,
    /// The piece that is read, and how far.
    piece: &'a [u8],
    at: usize,
    /// Bytes of the pieces before it.
    before: usize,
    /// What was loaded and not taken. Above `count` there may be bits of the bytes that come next.
    buffer: u64,
    count: u32,
}

impl<'a, I: Iterator<Item = &'a [u8]> + Clone> Bits<'a, I> {
    pub const fn new(pieces: I) -> Self {
        Self {
            pieces,
            piece: &[],
            at: 0,
            before: 0,
            buffer: 0,
            count: 0,
        }
    }

    /// Loads at least 56 bits, or all that there are.
    #[inline]
    pub fn load(&mut self) {
        if let Some(word) = self
            .piece
            .get(self.at..)
            .and_then(|rest| rest.first_chunk::<8>())
        {
            self.buffer |= u64::from_le_bytes(*word) << self.count;
            self.at += ((63 - self.count) / 8) as usize;
            self.count |= 0x38;
        } else {
            *self = self.clone().loaded_slowly();
        }
    }

    /// From a copy, so that the fields of the one that is used stay in registers.
    #[cold]
    #[inline(never)]
    fn loaded_slowly(mut self) -> Self {
        while self.count < 56 {
            if let Some(byte) = self.piece.get(self.at) {
                self.buffer |= u64::from(*byte) << self.count;
                self.at += 1;
                self.count += 8;
            } else if let Some(next) = self.pieces.next() {
                self.before += self.piece.len();
                (self.piece, self.at) = (next, 0);
            } else {
                break;
            }
        }
        self
    }

    /// What comes next; zeros, where nothing does.
    #[inline]
    pub const fn peek(&self) -> u64 {
        self.buffer
    }

    #[inline]
    pub const fn skip(&mut self, count: u32) -> Result<(), Ended> {
        if count > self.count {
            return Err(Ended);
        }
        self.buffer >>= count;
        self.count -= count;
        Ok(())
    }

    /// A number of at most 16 bits.
    #[inline]
    pub fn take(&mut self, count: u32) -> Result<u32, Ended> {
        if self.count < count {
            self.load();
        }
        self.take_loaded(count)
    }

    /// The same if this many are known to be loaded, unless the data end.
    #[inline]
    pub fn take_loaded(&mut self, count: u32) -> Result<u32, Ended> {
        let bits = self.buffer & ((1 << count) - 1);
        self.skip(count)?;
        Ok(u32::try_from(bits).unwrap_or_default())
    }

    /// To the next byte, unless it stands at one.
    pub const fn align(&mut self) {
        let partial = self.count % 8;
        self.buffer >>= partial;
        self.count -= partial;
    }

    /// Skips this many bytes, from a byte boundary on, and returns whether they are there.
    pub fn skip_bytes(&mut self, bytes: usize) -> Result<(), Ended> {
        let mut bytes = bytes;
        while bytes > 0 && self.count >= 8 {
            self.skip(8)?;
            bytes -= 1;
        }
        if bytes > 0 {
            // Nothing is loaded, so nothing of the bytes that come next is.
            self.buffer = 0;
        }
        while bytes > 0 {
            let here = self.piece.len().saturating_sub(self.at).min(bytes);
            self.at += here;
            bytes -= here;
            if bytes > 0 {
                let next = self.pieces.next().ok_or(Ended)?;
                self.before += self.piece.len();
                (self.piece, self.at) = (next, 0);
            }
        }
        Ok(())
    }

    /// How many bits were taken.
    pub const fn position(&self) -> u64 {
        (self.before + self.at) as u64 * 8 - self.count as u64
    }

    /// How many bytes were taken, after [`Self::align`].
    pub const fn byte(&self) -> usize {
        self.before + self.at - self.count as usize / 8
    }
}

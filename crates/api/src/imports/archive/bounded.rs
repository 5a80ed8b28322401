//! Something of which no more than so much is read until somebody allows more.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// See the module.
pub struct Bounded<R> {
    from: R,
    left: Arc<AtomicU64>,
}

impl<R> Bounded<R> {
    /// So many bytes are left, and are counted down.
    pub fn new(from: R, left: Arc<AtomicU64>) -> Self {
        Self { from, left }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::other("it is too large"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let most = most.min(into.len());
        let read = self.from.read(&mut into[..most])?;
        self.left.fetch_sub(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.from.seek(to)
    }
}

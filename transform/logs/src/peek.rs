//! A buffered reader that can look at more bytes than come at once.

use std::io::{self, BufRead, Read};

/// How much is read at a time, in bytes.
const BLOCK_BYTES: usize = 64 << 10;

/// As a [`io::BufReader`], with [`Peek::more`].
pub(crate) struct Peek<R> {
    input: R,
    bytes: Vec<u8>,
    /// What has not been consumed.
    start: usize,
    end: usize,
}

impl<R: Read> Peek<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, bytes: vec![0; BLOCK_BYTES], start: 0, end: 0 }
    }

    /// What has been read and not consumed.
    pub(crate) fn head(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Reads once more behind that, and says whether anything came. The head must
    /// be less than a block.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let read = uninterrupted(&mut self.input, &mut self.bytes[self.end..])?;
        self.end += read;
        Ok(read > 0)
    }
}

/// Reads once, whatever signals come meanwhile.
fn uninterrupted(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl<R: Read> BufRead for Peek<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.more()?;
        }
        Ok(self.head())
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
        debug_assert!(self.start <= self.end);
    }
}

impl<R: Read> Read for Peek<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= BLOCK_BYTES {
            // Whoever has room for more needs no copy.
            return uninterrupted(&mut self.input, out);
        }
        let head = self.fill_buf()?;
        let read = head.len().min(out.len());
        out[..read].copy_from_slice(&head[..read]);
        self.consume(read);
        Ok(read)
    }
}

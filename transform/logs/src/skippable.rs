//! A frame of zstd or lz4 that has no content.

use std::io::{self, BufRead, Read};

use crate::member::{Member, Source};

/// Passes over one frame.
pub(crate) struct Skippable(Source);

impl Skippable {
    pub(crate) fn new(source: Source) -> Self {
        Self(source)
    }

    /// Four bytes by which it is known, four that say its length, and so many.
    fn skip(&mut self) -> io::Result<()> {
        let mut header = [0; 8];
        self.0.read_exact(&mut header)?;
        let [_, _, _, _, a, b, c, d] = header;
        let mut left = u32::from_le_bytes([a, b, c, d]) as usize;
        while left > 0 {
            let skipped = self.0.fill_buf()?.len().min(left);
            if skipped == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.0.consume(skipped);
            left -= skipped;
        }
        Ok(())
    }
}

impl Read for Skippable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.skip().map(|()| 0)
    }
}

impl Member for Skippable {
    fn into_source(self: Box<Self>) -> Source {
        self.0
    }
}

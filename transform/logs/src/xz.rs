//! One stream of xz data.

use std::io::{self, BufRead, Read};

use lzma_rust2::{Action, Status, XzStream};

use crate::member::{Member, Source};

/// The most memory that unpacking may take, in KiB: `xz -9` asks for half of it.
/// zstd has the same limit.
const MAX_KIB: u32 = 128 << 10;

/// Unpacks one stream.
pub(crate) struct Xz {
    source: Source,
    stream: XzStream,
    ended: bool,
}

impl Xz {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, stream: XzStream::new_mem_limit(false, MAX_KIB), ended: false }
    }
}

impl Read for Xz {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !out.is_empty() {
            let input = self.source.fill_buf()?;
            let at_end = input.is_empty();
            let action = if at_end { Action::Finish } else { Action::Run };
            let done = self.stream.process(input, out, action)?;
            self.source.consume(done.bytes_consumed);
            self.ended = done.status == Status::StreamEnd;
            if done.bytes_produced > 0 {
                return Ok(done.bytes_produced);
            }
            if at_end && !self.ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}

impl Member for Xz {
    fn into_source(self: Box<Self>) -> Source {
        self.source
    }
}

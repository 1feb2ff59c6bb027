//! One frame of lz4 data.

use std::io::{self, Read};

use lz4_flex::frame::FrameDecoder;

use crate::member::{Member, Source};

/// Unpacks one frame.
pub(crate) struct Lz4 {
    frame: FrameDecoder<Watched>,
    /// Whether it ends with the data. Frames say where they end.
    ends_with_data: bool,
}

/// Sees whether somebody asked for bytes when there were no more: the decoder
/// takes a frame that breaks off between two blocks for one that ends there.
struct Watched {
    source: Source,
    ran_out: bool,
}

impl Lz4 {
    pub(crate) fn framed(source: Source) -> Self {
        let frame = FrameDecoder::new(Watched { source, ran_out: false });
        Self { frame, ends_with_data: false }
    }

    pub(crate) fn legacy(source: Source) -> Self {
        Self { ends_with_data: true, ..Self::framed(source) }
    }
}

impl Read for Lz4 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.frame.read(out)?;
        match read == 0 && !out.is_empty() && !self.ends_with_data && self.frame.get_ref().ran_out {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(read),
        }
    }
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(out)?;
        self.ran_out |= read == 0 && !out.is_empty();
        Ok(read)
    }
}

impl Member for Lz4 {
    fn into_source(self: Box<Self>) -> Source {
        self.frame.into_inner().source
    }
}

//! Messages decompressed, within the memory that there is.

use std::io::{self, Read};

use tonic::{Status, codegen::http::HeaderMap};

use super::budget::Share;

/// Decompressed at a time; between two others get their turn.
const STEP: usize = 256 << 10;

/// How far back Zstandard may refer: 8 MiB, as much as its specification asks of
/// every decoder. It takes that much memory for each message.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a message may be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// What the head of a request says.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get("grpc-encoding")?.as_bytes() {
            b"gzip" => Some(Self::Gzip),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    fn reader<'a>(self, packed: &'a [u8]) -> io::Result<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::GzDecoder::new(packed)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
        })
    }

    /// Decompresses a message. Each byte of it takes two of the budget, as it
    /// will when it is judged and sent: here the second is for what the decoder
    /// keeps.
    pub(super) async fn unpack(
        self,
        packed: &[u8],
        most: usize,
        share: &mut Share<'_>,
    ) -> Result<Vec<u8>, Status> {
        let mut reader = self.reader(packed).map_err(damaged)?;
        let mut message = Vec::new();
        loop {
            share.grow(2 * STEP).await;
            let step = reader.by_ref().take(STEP as u64).read_to_end(&mut message);
            let read = step.map_err(damaged)?;
            if message.len() > most {
                return Err(too_long(most));
            }
            if read < STEP {
                share.shrink(2 * (STEP - read));
                return Ok(message);
            }
            tokio::task::yield_now().await;
        }
    }
}

/// A message that is too long would be so again: the sender must not try for
/// ever.
pub(super) fn too_long(most: usize) -> Status {
    Status::out_of_range(format!("the message is longer than the limit of {most} bytes"))
}

/// It would be so again.
fn damaged(error: io::Error) -> Status {
    Status::invalid_argument(format!("the message cannot be decompressed: {error}"))
}

//! Messages decompressed, within the memory that there is.

use std::io::{self, Read};

use tonic::{Status, codegen::http::HeaderMap};

use super::budget::Share;

/// Decompressed at a time; between two others get their turn.
const STEP: usize = 256 << 10;

/// How far back Zstandard may refer, as a power of two: 8 MiB, as much as its
/// specification asks of every decoder.
const MOST_WINDOW_LOG: u32 = 23;

/// The least that it can be told.
const LEAST_WINDOW_LOG: u32 = 10;

/// What a decoder of Zstandard keeps besides what it may refer to: its tables, and
/// blocks on their way.
const ZSTD_DECODER: usize = 512 << 10;

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
                // No more than was taken of the budget for it.
                decoder.window_log_max(window_log(packed))?;
                Box::new(decoder)
            }
        })
    }

    /// What the decoder takes, however little it has decompressed; of Gzip it is
    /// nothing much.
    fn decoder_bytes(self, packed: &[u8]) -> usize {
        match self {
            Self::Gzip => 0,
            Self::Zstd => ZSTD_DECODER + (1 << window_log(packed)),
        }
    }

    /// Decompresses a message. Each byte of it takes two of the budget, as it will
    /// when it is judged and sent, and the decoder takes what it keeps: a few bytes
    /// can ask for mebibytes of it.
    pub(super) async fn unpack(
        self,
        packed: &[u8],
        most: usize,
        share: &mut Share<'_>,
    ) -> Result<Vec<u8>, Status> {
        let decoder = self.decoder_bytes(packed);
        share.grow(decoder + 2 * STEP).await;
        let mut reader = self.reader(packed).map_err(damaged)?;
        let mut message = Vec::new();
        loop {
            let step = reader.by_ref().take(STEP as u64).read_to_end(&mut message);
            let read = step.map_err(damaged)?;
            if message.len() > most {
                return Err(too_long(most));
            }
            if read < STEP {
                drop(reader);
                share.shrink(decoder + 2 * (STEP - read));
                return Ok(message);
            }
            tokio::task::yield_now().await;
            share.grow(2 * STEP).await;
        }
    }
}

/// How far back what Zstandard has packed refers, as the power of two at or above it.
/// The first frame says it; one that refers further is refused. Where there is no
/// frame, the decoder says what is wrong.
fn window_log(packed: &[u8]) -> u32 {
    let log = first_window(packed).map_or(0, |window| window.next_power_of_two().ilog2());
    log.clamp(LEAST_WINDOW_LOG, MOST_WINDOW_LOG)
}

/// How far back the first frame refers (RFC 8878, 3.1.1.1).
fn first_window(mut packed: &[u8]) -> Option<u64> {
    const FRAME: u32 = 0xFD2F_B528;
    const SKIPPED: u32 = 0x184D_2A50;
    loop {
        let (magic, rest) = packed.split_first_chunk()?;
        match u32::from_le_bytes(*magic) {
            FRAME => return window(rest),
            magic if magic & !0xF == SKIPPED => {
                let (size, rest) = rest.split_first_chunk()?;
                packed = rest.get(u32::from_le_bytes(*size) as usize..)?;
            }
            _ => return None,
        }
    }
}

/// The same, from the header of a frame. One that is a single segment refers to all
/// of itself.
fn window(header: &[u8]) -> Option<u64> {
    let (descriptor, rest) = header.split_first()?;
    if descriptor & 0x20 == 0 {
        let (exponent, mantissa) = (rest.first()? >> 3, rest.first()? & 7);
        let base = 1_u64 << (10 + exponent);
        return Some(base + base / 8 * u64::from(mantissa));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (width, least) = [(1, 0), (2, 256), (4, 0), (8, 0)][usize::from(descriptor >> 6)];
    let size = rest.get(dictionary..dictionary + width)?;
    let size = size.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
    Some(size.saturating_add(least))
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

#[cfg(test)]
mod tests {
    use std::{future::Future, io::Write, pin::pin, sync::Arc, task::Poll};

    use super::*;
    use crate::{net::Sender, serve::budget::Budget};

    const MOST: usize = 16 << 20;

    /// Packed as it comes, so that its length is not known at the head.
    fn packed(message: &[u8], window_log: u32) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(window_log).unwrap();
        encoder.write_all(message).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_head_of_a_frame_tells_what_its_decoder_keeps() {
        for log in [10, 17, 21, 23] {
            assert_eq!(window_log(&packed(b"x", log)), log);
        }
        for (length, log) in [(0, 10), (255, 10), (300, 10), (70_000, 17)] {
            assert_eq!(window_log(&zstd::bulk::compress(&vec![0; length], 1).unwrap()), log);
        }
        assert_eq!(window_log(&packed(b"x", 24)), MOST_WINDOW_LOG);
        let skipped = [&[0x5F, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &packed(b"x", 17)];
        assert_eq!(window_log(&skipped.concat()), 17);
        for cut in (0..6).map(|length| packed(b"x", 17)[..length].to_vec()) {
            assert_eq!(window_log(&cut), LEAST_WINDOW_LOG, "{cut:?}");
        }
    }

    #[tokio::test]
    async fn what_the_decoder_keeps_is_of_the_budget_before_it_is_there() {
        let message = vec![b'x'; 2 * STEP];
        let packed = packed(&message, MOST_WINDOW_LOG);
        let (budget, sender) = (Budget::new(1 << 30), Arc::new(Sender::new()));
        let mut share = Share::new(&budget, &sender);
        {
            let mut unpacking = pin!(Packing::Zstd.unpack(&packed, MOST, &mut share));
            let begun = std::future::poll_fn(|cx| Poll::Ready(unpacking.as_mut().poll(cx)));
            assert!(begun.await.is_pending(), "others have their turn");
            assert_eq!(sender.held() as usize, (8 << 20) + ZSTD_DECODER + 2 * STEP);
            assert_eq!(unpacking.await.unwrap(), message);
        }
        assert_eq!(sender.held() as usize, 2 * message.len());
    }

    #[tokio::test]
    async fn frames_one_behind_the_other_are_one_message_unless_a_later_one_takes_more() {
        let unpack = async |frames: [&[u8]; 2]| {
            let (budget, sender) = (Budget::new(1 << 30), Arc::new(Sender::new()));
            let mut share = Share::new(&budget, &sender);
            Packing::Zstd.unpack(&frames.concat(), MOST, &mut share).await
        };
        let [small, large] = [packed(b"a", 17), packed(b"b", 22)];
        assert_eq!(unpack([&large, &small]).await.unwrap(), b"ba");
        assert_eq!(unpack([&small, &small]).await.unwrap(), b"aa");
        let refused = unpack([&small, &large]).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    }
}

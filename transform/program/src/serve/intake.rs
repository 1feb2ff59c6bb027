//! A request's message read, within the memory and the time that there are.

use std::{future::poll_fn, pin::Pin, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use tokio::time::timeout;
use tonic::{
    Status,
    body::Body,
    codegen::{Body as _, http::HeaderMap},
};

use super::{
    budget::Share,
    unpack::{Packing, too_long},
};

/// How long the next bytes of a message may take while others wait for the memory
/// that it holds.
const STALL: Duration = Duration::from_secs(10);

/// What stands before a message: whether it is compressed, and its length.
const HEAD_BYTES: usize = 5;

/// The bounds of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intake {
    /// Its length, decompressed.
    pub(super) message_bytes: usize,
    /// How long it may take to come, waiting for memory included.
    pub(super) time: Duration,
}

impl Intake {
    /// Reads the one message of a request. Its share of the budget is twice its
    /// length then: once as it came and once as it is sent on.
    pub(super) async fn receive(
        self,
        headers: &HeaderMap,
        body: Body,
        share: &mut Share<'_>,
    ) -> Result<Bytes, Status> {
        let mut incoming = Incoming { body, bytes: BytesMut::new() };
        let reading = self.read(Packing::of(headers), &mut incoming, share);
        let read = timeout(self.time, reading).await;
        let waited = self.time;
        read.unwrap_or_else(|_| {
            Err(match share.waits() {
                true => Status::resource_exhausted(format!(
                    "there was no memory for the message within {waited:?}"
                )),
                false => Status::unavailable(format!("the message took longer than {waited:?}")),
            })
        })
    }

    async fn read(
        self,
        packing: Option<Packing>,
        incoming: &mut Incoming,
        share: &mut Share<'_>,
    ) -> Result<Bytes, Status> {
        let most = self.message_bytes;
        let (is_packed, length) = incoming.head().await?;
        if length > most {
            return Err(too_long(most));
        }
        let needed = if is_packed { length } else { 2 * length };
        share.reserve(needed).await.map_err(|_| {
            Status::resource_exhausted("too many requests wait for memory: try again later")
        })?;
        let message = incoming.message(length, share).await?;
        match (is_packed, packing) {
            (false, _) => Ok(message),
            (true, None) => {
                Err(Status::internal("the message is compressed, and the head says not how"))
            }
            (true, Some(packing)) => {
                let unpacked = packing.unpack(&message, most, share).await?;
                share.shrink(length);
                Ok(Bytes::from(unpacked))
            }
        }
    }
}

/// A body as it comes.
struct Incoming {
    body: Body,
    /// Read and not looked at.
    bytes: BytesMut,
}

impl Incoming {
    /// Whether the message is compressed, and its length on the wire.
    async fn head(&mut self) -> Result<(bool, usize), Status> {
        while self.bytes.len() < HEAD_BYTES {
            match self.frame().await? {
                Some(data) => self.bytes.extend_from_slice(&data),
                None if self.bytes.is_empty() => {
                    return Err(Status::invalid_argument("the request has no message"));
                }
                None => return Err(cut()),
            }
        }
        let is_packed = match self.bytes.get_u8() {
            0 => false,
            1 => true,
            other => return Err(Status::internal(format!("{other} is no flag of a message"))),
        };
        Ok((is_packed, self.bytes.get_u32() as usize))
    }

    /// The bytes of the message. Memory for all of it is asked for at once, but
    /// the system gives it page by page, as it is filled.
    async fn message(&mut self, length: usize, share: &Share<'_>) -> Result<Bytes, Status> {
        self.bytes.reserve(length.saturating_sub(self.bytes.len()));
        while self.bytes.len() < length {
            let data = self.soon(share).await?.ok_or_else(cut)?;
            let missing = length - self.bytes.len();
            self.bytes.extend_from_slice(&data[..data.len().min(missing)]);
        }
        // To the end: an answer before it would cut off who still sends it.
        while let Ok(Some(_)) = self.soon(share).await {}
        Ok(self.bytes.split_to(length).freeze())
    }

    /// The next bytes, for which others do not wait too long.
    async fn soon(&mut self, share: &Share<'_>) -> Result<Option<Bytes>, Status> {
        loop {
            match timeout(STALL, self.frame()).await {
                Ok(frame) => return frame,
                Err(_) if !share.is_wanted() => {}
                Err(_) => {
                    return Err(Status::unavailable(format!(
                        "nothing more of the message within {STALL:?}, and others wait"
                    )));
                }
            }
        }
    }

    /// The next bytes; none at the end.
    async fn frame(&mut self) -> Result<Option<Bytes>, Status> {
        loop {
            let next = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            match next.await.transpose()? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}

fn cut() -> Status {
    Status::internal("the request ended in the middle of its message")
}

//! What is kept back of JSON on its way: values whose name may come behind them.

use std::ops::Range;

use super::names::{REDACTED, Secrecy};

/// How much is kept back at most, in bytes. Where more comes before a name, the
/// value has gone already.
const MAX_BYTES: usize = 64 << 10;

/// How many bytes of values within values are read again, until they go as a whole.
const MAX_AGAIN: usize = 4 * MAX_BYTES;

/// What is kept back since the first value that is not settled.
#[derive(Default)]
pub(super) struct Held {
    values: Vec<Value>,
    /// As it came.
    read: Vec<u8>,
    /// As it is to leave so far.
    pub(super) written: Vec<u8>,
    /// How many bytes were read again.
    again: usize,
}

/// A value that is not settled.
struct Value {
    /// How many objects and arrays are open around it.
    depth: usize,
    read: Range<usize>,
    written: Range<usize>,
    /// How many backslashes stand before its first byte.
    slashes: usize,
    /// Whether it is over.
    ended: bool,
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.read.len() >= MAX_BYTES
    }

    /// A value begins, inside so many objects and arrays and with so many backslashes
    /// before it; not if it is known already.
    pub(super) fn begin(&mut self, depth: usize, slashes: usize) {
        if self.values.last().is_some_and(|last| last.depth == depth && !last.ended) {
            return;
        }
        let (read, written) = (self.read.len(), self.written.len());
        self.values.push(Value {
            depth,
            read: read..read,
            written: written..written,
            slashes,
            ended: false,
        });
    }

    /// The next byte comes.
    pub(super) fn read(&mut self, byte: u8) {
        self.read.push(byte);
    }

    /// What ends the value of that depth, if one is there, was the last byte.
    pub(super) fn end(&mut self, depth: usize) {
        let behind = |bytes: &Vec<u8>| bytes.len().saturating_sub(1);
        let (read, written) = (behind(&self.read), behind(&self.written));
        if let Some(last) = self.values.last_mut().filter(|last| last.depth == depth && !last.ended)
        {
            (last.read.end, last.written.end, last.ended) =
                (read.max(last.read.start), written.max(last.written.start), true);
        }
    }

    /// The values of at least that depth are settled: each is replaced by what is made
    /// of it as it came and what is before it, if it has a secret name beside it.
    pub(super) fn settle(
        &mut self,
        depth: usize,
        beside: impl Fn(usize) -> Secrecy,
        redact: impl Fn(&[u8], usize, Secrecy) -> Vec<u8>,
    ) {
        while let Some(value) = self.values.pop_if(|value| value.depth >= depth) {
            let secrecy = beside(value.depth);
            if secrecy == Secrecy::Open {
                continue;
            }
            let (read, written) = match value.ended {
                true => (value.read, value.written),
                false => {
                    (value.read.start..self.read.len(), value.written.start..self.written.len())
                }
            };
            self.again += read.len();
            let redacted = match self.again > MAX_AGAIN {
                // Its first quote has no backslashes yet.
                true => {
                    let slashes = "\\".repeat(value.slashes);
                    format!("\"{REDACTED}{slashes}\"").into_bytes()
                }
                false => redact(&self.read[read], value.slashes, secrecy),
            };
            self.written.splice(written, redacted);
        }
    }

    /// What leaves now that nothing is open any more.
    pub(super) fn release(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.written);
        self.read.clear();
        self.again = 0;
    }
}

//! The text of a log.

use std::io::{self, BufRead, Read};

use crate::{
    foreign,
    peek::Peek,
    unpacked::Unpacked,
    utf16::{self, Utf16},
};

/// How much is decoded at a time, in bytes.
const DECODED_BYTES: usize = 16 << 10;

/// A log, of which the bytes of its text can be read.
pub struct Log {
    unpacked: Peek<Unpacked>,
    state: State,
    /// Of what was decoded, what has not been read.
    decoded: Vec<u8>,
    at: usize,
}

enum State {
    Begin,
    /// As it is.
    Text,
    Decoding(Utf16),
    Ended,
}

impl Log {
    /// The log that some bytes hold. Nothing is read of them yet.
    #[must_use]
    pub fn new(input: impl Read + Send + 'static) -> Self {
        let unpacked = Peek::new(Unpacked::new(Box::new(input)));
        Self { unpacked, state: State::Begin, decoded: Vec::new(), at: 0 }
    }

    /// Looks at the first bytes, and no further than is needed.
    fn begin(&mut self) -> io::Result<State> {
        while utf16::is_undecided(self.unpacked.head())
            || foreign::is_undecided(self.unpacked.head())
        {
            if !self.unpacked.more()? {
                break;
            }
        }
        // The mark of UTF-32 begins with one of UTF-16.
        foreign::check_known(self.unpacked.head())?;
        let (mark, utf16) = utf16::mark(self.unpacked.head());
        self.unpacked.consume(mark);
        if let Some(utf16) = utf16 {
            return Ok(State::Decoding(utf16));
        }
        foreign::check(self.unpacked.head())?;
        Ok(State::Text)
    }

    /// What was decoded, or else is now; nothing at the end.
    fn decode(&mut self, utf16: &mut Utf16) -> io::Result<&[u8]> {
        while self.at == self.decoded.len() {
            let bytes = self.unpacked.fill_buf()?;
            let (some, last) = (bytes.len().min(DECODED_BYTES), bytes.is_empty());
            utf16.decode(&bytes[..some], last, &mut self.decoded);
            self.unpacked.consume(some);
            self.at = 0;
            if last {
                break;
            }
        }
        Ok(&self.decoded[self.at..])
    }
}

impl Read for Log {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Begin => self.state = self.begin()?,
                State::Text => {
                    let read = self.unpacked.read(out)?;
                    self.state = State::Text;
                    return Ok(read);
                }
                State::Decoding(mut utf16) => {
                    let text = self.decode(&mut utf16)?;
                    let read = text.len().min(out.len());
                    out[..read].copy_from_slice(&text[..read]);
                    self.at += read;
                    if read > 0 {
                        self.state = State::Decoding(utf16);
                    }
                    return Ok(read);
                }
                State::Ended => return Ok(0),
            }
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

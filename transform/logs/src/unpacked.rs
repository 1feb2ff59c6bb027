//! What packed data holds, member after member; what is not packed as it is.

use std::io::{self, BufRead, Read};

use crate::{
    decoder,
    fault::Fault,
    member::{Member, Source},
    packing::{Packing, Told},
    peek::Peek,
};

/// The bytes of a log, unpacked.
pub(crate) struct Unpacked(State);

enum State {
    Begin(Source),
    Plain(Source),
    Within(Packing, Box<dyn Member>),
    Behind(Packing, Source),
    Ended,
}

impl Unpacked {
    pub(crate) fn new(input: Box<dyn Read + Send>) -> Self {
        Self(State::Begin(Peek::new(input)))
    }
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            // What fails is not gone on with.
            self.0 = match std::mem::replace(&mut self.0, State::Ended) {
                State::Begin(mut source) => match packing(&mut source)? {
                    Some(packing) => within(packing, source)?,
                    None => State::Plain(source),
                },
                State::Plain(mut source) => {
                    let read = source.read(out)?;
                    self.0 = State::Plain(source);
                    return Ok(read);
                }
                State::Within(packing, mut member) => {
                    let read = member.read(out).map_err(|error| Fault::of(error, packing))?;
                    if read > 0 {
                        self.0 = State::Within(packing, member);
                        return Ok(read);
                    }
                    State::Behind(packing, member.into_source())
                }
                State::Behind(before, mut source) => {
                    skip_padding(&mut source)?;
                    match packing(&mut source)? {
                        Some(packing) => within(packing, source)?,
                        None if source.head().is_empty() => State::Ended,
                        None => return Err(Fault::Trailing(before).into()),
                    }
                }
                State::Ended => return Ok(0),
            }
        }
    }
}

fn within(packing: Packing, source: Source) -> io::Result<State> {
    let member = decoder::open(packing, source).map_err(|error| Fault::of(error, packing))?;
    Ok(State::Within(packing, member))
}

/// How what begins here is packed.
fn packing(source: &mut Source) -> io::Result<Option<Packing>> {
    loop {
        match Packing::told_by(source.head()) {
            Told::Packed(packing) => return Ok(Some(packing)),
            Told::Plain => return Ok(None),
            Told::Undecided if source.more()? => {}
            Told::Undecided => return Ok(None),
        }
    }
}

/// Tapes and block devices fill up with zeros, and xz pads with them.
fn skip_padding(source: &mut Source) -> io::Result<()> {
    loop {
        let head = source.fill_buf()?;
        let zeros = head.iter().take_while(|byte| **byte == 0).count();
        let done = zeros < head.len() || head.is_empty();
        source.consume(zeros);
        if done {
            return Ok(());
        }
    }
}

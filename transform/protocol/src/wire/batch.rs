//! A request, event by event.

use std::borrow::Cow;

use super::{
    encode::{field_len, put_head},
    log::Log,
    malformed::Malformed,
    reader::{Field, Reader},
};

/// Walks a request and writes the one that is to be sent on.
///
/// Nothing is written until the first event that changes or goes: a request
/// that stays as it is costs no copy.
#[derive(Debug)]
pub struct Batch<'a> {
    request: &'a [u8],
    reader: Reader<'a>,
    log: Log<'a>,
    out: Vec<u8>,
    copied: usize,
    counts: Counts,
}

/// What becomes of a log event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is sent on, with what was written into it.
    Keep,
    /// It is noise.
    Drop,
}

/// How many events of which kind there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Log events.
    pub logs: u64,
    /// Metrics.
    pub metrics: u64,
    /// Traces.
    pub traces: u64,
    /// Events of a kind that this version does not know.
    pub unknown: u64,
    /// Log events that are not sent on.
    pub dropped: u64,
}

impl Counts {
    /// How many events are sent on.
    #[must_use]
    pub const fn kept(&self) -> u64 {
        self.logs + self.metrics + self.traces + self.unknown - self.dropped
    }
}

/// What a wrapper holds.
enum Wrapped<'a> {
    Log(Cow<'a, [u8]>),
    Metric,
    Trace,
    Unknown,
}

impl<'a> Batch<'a> {
    /// A walk over an encoded `PushEventsRequest`.
    #[must_use]
    pub fn new(request: &'a [u8]) -> Self {
        Self {
            request,
            reader: Reader::new(request),
            log: Log::default(),
            out: Vec::new(),
            copied: 0,
            counts: Counts::default(),
        }
    }

    /// Goes on to the next event; false when there is none. Only a log event is
    /// shown to `judge`, all others are sent on.
    ///
    /// # Errors
    /// When the request is malformed; nothing of it should be sent on.
    pub fn advance(&mut self, judge: impl FnOnce(&mut Log<'a>) -> Fate) -> Result<bool, Malformed> {
        let Some(field) = self.reader.field()? else { return Ok(false) };
        if field.number != 1 {
            return Ok(true);
        }
        let wrapper = field.bytes()?;
        match wrapped(wrapper)? {
            Wrapped::Metric => self.counts.metrics += 1,
            Wrapped::Trace => self.counts.traces += 1,
            Wrapped::Unknown => self.counts.unknown += 1,
            Wrapped::Log(bytes) => {
                self.counts.logs += 1;
                self.log.load(bytes)?;
                let fate = judge(&mut self.log);
                self.log.check()?;
                self.settle(&field, wrapper, fate)?;
            }
        }
        Ok(true)
    }

    fn settle(&mut self, field: &Field<'_>, wrapper: &[u8], fate: Fate) -> Result<(), Malformed> {
        if fate == Fate::Keep && !self.log.changed() {
            return Ok(());
        }
        if self.out.capacity() == 0 {
            self.out.reserve(self.request.len() + self.request.len() / 8);
        }
        self.out.extend_from_slice(&self.request[self.copied..field.extent.start]);
        self.copied = field.extent.end;
        if fate == Fate::Drop {
            self.counts.dropped += 1;
            return Ok(());
        }
        let unknown = unknown_fields(wrapper)?;
        let length = self.log.written_len();
        put_head(&mut self.out, 1, unknown.len() + field_len(length));
        self.out.extend_from_slice(&unknown);
        put_head(&mut self.out, 1, length);
        self.log.write_to(&mut self.out);
        Ok(())
    }

    /// How many bytes of the request have been walked.
    #[must_use]
    pub fn position(&self) -> usize {
        self.reader.position()
    }

    /// The events seen so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The request to send on; none when it is the one that came.
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if self.copied == 0 {
            return None;
        }
        self.out.extend_from_slice(&self.request[self.copied..]);
        Some(self.out)
    }
}

/// What a wrapper holds: of several the last, and logs in a row are one log.
#[inline]
fn wrapped(wrapper: &[u8]) -> Result<Wrapped<'_>, Malformed> {
    let (mut reader, mut found) = (Reader::new(wrapper), Wrapped::Unknown);
    while let Some(field) = reader.field()? {
        found = match (field.number, found) {
            (1, Wrapped::Log(mut log)) => {
                log.to_mut().extend_from_slice(field.bytes()?);
                Wrapped::Log(log)
            }
            (1, _) => Wrapped::Log(Cow::Borrowed(field.bytes()?)),
            (2, _) => field.bytes().map(|_| Wrapped::Metric)?,
            (3, _) => field.bytes().map(|_| Wrapped::Trace)?,
            (_, found) => found,
        };
    }
    Ok(found)
}

fn unknown_fields(wrapper: &[u8]) -> Result<Vec<u8>, Malformed> {
    let (mut reader, mut unknown) = (Reader::new(wrapper), Vec::new());
    while let Some(field) = reader.field()? {
        if field.number > 3 {
            unknown.extend_from_slice(field.extent.of(wrapper));
        }
    }
    Ok(unknown)
}

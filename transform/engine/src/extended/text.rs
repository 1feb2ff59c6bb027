//! The extended canonical text of a text.

use std::{borrow::Cow, ops::Range};

use signatures_event::redact::Redactor;

use super::{
    header::{after_leading_groups, message_start},
    lines::{Said, said},
    pieces::pieces,
    scan::{Taken, scan},
    shape::Shape,
    symbols::stand_in,
    writer::ROOM,
};

/// How long a canonical text may be, in Unicode scalar values, without the name of
/// a frame.
pub const MAX_CHARS: usize = ROOM;

/// So many characters of a text count.
const MAX_TEXT: usize = 8192;
/// And so many of the line that says what went wrong.
const MAX_LINE: usize = 2048;

/// Divides [`ROOM`].
const BLOCK: usize = 16;

/// Room for a canonical text that is ASCII throughout.
#[derive(Clone, Debug)]
#[repr(align(16))]
pub struct Buffer([u8; ROOM]);

impl Buffer {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self([0; ROOM])
    }

    /// What was written, in lower case.
    fn lower(&mut self, length: usize) -> &str {
        // Whole blocks are quicker than what is in them.
        let blocks = &mut self.0[..length.next_multiple_of(BLOCK)];
        for block in blocks.as_chunks_mut::<BLOCK>().0 {
            block.make_ascii_lowercase();
        }
        &str::from_utf8(blocks).unwrap_or_default()[..length]
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

/// The extended canonical text of a subject: its words, and `*` for each run of
/// variables.
///
/// Of several lines the one counts that says what went wrong, and the name of the
/// nearest frame is written behind ` @ `. In lower case, and at most [`MAX_CHARS`]
/// long without that name.
#[must_use]
pub fn extended(subject: &str) -> String {
    extended_in(&mut Buffer::new(), subject).into_owned()
}

/// The same as people may see it: secrets go first, since what is left of one is no
/// longer known for one.
#[must_use]
pub fn redacted_extended(subject: &str) -> String {
    extended(Redactor::of_texts().text(subject).as_deref().unwrap_or(subject))
}

/// The same as [`extended`] without an allocation for most texts.
pub fn extended_in<'b>(buffer: &'b mut Buffer, subject: &str) -> Cow<'b, str> {
    let cut = &subject.as_bytes()[..subject.len().min(MAX_TEXT)];
    if cut.is_ascii() {
        let written = write(cut, cut, &mut buffer.0, None);
        let text = buffer.lower(written.length);
        return match written.frame {
            None => Cow::Borrowed(text),
            Some(frame) => {
                let frame = str::from_utf8(&cut[frame]).unwrap_or_default();
                Cow::Owned(with_frame(text.to_owned(), frame).to_ascii_lowercase())
            }
        };
    }
    Cow::Owned(extended_beyond_ascii(subject, None))
}

/// Whether a text says anything but variables.
pub(crate) fn has_words(subject: &str) -> bool {
    let symbols: Vec<u8> = subject.chars().take(MAX_TEXT).map(stand_in).collect();
    write(&symbols, &symbols, &mut [0; ROOM], None).has_words
}

fn extended_beyond_ascii(subject: &str, taken: Option<&mut Taken>) -> String {
    let letters: Vec<char> = subject.chars().take(MAX_TEXT).collect();
    let symbols: Vec<u8> = letters.iter().copied().map(stand_in).collect();
    let mut out = ['\0'; ROOM];
    let Written { length, frame, .. } = write(&symbols, &letters, &mut out, taken);
    let mut text = String::from_iter(&out[..length]);
    if let Some(frame) = frame {
        text = with_frame(text, &String::from_iter(&letters[frame]));
    }
    text.to_lowercase()
}

/// The last two parts of the frame's name, without numbers, behind the text.
fn with_frame(mut text: String, frame: &str) -> String {
    let start = frame.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    text.push_str(" @ ");
    let mut in_number = false;
    for character in frame[start..].chars() {
        let digit = character.is_ascii_digit();
        if !(digit && in_number) {
            text.push(if digit { '#' } else { character });
        }
        in_number = digit;
    }
    text
}

struct Written {
    length: usize,
    has_words: bool,
    frame: Option<Range<usize>>,
}

fn write<L: Copy + From<u8>>(
    symbols: &[u8],
    letters: &[L],
    out: &mut [L; ROOM],
    mut taken: Option<&mut Taken>,
) -> Written {
    let Said { line: Range { mut start, end }, frame } = said(symbols);
    let line = &symbols[start..end];
    let end = start + cut_line(line);
    let parts = [
        (Shape::Header, message_start as fn(&[u8]) -> usize),
        (Shape::LeadingGroup, after_leading_groups),
    ];
    for (shape, length_of) in parts {
        let length = length_of(&symbols[start..end]);
        if let Some(taken) = taken.as_deref_mut()
            && length > 0
        {
            taken.push((shape, start..start + length));
        }
        start += length;
    }
    let (symbols, letters) = (&symbols[start..end], &letters[start..end]);
    let before = taken.as_deref().map_or(0, Vec::len);
    let scanned = scan(symbols, letters, out, taken.as_deref_mut());
    for (_, range) in taken.into_iter().flatten().skip(before) {
        *range = range.start + start..range.end + start;
    }
    let length = match scanned.has_words {
        true => scanned.length,
        false => pieces(symbols, letters, out),
    };
    Written { length, has_words: scanned.has_words, frame }
}

/// How much of a long line counts: not to the middle of a word.
fn cut_line(line: &[u8]) -> usize {
    if line.len() <= MAX_LINE {
        return line.len();
    }
    let blank = memchr::memrchr2(b' ', b'\t', &line[..MAX_LINE]);
    blank.filter(|blank| *blank >= MAX_LINE / 2).unwrap_or(MAX_LINE)
}

/// What was taken out of a text, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// By which rule.
    pub shape: Shape,
    /// The stretch itself.
    pub text: String,
}

/// What is taken out of a subject for its extended canonical text, in the order in
/// which it stands there.
#[must_use]
pub fn steps(subject: &str) -> Vec<Step> {
    let letters: Vec<char> = subject.chars().take(MAX_TEXT).collect();
    let mut taken = Taken::new();
    let _ = extended_beyond_ascii(subject, Some(&mut taken));
    let step = |(shape, range): (Shape, Range<usize>)| Step {
        shape,
        text: String::from_iter(&letters[range]),
    };
    taken.into_iter().map(step).filter(|step| !step.text.is_empty()).collect()
}

//! Writes words, masks and what stands between.

use super::{
    roles::Roles,
    symbols::{
        CLOSING, DIGIT, ESC, ESCAPE, OPENING, SPACE, class, escape_end, is, run_end, run_end_of,
    },
};

/// What stands for a run of variables.
pub(super) const MASK: u8 = b'*';

/// How many characters are written.
pub(super) const ROOM: usize = 256;

/// As many as most words have, and one.
const FEW: usize = 16;

/// What was written last. For a mask at the very beginning nothing is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Word,
    Mask,
    /// A mask that stands for one number, and no unit of it yet.
    Number,
}

/// A canonical text as it grows. `L` is what the text's letters are: bytes of
/// ASCII, or characters.
pub(super) struct Writer<'t, 'o, L> {
    symbols: &'t [u8],
    letters: &'t [L],
    out: &'o mut [L; ROOM],
    length: usize,
    /// What the length would be without a limit.
    size: usize,
    /// Where what stands between the last word or mask and the next begins.
    gap_start: usize,
    /// The blanks after the first symbol of the gap do not count.
    tight: bool,
    last: Last,
    /// Brackets that were opened in what a run of masks has swallowed.
    opened: usize,
    has_words: bool,
    /// The last word and the one before it; none once a mask came after.
    pub(super) previous: Roles,
    pub(super) before_previous: Roles,
    /// The word before the last run of masks.
    pub(super) owner: Roles,
}

impl<'t, 'o, L: Copy + From<u8>> Writer<'t, 'o, L> {
    pub(super) fn new(symbols: &'t [u8], letters: &'t [L], out: &'o mut [L; ROOM]) -> Self {
        Self {
            symbols,
            letters,
            out,
            length: 0,
            size: 0,
            gap_start: 0,
            tight: false,
            last: Last::Nothing,
            opened: 0,
            has_words: false,
            previous: 0,
            before_previous: 0,
            owner: 0,
        }
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.size >= ROOM
    }

    pub(super) fn has_words(&self) -> bool {
        self.has_words
    }

    #[inline]
    pub(super) fn is_after_mask(&self) -> bool {
        matches!(self.last, Last::Mask | Last::Number)
    }

    pub(super) fn is_after_number(&self) -> bool {
        self.last == Last::Number
    }

    /// Writes the symbols there as a word.
    #[inline(always)]
    pub(super) fn word(&mut self, start: usize, end: usize, roles: Roles) {
        if start == self.gap_start + 1 && self.symbols[self.gap_start] == b' ' && self.length > 0 {
            // Most words stand one blank after another.
            self.opened = 0;
            self.put(self.gap_start, end);
        } else {
            self.begin_word(start);
            self.put(start, end);
        }
        self.end_word(end, roles);
    }

    /// Writes what stands between two quotes as a word.
    pub(super) fn word_in_quotes(&mut self, opening: usize, closing: usize, roles: Roles) {
        self.begin_word(opening);
        self.put(opening + 1, closing);
        self.end_word(closing + 1, roles);
    }

    /// Writes a word with each run of digits masked.
    pub(super) fn word_without_digits(&mut self, start: usize, end: usize, roles: Roles) {
        self.begin_word(start);
        self.put_without_digits(start, end);
        self.end_word(end, roles);
    }

    fn begin_word(&mut self, start: usize) {
        self.put_gap(start, !self.has_words && self.is_after_mask());
    }

    #[inline]
    fn end_word(&mut self, end: usize, roles: Roles) {
        self.last = Last::Word;
        self.has_words = true;
        self.before_previous = self.previous;
        self.previous = roles;
        self.begin_gap(end);
    }

    /// Writes a mask for the symbols there, unless the last thing written is one.
    pub(super) fn mask(&mut self, start: usize, end: usize, is_number: bool) {
        let after_mask = self.is_after_mask();
        if self.previous != 0 {
            self.owner = self.previous;
        } else if !after_mask {
            self.owner = 0;
        }
        (self.previous, self.before_previous) = (0, 0);
        if after_mask && let Some(opened) = self.swallowed(start) {
            self.opened = opened;
        } else {
            if self.has_words {
                self.put_gap(start, false);
                self.push(L::from(MASK));
            }
            self.opened = 0;
        }
        self.last = if is_number { Last::Number } else { Last::Mask };
        self.begin_gap(end);
    }

    /// A unit goes with its number.
    pub(super) fn drop_unit(&mut self, end: usize) {
        self.last = Last::Mask;
        self.begin_gap(end);
    }

    /// The gap is from there on, so far a colon, without the blanks after it.
    pub(super) fn begin_json_value(&mut self, colon: usize) {
        self.begin_gap(colon);
        self.tight = true;
    }

    #[inline]
    fn begin_gap(&mut self, start: usize) {
        (self.gap_start, self.tight) = (start, false);
    }

    /// What stands between the last word or mask and there.
    fn gap(&self, end: usize) -> Gap<'t> {
        let (at, tight) = (self.gap_start, self.tight);
        Gap { symbols: self.symbols, at, end, tight, after_space: false }
    }

    /// Whether the gap is one of some texts.
    pub(super) fn gap_is(&self, end: usize, texts: &[&[u8]]) -> bool {
        texts.iter().any(|text| self.gap(end).texts().eq(text.iter().copied()))
    }

    /// Whether the gap has only symbols of a set.
    pub(super) fn gap_is_of(&self, end: usize, set: &[u8]) -> bool {
        self.gap(end).texts().all(|symbol| set.contains(&symbol))
    }

    /// The last symbol of the gap that is no blank.
    pub(super) fn end_of_gap(&self, end: usize) -> Option<u8> {
        self.gap(end).texts().filter(|symbol| *symbol != b' ').last()
    }

    /// Writes what is left at the end, without the punctuation that ends a
    /// sentence. Returns how many characters there are.
    pub(super) fn finish(mut self, end: usize) -> usize {
        if end == self.gap_start {
            return self.length;
        }
        self.put_kept(end, |symbols, kept| {
            let ends = |at: &u16| b" .,;:!-".contains(&text_of(symbols[usize::from(*at)]));
            let dropped = kept.iter().rev().take_while(|at| ends(at)).count();
            &kept[..kept.len() - dropped]
        });
        self.length
    }

    /// How many brackets are open once a run of masks takes in the gap; none when
    /// a closing one in it lacks its opening one.
    fn swallowed(&self, end: usize) -> Option<usize> {
        let gap = self.symbols[self.gap_start..end].iter();
        if gap.fold(0, |all, symbol| all | class(*symbol)) & (OPENING | CLOSING) == 0 {
            return Some(self.opened);
        }
        let mut open = self.opened;
        for at in self.gap(end) {
            let class = class(self.symbols[at]);
            if class & OPENING != 0 {
                open += 1;
            } else if class & CLOSING != 0 {
                open = open.checked_sub(1)?;
            }
        }
        Some(open)
    }

    /// Writes the gap before a word or mask; before the first word after a mask
    /// without what belongs to that.
    #[inline]
    fn put_gap(&mut self, end: usize, leads: bool) {
        if self.is_plain(end) && !leads {
            self.put(self.gap_start, end);
        } else {
            self.put_part_of_gap(end, leads);
        }
        self.opened = 0;
    }

    /// Whether all of the gap is written as it is: most are a blank, and perhaps a
    /// mark before it.
    #[inline]
    fn is_plain(&self, end: usize) -> bool {
        let special = if self.is_after_mask() { ESC | CLOSING } else { ESC };
        let mut after_space = self.length == 0;
        for symbol in &self.symbols[self.gap_start..end] {
            let class = class(*symbol);
            let space = class & SPACE != 0;
            if class & special != 0 || space && (after_space || *symbol != b' ') {
                return false;
            }
            after_space = space;
        }
        !self.tight
    }

    fn put_part_of_gap(&mut self, end: usize, leads: bool) {
        self.put_kept(end, |symbols, kept| {
            let is_lead =
                |at: &u16| b" ),.;:-]}>*#|=!/".contains(&text_of(symbols[usize::from(*at)]));
            let lead = kept.iter().take_while(|at| leads && is_lead(at)).count();
            &kept[lead..]
        });
    }

    /// Writes what `part` takes of the gap's places.
    fn put_kept(
        &mut self,
        end: usize,
        part: impl for<'k> FnOnce(&'t [u8], &'k [u16]) -> &'k [u16],
    ) {
        let (mut few, mut many) = ([0; 32], Vec::new());
        let kept = match end - self.gap_start {
            length if length <= few.len() => &mut few[..],
            length => {
                many.resize(length, 0);
                &mut many
            }
        };
        let length = self.keep(kept, end);
        for at in part(self.symbols, &kept[..length]) {
            self.put_gap_symbol(usize::from(*at));
        }
    }

    /// Fills in the places of the gap that are kept. After a mask closing brackets
    /// whose opening one was swallowed go, and so do empty pairs.
    fn keep(&self, kept: &mut [u16], end: usize) -> usize {
        let (mut length, mut opened) = (0, self.opened);
        let symbol = |at: u16| self.symbols[usize::from(at)];
        for at in self.gap(end) {
            if self.is_after_mask() && is(self.symbols, at, CLOSING) {
                if opened > 0 {
                    opened -= 1;
                    continue;
                }
                if length > 0 && is_pair(symbol(kept[length - 1]), self.symbols[at]) {
                    length -= 1;
                    let space = length > 0 && class(symbol(kept[length - 1])) & SPACE != 0;
                    length -= usize::from(space);
                    continue;
                }
            }
            kept[length] = u16::try_from(at).unwrap_or(u16::MAX);
            length += 1;
        }
        length
    }

    #[inline]
    fn put_gap_symbol(&mut self, at: usize) {
        if class(self.symbols[at]) & SPACE == 0 {
            self.push(self.letters[at]);
        } else if self.length == 0 {
            // No text begins with a blank, but it counts.
            self.size += 1;
        } else {
            self.push(L::from(b' '));
        }
    }

    #[inline(always)]
    fn put(&mut self, start: usize, end: usize) {
        let written = (end - start).min(ROOM - self.length);
        let (from, to) = (&self.letters[start..], &mut self.out[self.length..]);
        match (from.first_chunk::<FEW>(), to.first_chunk_mut::<FEW>()) {
            // So many are copied faster than fewer; what is too much is written over.
            (Some(from), Some(to)) if written <= FEW => *to = *from,
            _ => to[..written].copy_from_slice(&from[..written]),
        }
        self.length += written;
        self.size += end - start;
    }

    fn put_without_digits(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            if is(self.symbols, at, DIGIT) {
                self.push(L::from(MASK));
                at = run_end(self.symbols, at, DIGIT).min(end);
            } else {
                self.push(self.letters[at]);
                at += 1;
            }
        }
    }

    #[inline]
    fn push(&mut self, letter: L) {
        if let Some(place) = self.out.get_mut(self.length) {
            *place = letter;
            self.length += 1;
        }
        self.size += 1;
    }
}

/// The places of a gap that count: of a run of blanks one, and no escapes.
struct Gap<'t> {
    symbols: &'t [u8],
    at: usize,
    end: usize,
    tight: bool,
    after_space: bool,
}

impl<'t> Gap<'t> {
    /// The symbols, each blank as a space.
    fn texts(self) -> impl Iterator<Item = u8> + 't {
        let symbols = self.symbols;
        self.map(move |at| text_of(symbols[at]))
    }
}

impl Iterator for Gap<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.at < self.end {
            let at = self.at;
            if self.symbols[at] == ESCAPE {
                self.at = escape_end(self.symbols, at);
                continue;
            }
            self.at += 1;
            let space = class(self.symbols[at]) & SPACE != 0;
            if space && self.after_space {
                continue;
            }
            self.after_space = space;
            if std::mem::take(&mut self.tight) {
                self.at = run_end_of(self.symbols, self.at, b" ");
            }
            return Some(at);
        }
        None
    }
}

#[inline]
fn text_of(symbol: u8) -> u8 {
    if class(symbol) & SPACE == 0 { symbol } else { b' ' }
}

fn is_pair(opening: u8, closing: u8) -> bool {
    matches!((opening, closing), (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'<', b'>'))
}

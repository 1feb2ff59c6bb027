//! Where what is made of several symbols ends: quotes, brackets, dates.

use super::{
    roles::{DATE, roles},
    symbols::{
        CLOSING, CLOSING_DOUBLE, CLOSING_GUILLEMET, CLOSING_SINGLE, DIGIT, LETTER, OPENING,
        OPENING_DOUBLE, OPENING_GUILLEMET, OPENING_SINGLE, class, is, run_end, run_end_before,
        run_end_of,
    },
};

/// One past the bracket that closes the one at `start`, before `limit`.
pub(super) fn group_end(symbols: &[u8], start: usize, limit: usize) -> Option<usize> {
    let symbols = &symbols[..limit];
    let (mut depth, mut at) = (0usize, start);
    while at < limit {
        let class = class(symbols[at]);
        if class & OPENING != 0 {
            depth += 1;
        } else if class & CLOSING != 0 {
            depth = depth.checked_sub(1)?;
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
        at = run_end_before(symbols, at, OPENING | CLOSING);
    }
    None
}

/// Whether a day or month that ends there is followed by a digit, or by another
/// such name with a capital.
pub(super) fn leads_date(symbols: &[u8], end: usize) -> bool {
    let next = run_end_of(symbols, end, b" ,");
    if next == end || next >= symbols.len() {
        return false;
    }
    is(symbols, next, DIGIT)
        || symbols[next].is_ascii_uppercase()
            && roles(symbols, next, run_end(symbols, next, LETTER)) & DATE != 0
}

/// The quotes that open a text, and where the last search for what closes one got.
#[derive(Default)]
pub(super) struct Quotes {
    /// By kind: nothing closes between the last quote that was asked for and here.
    searched: [usize; 6],
}

/// How long a quoted text may be, in characters.
const MAX_QUOTED: usize = 256;

impl Quotes {
    /// The place of the quote that closes the one at `start`. Places are asked for
    /// in rising order.
    pub(super) fn closing(&mut self, symbols: &[u8], start: usize) -> Option<usize> {
        let (kind, ends): (usize, &[u8]) = quote(symbols[start])?;
        let limit = symbols.len().min(start + MAX_QUOTED + 1);
        let from = self.searched[kind].max(start + 1);
        let found =
            (from..limit).find(|at| ends.contains(&symbols[*at]) && symbols[at - 1] != b'\\');
        self.searched[kind] = found.unwrap_or(limit.max(from));
        found
    }
}

/// The kind of an opening quote, and what closes it.
pub(super) fn quote(symbol: u8) -> Option<(usize, &'static [u8])> {
    Some(match symbol {
        b'"' => (0, b"\""),
        b'\'' => (1, b"'"),
        b'`' => (2, b"`'"),
        OPENING_DOUBLE => (3, &[CLOSING_DOUBLE]),
        OPENING_SINGLE => (4, &[CLOSING_SINGLE]),
        OPENING_GUILLEMET => (5, &[CLOSING_GUILLEMET]),
        _ => return None,
    })
}

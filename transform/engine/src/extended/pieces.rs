//! A text of nothing but variables: numbers and hex words go, the letters stay.

use super::{
    symbols::{DIGIT, HEX, SPACE, WORD, class, is, run_end},
    writer::{MASK, ROOM},
};

/// Writes a text in pieces. Returns how many letters were written.
pub(super) fn pieces<L: Copy + From<u8>>(
    symbols: &[u8],
    letters: &[L],
    out: &mut [L; ROOM],
) -> usize {
    let (mut at, mut length, mut after_space) = (0, 0, true);
    let mut push = |letter: L, length: &mut usize| {
        if let Some(place) = out.get_mut(*length) {
            *place = letter;
        }
        *length += 1;
    };
    while at < symbols.len() && length < ROOM {
        let word_end = run_end(symbols, at, WORD);
        if word_end == at {
            let space = class(symbols[at]) & SPACE != 0;
            if !space {
                push(letters[at], &mut length);
            } else if !after_space {
                push(L::from(b' '), &mut length);
            }
            (at, after_space) = (at + 1, space);
            continue;
        }
        if is_hex(&symbols[at..word_end]) {
            push(L::from(MASK), &mut length);
            at = word_end;
        }
        while at < word_end {
            match run_end(symbols, at, DIGIT) {
                end if end > at => {
                    push(L::from(MASK), &mut length);
                    at = end;
                }
                _ => {
                    push(letters[at], &mut length);
                    at += 1;
                }
            }
        }
        after_space = false;
    }
    match after_space && length > 0 && length <= ROOM {
        true => length - 1,
        false => length.min(ROOM),
    }
}

/// Four or more hex digits, one of them a digit, `0x` before them or not.
fn is_hex(word: &[u8]) -> bool {
    let digits = match word {
        [b'0', b'x' | b'X', digits @ ..] => digits,
        _ => word,
    };
    digits.len() >= 4
        && run_end(digits, 0, HEX) == digits.len()
        && (0..digits.len()).any(|at| is(digits, at, DIGIT))
}

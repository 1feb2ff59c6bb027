//! The symbols of a text, one byte each, and what each may be part of.
//!
//! A text of ASCII is its own symbols. Any other is read through stand-ins, so
//! that all rules see bytes: they ask what a character beyond ASCII is, not which.

/// A letter, a digit, `_`, or a word's character beyond ASCII.
pub(super) const WORD: u32 = 1;
pub(super) const DIGIT: u32 = 1 << 1;
pub(super) const HEX: u32 = 1 << 2;
pub(super) const LETTER: u32 = 1 << 3;
pub(super) const SPACE: u32 = 1 << 4;
/// Ends what has no end of its own: an address, a value.
pub(super) const STOP: u32 = 1 << 5;
pub(super) const OPENING: u32 = 1 << 6;
pub(super) const CLOSING: u32 = 1 << 7;
/// One of `- . @ + % $ # & ~`, which hold a chunk together.
pub(super) const JOINER: u32 = 1 << 8;
/// A joiner, or a slash, colon or comma, which may be one.
pub(super) const JOINT: u32 = 1 << 16;
/// A joint that holds together any two words' symbols.
pub(super) const LINK: u32 = 1 << 17;
pub(super) const DOT: u32 = 1 << 9;
pub(super) const SLASH: u32 = 1 << 10;
pub(super) const BACKSLASH: u32 = 1 << 11;
pub(super) const AT: u32 = 1 << 12;
/// No digit, dot or comma.
pub(super) const NO_NUMBER: u32 = 1 << 13;
pub(super) const NO_WORD: u32 = 1 << 14;
/// No hex digit, colon or dot.
pub(super) const NO_IPV6: u32 = 1 << 15;
pub(super) const COLON: u32 = 1 << 19;
/// [`ESCAPE`].
pub(super) const ESC: u32 = 1 << 18;

/// Stand-ins of characters beyond ASCII.
pub(super) const OPENING_DOUBLE: u8 = 0x80;
pub(super) const CLOSING_DOUBLE: u8 = 0x81;
pub(super) const OPENING_SINGLE: u8 = 0x82;
pub(super) const CLOSING_SINGLE: u8 = 0x83;
pub(super) const OPENING_GUILLEMET: u8 = 0x84;
pub(super) const CLOSING_GUILLEMET: u8 = 0x85;
const WIDE_SPACE: u8 = 0x86;
const WIDE_PUNCTUATION: u8 = 0x87;
const WIDE_WORD: u8 = 0x88;

pub(super) const ESCAPE: u8 = 0x1b;

static CLASSES: [u32; 256] = {
    let mut classes = [0; 256];
    let mut symbol = 0;
    while symbol < 256 {
        classes[symbol] = classify(symbol as u8);
        symbol += 1;
    }
    classes
};

const fn classify(symbol: u8) -> u32 {
    let is = match symbol {
        b'0'..=b'9' => WORD | DIGIT | HEX,
        b'a'..=b'f' | b'A'..=b'F' => WORD | LETTER | HEX,
        b'a'..=b'z' | b'A'..=b'Z' => WORD | LETTER,
        b'_' | WIDE_WORD => WORD,
        b' ' | b'\t'..=b'\r' | WIDE_SPACE => SPACE | STOP,
        b'(' | b'[' | b'{' | b'<' => OPENING | STOP,
        b')' | b']' | b'}' | b'>' => CLOSING | STOP,
        b'"' | b'\'' | b'`' | OPENING_DOUBLE..=CLOSING_GUILLEMET | b'|' | b';' => STOP,
        b',' => JOINT | STOP,
        b'.' => JOINT | JOINER | LINK | DOT,
        b'@' => JOINT | JOINER | LINK | AT,
        b'-' | b'%' | b'$' | b'#' | b'&' | b'~' => JOINT | JOINER | LINK,
        b'+' => JOINT | JOINER,
        b'/' => JOINT | LINK | SLASH,
        b'\\' => JOINT | LINK | BACKSLASH,
        b':' => JOINT | COLON,
        ESCAPE => ESC,
        _ => 0,
    };
    let no_number = if is & DIGIT == 0 && !matches!(symbol, b'.' | b',') { NO_NUMBER } else { 0 };
    let no_word = if is & WORD == 0 { NO_WORD } else { 0 };
    let no_ipv6 = if is & HEX == 0 && !matches!(symbol, b'.' | b':') { NO_IPV6 } else { 0 };
    is | no_number | no_word | no_ipv6
}

/// What a symbol may be part of.
#[inline]
pub(super) fn class(symbol: u8) -> u32 {
    CLASSES[usize::from(symbol)]
}

/// Whether the symbol there is of one of the classes; none is past the end.
#[inline]
pub(super) fn is(symbols: &[u8], at: usize, classes: u32) -> bool {
    symbols.get(at).is_some_and(|symbol| class(*symbol) & classes != 0)
}

/// Where a run of symbols of some classes that begins there ends.
#[inline]
pub(super) fn run_end(symbols: &[u8], at: usize, classes: u32) -> usize {
    let run = symbols[at..].iter().take_while(|symbol| class(**symbol) & classes != 0);
    at + run.count()
}

/// Where a run of symbols that are of none of the classes ends.
#[inline]
pub(super) fn run_end_before(symbols: &[u8], at: usize, classes: u32) -> usize {
    let run = symbols[at..].iter().take_while(|symbol| class(**symbol) & classes == 0);
    at + run.count()
}

/// Where a run of some symbols ends.
#[inline]
pub(super) fn run_end_of(symbols: &[u8], at: usize, set: &[u8]) -> usize {
    let run = symbols.get(at..).unwrap_or_default().iter();
    at + run.take_while(|symbol| set.contains(symbol)).count()
}

/// One past the escape sequence that begins there: colours, and a lone escape.
pub(super) fn escape_end(symbols: &[u8], at: usize) -> usize {
    if symbols.get(at + 1) != Some(&b'[') {
        return at + 1;
    }
    let after = symbols[at + 2..].iter().position(|symbol| (b'@'..=b'~').contains(symbol));
    after.map_or(symbols.len(), |offset| at + 2 + offset + 1)
}

/// The symbol that stands for a character.
pub(super) fn stand_in(character: char) -> u8 {
    match character {
        '\0'..='\x7f' => character as u8,
        '\u{85}'
        | '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200b}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}'
        | '\u{feff}' => WIDE_SPACE,
        '“' => OPENING_DOUBLE,
        '”' => CLOSING_DOUBLE,
        '‘' => OPENING_SINGLE,
        '’' => CLOSING_SINGLE,
        '«' => OPENING_GUILLEMET,
        '»' => CLOSING_GUILLEMET,
        'ª' | 'µ' | 'º' => WIDE_WORD,
        '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' => WIDE_PUNCTUATION,
        _ => WIDE_WORD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_beyond_ascii_is_what_its_character_is() {
        for (character, classes) in [
            ('é', WORD),
            ('ﬁ', WORD),
            ('٣', WORD),
            ('\u{fffd}', WORD),
            ('ª', WORD),
            ('²', 0),
            ('—', 0),
            ('、', 0),
            ('\u{a0}', SPACE | STOP),
            ('\u{200b}', SPACE | STOP),
            ('“', STOP),
            ('»', STOP),
        ] {
            let found = class(stand_in(character)) & (WORD | SPACE | STOP | DIGIT | HEX | LETTER);
            assert_eq!(found, classes, "{character}");
        }
    }

    #[test]
    fn an_escape_sequence_ends_at_its_final_byte() {
        for (text, end) in
            [("\x1b[31mx", 5), ("\x1bx", 1), ("\x1b[31", 4), ("\x1b[", 2), ("\x1b", 1)]
        {
            assert_eq!(escape_end(text.as_bytes(), 0), end, "{text:?}");
        }
    }
}

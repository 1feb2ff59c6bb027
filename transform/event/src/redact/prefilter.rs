//! Whether there is anything in a text that a secret could be known by: a quick no
//! for nearly all texts, so that only few are searched.
//!
//! # The idea
//! Each name of a secret, and each of the forms, has four bytes that are in little
//! else ([`WINDOWS`]). They are sorted into seven groups; for each of four places,
//! and each half of a byte, a table says in one bit per group whether some window of
//! it has that half there. A byte shuffle looks that up for 32 places at once, and
//! what survives at all four places is looked at more closely, which is seldom. The
//! eighth group is that of what the numbers of cards are made of: there, a long
//! enough run of places counts. It may say yes where there is nothing, never the
//! reverse.
//!
//! # Safety
//! A function is called that is compiled for AVX2, once the processor was asked for
//! it; and 16 bytes are loaded from a reference to as many, which needs no alignment.
//!
//! # Source
//! Teddy, by Geoffrey Langdale for Hyperscan.

#![allow(unsafe_code)]

use memchr::memchr;

/// The bytes in a window.
const WIDTH: usize = 4;

/// Any byte at all, as one place of a window.
const ANY: &str = "";

const DIGITS: &str = "0123456789";

/// What an option of a command has before it: a blank, or a quote in a list.
const BEFORE_OPTIONS: &str = " \t\n\x0b\x0c\r\"'";

/// What a token or a key goes on with.
const OF_TOKENS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

/// Four bytes, one of which each secret has that is known by it.
struct Window {
    group: u8,
    /// What may be at each place.
    places: [&'static str; WIDTH],
    /// Whether in any case.
    folded: bool,
}

/// A window as it stands.
const fn exact(group: u8, places: [&'static str; WIDTH]) -> Window {
    Window { group, places, folded: false }
}

/// A window in any case.
const fn folded(group: u8, places: [&'static str; WIDTH]) -> Window {
    Window { group, places, folded: true }
}

/// Three digits and a colon: the token of a bot of Telegram has more of them.
const NUMBER: usize = 0;

/// A password may be in an address.
const ADDRESS: usize = 1;

/// A key, if what is before the blank or sign says of what.
const KEY: usize = 2;

/// `pass`, if a word is behind it that begins as `word` does.
const PASS: usize = 3;

/// The groups, and which part of a word is looked for, were chosen by annealing so
/// that few bytes of logs survive: one in 150.
const WINDOWS: [Window; 48] = [
    exact(4, [DIGITS, DIGITS, DIGITS, ":"]),
    exact(2, [":", "/", "/", ANY]),
    folded(6, [" ._-", "k", "e", "y"]),
    folded(1, ["a", "s", "s", " ._-"]),
    // The names, and what has one in it: tOKEN, pASSWord, pass PHRAse, …
    folded(4, ["o", "k", "e", "n"]),
    folded(1, ["a", "s", "s", "w"]),
    folded(5, ["p", "w", "d", ANY]),
    folded(6, ["p", "h", "r", "a"]),
    folded(6, ["e", "c", "r", "e"]),
    folded(6, ["o", "k", "i", "e"]),
    folded(0, ["r", "i", "z", "a"]),
    folded(6, ["iset", "k", "e", "y"]),
    folded(4, ["e", "d", "e", "n"]),
    // The forms.
    exact(0, ["s", ".", "s", "l"]),
    exact(2, ["x", "o", "x", "abeoprs"]),
    exact(0, ["x", "a", "p", "p"]),
    exact(1, ["A", "K", "I", "A"]),
    exact(1, ["A", "S", "I", "A"]),
    exact(0, ["A", "G", "P", "A"]),
    exact(0, ["A", "I", "D", "A"]),
    exact(0, ["A", "R", "O", "A"]),
    exact(0, ["A", "N", "P", "A"]),
    exact(0, ["A", "N", "V", "A"]),
    exact(0, ["A", "I", "z", "a"]),
    exact(6, ["y", "a", "2", "9"]),
    exact(1, ["O", "C", "S", "P"]),
    exact(5, ["g", "h", "pousr", "_"]),
    exact(0, ["u", "b", "_", "p"]),
    exact(5, ["g", "l", "pdrfsac", "atpobg"]),
    exact(0, ["sr", "k", "_", "lt"]),
    exact(5, ["w", "h", "s", "e"]),
    exact(2, ["s", "k", "-", OF_TOKENS]),
    exact(5, ["p", "m", "_", OF_TOKENS]),
    exact(3, ["p", "y", "p", "i"]),
    exact(2, ["S", "G", ".", OF_TOKENS]),
    exact(0, ["p", "_", "v", "1"]),
    exact(5, ["h", "f", "_", OF_TOKENS]),
    exact(3, ["e", "y", "J", OF_TOKENS]),
    exact(2, ["-", "B", "E", "G"]),
    folded(6, ["e", "a", "r", "e"]),
    folded(1, ["a", "s", "i", "c"]),
    folded(6, ["i", "f", "i", "e"]),
    folded(3, [BEFORE_OPTIONS, "-", "pau", ANY]),
    folded(2, [BEFORE_OPTIONS, "-", "-", "up"]),
    folded(1, ["?&", "scxa", "io-c", "gdac"]),
    // `://` as PHP writes it in JSON.
    exact(2, [":", "\\", "/", ANY]),
    exact(2, [":", "/", "\\", ANY]),
    // A letter that is written as an escape of JSON.
    exact(3, ["\\", "u", "0", "0"]),
];

/// What the numbers of cards are made of; the group is the last.
const OF_CARDS: &str = "0123456789 -";

/// How many bytes of it the shortest one has.
const MIN_CARD: usize = 13;

/// What is looked up at each place.
struct Tables {
    /// By the lower half of a byte: the groups.
    low: [[u8; 16]; WIDTH],
    /// By the higher half of it.
    high: [[u8; 16]; WIDTH],
    /// By the whole byte: the windows.
    exact: [[u64; 256]; WIDTH],
}

static TABLES: Tables = {
    let mut tables =
        Tables { low: [[0; 16]; WIDTH], high: [[0; 16]; WIDTH], exact: [[0; 256]; WIDTH] };
    let mut place = 0;
    while place < WIDTH {
        let mut byte = 0;
        while byte < 256 {
            let mut groups = if has(OF_CARDS, byte as u8, false) { 1 << 7 } else { 0 };
            let mut index = 0;
            while index < WINDOWS.len() {
                let Window { places, folded, .. } = &WINDOWS[index];
                if places[place].is_empty() || has(places[place], byte as u8, *folded) {
                    groups |= 1 << WINDOWS[index].group;
                    tables.exact[place][byte] |= 1 << index;
                }
                index += 1;
            }
            tables.low[place][byte & 0xf] |= groups;
            tables.high[place][byte >> 4] |= groups;
            byte += 1;
        }
        place += 1;
    }
    tables
};

/// Whether a byte is one of some, in any case if they are folded.
const fn has(bytes: &str, byte: u8, folded: bool) -> bool {
    let bytes = bytes.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == byte || folded && bytes[index].eq_ignore_ascii_case(&byte) {
            return true;
        }
        index += 1;
    }
    false
}

/// Where in a text the first of what a secret could be known by is, or some place
/// inside it; none where there is no secret for certain.
#[inline]
pub(super) fn first_suspect(text: &[u8]) -> Option<usize> {
    let search = Search { text, windows: u64::MAX, settled: 0 };
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { x86::first_suspect(search) };
    }
    portable(search)
}

struct Search<'t> {
    text: &'t [u8],
    /// The windows that may still say something.
    windows: u64,
    /// Up to where it is known that no card's number is.
    settled: usize,
}

impl Search<'_> {
    /// Whether a window at a place means that there may be a secret.
    #[inline]
    fn is_suspect(&mut self, at: usize) -> bool {
        let four: [u8; WIDTH] = match self.text[at..].first_chunk() {
            Some(four) => *four,
            // A secret goes on behind its window.
            None => return false,
        };
        let found = |place: usize| TABLES.exact[place][usize::from(four[place])];
        let windows = self.windows & found(0) & found(1) & found(2) & found(3);
        windows != 0 && self.means_a_secret(windows, at)
    }

    /// The same, of the windows that are there.
    fn means_a_secret(&mut self, mut windows: u64, at: usize) -> bool {
        while windows != 0 {
            let window = windows.trailing_zeros() as usize;
            windows &= windows - 1;
            let (before, rest) = (&self.text[..at], &self.text[at..]);
            let suspect = match window {
                NUMBER => is_numbered_token(before, rest),
                ADDRESS => {
                    let found = memchr(b'@', rest).is_some();
                    // Nor is there one in what comes after.
                    self.windows &= !(u64::from(!found) << ADDRESS);
                    found
                }
                KEY => matches!(before, [.., b'i' | b'I' | b's' | b'S' | b'e' | b'E']),
                PASS => matches!(rest.get(WIDTH), Some(b'w' | b'W')),
                _ => true,
            };
            if suspect {
                return true;
            }
        }
        false
    }

    /// Whether the run around a place may hold the number of a card.
    fn is_card(&mut self, at: usize) -> bool {
        if at < self.settled {
            return false;
        }
        let belongs = |byte: &&u8| matches!(byte, b'0'..=b'9' | b' ' | b'-');
        let begin = self.text[self.settled..at].iter().rev().take_while(belongs).count();
        let end = at + self.text[at..].iter().take_while(belongs).count();
        self.settled = end;
        may_be_card(&self.text[at - begin..end])
    }
}

/// Whether `123456:` with a long word behind it is here, the last three digits and
/// the colon first.
fn is_numbered_token(before: &[u8], rest: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let digits = before.last_chunk::<3>().is_some_and(|last| last.iter().all(u8::is_ascii_digit));
    digits && rest.get(WIDTH..WIDTH + 30).is_some_and(|token| token.iter().all(belongs))
}

/// Whether a run of digits, blanks and dashes may hold the number of a card: enough
/// digits, not two signs between any, and a first one that cards have.
fn may_be_card(run: &[u8]) -> bool {
    if run.iter().filter(|byte| byte.is_ascii_digit()).count() < MIN_CARD {
        return false;
    }
    let mut digits = 0;
    (0..run.len()).rev().any(|at| {
        let before = at.checked_sub(1).map(|before| run[before]);
        let follows_digit = before.is_some_and(|byte| byte.is_ascii_digit());
        if !run[at].is_ascii_digit() {
            digits = if follows_digit { digits } else { 0 };
            return false;
        }
        digits += 1;
        digits >= MIN_CARD && !follows_digit && matches!(run[at], b'2'..=b'6')
    })
}

/// One place after the other.
fn portable(mut search: Search<'_>) -> Option<usize> {
    let mut run = 0;
    (0..search.text.len()).find(|at| {
        run = if has(OF_CARDS, search.text[*at], false) { run + 1 } else { 0 };
        run >= MIN_CARD && search.is_card(*at) || search.is_suspect(*at)
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{MIN_CARD, Search, TABLES, WIDTH};
    use crate::bytes::x86::load256;

    /// Places that one step looks at.
    const PLACES: usize = 32;

    /// The bytes of it: the last place's window sticks out.
    const REACH: usize = PLACES + WIDTH - 1;

    fn load128(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: sixteen bytes behind a reference; the load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn first_suspect(mut search: Search<'_>) -> Option<usize> {
        let both = |table: &[u8; 16]| _mm256_broadcastsi128_si256(load128(table));
        let low: [_; WIDTH] = std::array::from_fn(|place| both(&TABLES.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| both(&TABLES.high[place]));
        let (half, windows) = (_mm256_set1_epi8(0xf), _mm256_set1_epi8(0x7f));
        let step = |block: &[u8; REACH]| {
            let groups = |place: usize| {
                let bytes = load256(block[place..].first_chunk().expect("places are below WIDTH"));
                // Of what is not ASCII the lower half is taken for 0, which only the
                // last place could accept.
                let lower = if place < WIDTH - 1 { bytes } else { _mm256_and_si256(bytes, half) };
                let higher = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
                _mm256_and_si256(
                    _mm256_shuffle_epi8(low[place], lower),
                    _mm256_shuffle_epi8(high[place], higher),
                )
            };
            let alive = _mm256_and_si256(
                _mm256_and_si256(groups(0), groups(1)),
                _mm256_and_si256(groups(2), groups(3)),
            );
            let suspects =
                _mm256_cmpgt_epi8(_mm256_and_si256(alive, windows), _mm256_setzero_si256());
            (_mm256_movemask_epi8(suspects) as u32, _mm256_movemask_epi8(alive) as u32)
        };
        let text = search.text;
        // The places of cards of the step before, and of this one.
        let (mut at, mut before, mut cards) = (0, 0, 0);
        loop {
            let (suspects, of_cards) = match text[at..].first_chunk() {
                Some(block) => step(block),
                None => {
                    let (mut block, rest) = ([0; REACH], &text[at..]);
                    block[..rest.len()].copy_from_slice(rest);
                    step(&block)
                }
            };
            cards = cards >> (at - before) | u64::from(of_cards) << PLACES;
            let runs = runs(cards);
            // The last step goes back, so that it is a whole one.
            let next = (at + PLACES).min(text.len().saturating_sub(REACH));
            if u64::from(suspects) | runs != 0
                && let Some(place) = look_closer(&mut search, at, suspects, runs)
            {
                return Some(place);
            }
            if next <= at {
                return None;
            }
            (before, at) = (at, next);
        }
    }

    /// Where a secret could be known by one of the places of a step that survive, or
    /// begin in it or the step before what could be a card's number.
    #[inline(never)]
    #[target_feature(enable = "avx2")]
    fn look_closer(
        search: &mut Search<'_>,
        at: usize,
        mut suspects: u32,
        mut runs: u64,
    ) -> Option<usize> {
        while runs != 0 {
            let place = at + runs.trailing_zeros() as usize - PLACES;
            runs &= runs - 1;
            let is_settled = place < search.settled || settle_few(search, place);
            if !is_settled && search.is_card(place) {
                return Some(place);
            }
        }
        while suspects != 0 {
            let place = at + suspects.trailing_zeros() as usize;
            suspects &= suspects - 1;
            if search.is_suspect(place) {
                return Some(place);
            }
        }
        None
    }

    /// Where the run of a card's number may begin: each of the places says that it
    /// and those behind it in its window belong to one.
    #[inline]
    fn runs(places: u64) -> u64 {
        const { assert!(MIN_CARD == 3 * (WIDTH - 1) + WIDTH) };
        let two = places & places >> (WIDTH - 1);
        two & two >> (2 * (WIDTH - 1))
    }

    /// Whether it is soon told that no number of a card begins in a run that begins
    /// here, as in those of dates; it is settled then.
    #[target_feature(enable = "avx2")]
    fn settle_few(search: &mut Search<'_>, at: usize) -> bool {
        let Some(block) = search.text[at..].first_chunk::<PLACES>() else { return false };
        // `2026-03-14 09:`
        if block[4] == b'-' && block[7] == b'-' && block[MIN_CARD] == b':' {
            search.settled = at + MIN_CARD;
            return true;
        }
        let bytes = load256(block);
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
        let from_to = |first: u8, last: u8| {
            let above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first.cast_signed()));
            let most = _mm256_set1_epi8((last - first).cast_signed());
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, most), above)
        };
        let digits = from_to(b'0', b'9');
        let run = _mm256_or_si256(digits, _mm256_or_si256(is(b' '), is(b'-')));
        let length = (!_mm256_movemask_epi8(run)).trailing_zeros();
        let Some(end) = 1_u32.checked_shl(length) else { return false };
        let digits = _mm256_movemask_epi8(digits) as u32 & (end - 1);
        // What cards begin with, where no digit is before.
        let begins = _mm256_movemask_epi8(from_to(b'2', b'6')) as u32 & digits & !(digits << 1);
        let behind = digits.checked_shr(begins.trailing_zeros()).unwrap_or(0);
        let few = (behind.count_ones() as usize) < MIN_CARD;
        if few {
            search.settled = at + length as usize;
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(text: &[u8]) -> (bool, bool) {
        let search = Search { text, windows: u64::MAX, settled: 0 };
        (first_suspect(text).is_some(), portable(search).is_some())
    }

    #[test]
    fn what_logs_are_full_of_is_no_suspect() {
        for text in [
            "",
            "2026-03-14 09:00:00,123 INFO [main] org.apache.Foo: key=5 user=bob monkey",
            "Mar 14 09:00:00 web sshd(pam_unix)[19939]: authentication failure; uid=0",
            "GET http://example.org/a?b=c&d=e HTTP/1.1 200 - 1773478800123",
            "03-17 16:13:38.811  1702  2395 D Window: passed pass port class x",
            "id 1234567890123456 and 12345: x",
            "task-1 msg.x - - -- --- password",
        ] {
            let suspect = text.contains("password");
            assert_eq!(both(text.as_bytes()), (suspect, suspect), "{text}");
        }
    }

    #[test]
    fn it_takes_no_longer_for_hostile_texts() {
        for piece in ["://", "1 1 1-1 ", "123456:", "4 4  ", " key", "9999999999999999 "] {
            let text = piece.repeat((1 << 16) / piece.len());
            let _ = both(text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn one_place_after_the_other_says_the_same(
            pieces in prop::collection::vec(
                prop_oneof![
                    "[0-9 -]{0,40}",
                    "[a-z0-9:/@é -]{0,40}",
                    prop::sample::select(
                        &["toke", "api", " key", "://", "@", "123456:", "\\u00", "\r-p", " --u", "sk-"][..]
                    ).prop_map(str::to_owned),
                ],
                0..8,
            )
        ) {
            let (own, portable) = both(pieces.concat().as_bytes());
            prop_assert_eq!(own, portable);
        }
    }
}

//! Literals, the windows that they are found by, and the keys of those.

use super::marker::WIDTH;

#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) bytes: Box<[u8]>,
    /// Where in the literal its window begins.
    pub(super) window: usize,
    /// In priority order.
    pub(super) patterns: Box<[u32]>,
}

impl Literal {
    pub(super) fn key_mask(&self) -> u64 {
        key_mask(self.bytes.len() - self.window)
    }

    pub(super) fn key(&self) -> u64 {
        self.key_of(self.window)
    }

    /// The key that it has if its window is this one.
    pub(super) fn key_of(&self, window: usize) -> u64 {
        key_at(&self.bytes, window) & key_mask(self.bytes.len() - window)
    }

    /// Where the literal begins, if the text holds it, its window being at `at`.
    #[inline]
    pub(super) fn begin(&self, text: &[u8], at: usize) -> Option<usize> {
        let begin = at.checked_sub(self.window)?;
        let there = text.get(begin..begin + self.bytes.len())?;
        there.eq_ignore_ascii_case(&self.bytes).then_some(begin)
    }
}

/// The bytes in a key, unless it is cut short by the end of its literal.
pub(super) const KEY: usize = 8;

/// The bits of the key of a literal that goes on for so many bytes. To have few
/// lengths, each of which is looked up, some bytes are left out.
fn key_mask(bytes: usize) -> u64 {
    let length = if bytes < KEY { bytes.min(WIDTH) } else { KEY };
    u64::MAX >> (8 * (KEY - length))
}

/// The bytes from a place on, with the bit set that tells lower from upper
/// case; zeros, which no literal has, beyond the end.
#[inline]
pub(super) fn key_at(text: &[u8], at: usize) -> u64 {
    const LOWER: u64 = u64::from_le_bytes([0x20; KEY]);
    let load = |bytes: &[u8; KEY]| u64::from_le_bytes(*bytes) | LOWER;
    match text.last_chunk() {
        // What would stick out is shifted out of the last bytes.
        Some(last) => match text[at..].first_chunk() {
            Some(bytes) => load(bytes),
            None => load(last) >> (8 * (at + KEY - text.len())),
        },
        None => {
            let mut padded = [0; KEY];
            padded[..text.len() - at].copy_from_slice(&text[at..]);
            padded[..text.len() - at].iter_mut().for_each(|byte| *byte |= 0x20);
            u64::from_le_bytes(padded)
        }
    }
}

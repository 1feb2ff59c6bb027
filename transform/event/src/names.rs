//! A quick answer to whether an event may have one of many fields.

use crate::event::Event;

/// How many rows a set has, one for each first letter or two.
const ROWS: usize = 64;

/// A set of names, known by length and a few letters: what it does not
/// hold is not in it. Of a path it holds each name that may be at the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names([u64; ROWS]);

impl Names {
    /// The set of some names.
    pub(crate) const fn of(lists: &[&[&str]]) -> Self {
        let mut rows = [0; ROWS];
        let mut list = 0;
        while list < lists.len() {
            let mut index = 0;
            while index < lists[list].len() {
                let name = lists[list][index].as_bytes();
                let mut end = 1;
                while end <= name.len() {
                    if end == name.len() || name[end] == b'.' {
                        rows[row(name[0])] |= bit(name[end / 2], name[end - 1], end);
                    }
                    end += 1;
                }
                index += 1;
            }
            list += 1;
        }
        Self(rows)
    }

    /// Whether a name may be one of them.
    #[inline]
    pub(crate) fn may_hold(&self, name: &str) -> bool {
        match name.as_bytes() {
            [] => false,
            bytes @ [first, ..] => {
                let (middle, last) = (bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
                self.0[row(*first)] & bit(middle, last, bytes.len()) != 0
            }
        }
    }

    /// As [`Names::may_hold`], where all of them are in lower case, in any case.
    #[inline]
    pub(crate) fn may_hold_lower(&self, name: &[u8]) -> bool {
        let [first, ..] = name else { return false };
        let (middle, last) = (name[name.len() / 2], name[name.len() - 1]);
        let bit = bit(middle.to_ascii_lowercase(), last.to_ascii_lowercase(), name.len());
        self.0[row(first.to_ascii_lowercase())] & bit != 0
    }

    /// Whether an event may have one of them.
    #[inline]
    pub(crate) fn may_be_in(&self, event: &impl Event) -> bool {
        event.any_name(&mut |name| self.may_hold(name))
    }
}

#[inline]
const fn row(first: u8) -> usize {
    first as usize % ROWS
}

#[inline]
const fn bit(middle: u8, last: u8, length: usize) -> u64 {
    1 << ((middle as usize + last as usize * 27 + length * 8) % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_set_is_held_and_most_other_names_are_not() {
        const SET: Names = Names::of(&[&["level", "log.level"], &["resources.service.name"]]);
        for name in ["level", "log", "log.level", "resources", "resources.service.name"] {
            assert!(SET.may_hold(name), "{name}");
        }
        for name in ["", "message", "timestamp", "host", "levels", "service", "resource"] {
            assert!(!SET.may_hold(name), "{name}");
        }
    }
}

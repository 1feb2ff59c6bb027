//! A quick answer to whether an event may have one of many fields.

use crate::event::Event;

/// How many sets one look at the names of an event can ask for.
const BITS: usize = 64;

/// A set of names, known by first letter and length: what it does not hold is
/// not in it. Of a path it holds each name that may be at the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names([u32; BITS]);

impl Names {
    /// The set of some names.
    pub(crate) const fn of(lists: &[&[&str]]) -> Self {
        let mut lengths = [0; BITS];
        let mut list = 0;
        while list < lists.len() {
            let mut index = 0;
            while index < lists[list].len() {
                let name = lists[list][index].as_bytes();
                let mut end = 0;
                while end <= name.len() {
                    if end == name.len() || name[end] == b'.' {
                        lengths[name[0] as usize % BITS] |= bit(end);
                    }
                    end += 1;
                }
                index += 1;
            }
            list += 1;
        }
        Self(lengths)
    }

    /// Whether a name may be one of them.
    #[inline]
    pub(crate) fn may_hold(&self, name: &str) -> bool {
        let letters = name.as_bytes().first().map(|first| self.0[usize::from(*first) % BITS]);
        letters.is_some_and(|lengths| lengths & bit(name.len()) != 0)
    }

    /// As [`Names::may_hold`], where all of them are in lower case, in any case.
    #[inline]
    pub(crate) fn may_hold_lower(&self, name: &str) -> bool {
        let first = name.as_bytes().first().map(u8::to_ascii_lowercase);
        let letters = first.map(|first| self.0[usize::from(first) % BITS]);
        letters.is_some_and(|lengths| lengths & bit(name.len()) != 0)
    }

    /// Whether an event may have one of them.
    #[inline]
    pub(crate) fn may_be_in(&self, event: &impl Event) -> bool {
        event.any_name(&mut |name| self.may_hold(name))
    }
}

const fn bit(length: usize) -> u32 {
    1 << (if length < 31 { length } else { 31 })
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

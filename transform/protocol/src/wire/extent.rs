//! A stretch of a message.

/// From one byte up to another, which is no part of it any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Extent {
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }

    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.end]
    }
}

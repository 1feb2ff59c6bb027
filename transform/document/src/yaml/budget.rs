//! How much of memory a document may take, whatever its text grows to.

use super::{error::YamlError, span::Span};

/// The most that a document's tree and comments may take, in bytes, with its
/// aliases followed.
const MAX_BYTES: usize = 64 << 20;

/// What has been taken so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    taken: usize,
}

impl Budget {
    /// Takes so many bytes for what stands there.
    ///
    /// # Errors
    /// When there are no more.
    pub(super) fn take(&mut self, bytes: usize, span: Span) -> Result<(), YamlError> {
        /// What the allocator adds to each piece.
        const OVERHEAD: usize = 16;
        self.taken = self.taken.saturating_add(bytes).saturating_add(OVERHEAD);
        if self.taken <= MAX_BYTES {
            return Ok(());
        }
        let message = format!(
            "read into memory it takes more than {} MiB from here on, aliases followed; make the \
             file shorter, or repeat less of it by alias",
            MAX_BYTES >> 20
        );
        Err(YamlError::new(message, span))
    }
}

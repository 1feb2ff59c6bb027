//! Why a log cannot be read, or not to its end.

use std::io;

use crate::packing::Packing;

/// Why a log cannot be read, or not to its end. It is inside the [`io::Error`]
/// that reading ends with, and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Packed data ends early.
    #[error(
        "its {0} data breaks off: it was cut, or is still being written; what came before was read, \
         take the rest from a whole copy"
    )]
    CutShort(Packing),
    /// Packed data contradicts itself.
    #[error(
        "its {packing} data is damaged ({reason}); what came before was read, take the rest from \
         another copy"
    )]
    Damaged {
        /// How it is packed.
        packing: Packing,
        /// What unpacking says.
        reason: String,
    },
    /// Behind packed data there is something that is not packed.
    #[error(
        "behind its {0} data comes something else; what came before was read, give the rest as a \
         file of its own"
    )]
    Trailing(Packing),
    /// It is something that we know, and no log.
    #[error("it is {what}; {advice}")]
    Foreign {
        /// What, with its article.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// It is nothing that we know, and no text.
    #[error(
        "it is no text, nor packed by gzip, zstd, bzip2, xz or lz4; give it unpacked, in UTF-8, \
         or in UTF-16 with its byte-order mark"
    )]
    NoText,
}

impl Fault {
    /// What an error of an unpacker means. Errors of what it reads from pass as
    /// they are.
    pub(crate) fn of(error: io::Error, packing: Packing) -> io::Error {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, OutOfMemory, Unsupported};
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort(packing).into(),
            InvalidData | InvalidInput | Other | OutOfMemory | Unsupported => {
                Self::Damaged { packing, reason: error.to_string() }.into()
            }
            _ => error,
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

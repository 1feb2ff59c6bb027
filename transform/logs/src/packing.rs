//! How a log is packed, as its first bytes say.

use std::fmt;

/// How a log is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// As by `bzip2`.
    Bzip2,
    /// As by `xz`.
    Xz,
    /// LZ4 frames.
    Lz4,
    /// LZ4 as it was before there were frames, by `lz4 -l`.
    Lz4Legacy,
    /// A frame without content, as `pzstd` and seekable files have them first
    /// (RFC 8878, 3.1.2; lz4 has the same).
    Skippable,
}

/// Every packing with the bytes that it begins with.
const MAGIC: [(Packing, &[u8]); 6] = [
    (Packing::Gzip, &[0x1f, 0x8b]),
    (Packing::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
    (Packing::Bzip2, b"BZh"),
    (Packing::Xz, b"\xfd7zXZ\0"),
    (Packing::Lz4, &[0x04, 0x22, 0x4d, 0x18]),
    (Packing::Lz4Legacy, &[0x02, 0x21, 0x4c, 0x18]),
];

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is packed so.
    Packed(Packing),
    /// It is not packed.
    Plain,
    /// More bytes are needed.
    Undecided,
}

impl Packing {
    /// What the first bytes of a log say.
    pub(crate) fn told_by(head: &[u8]) -> Told {
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = head {
            return Told::Packed(Self::Skippable);
        }
        // A digit, and the level is all that the name says of bzip2 data.
        let is_level = |head: &[u8]| head.get(3).is_none_or(u8::is_ascii_digit);
        for (packing, magic) in MAGIC {
            if head.starts_with(magic) && (packing != Self::Bzip2 || is_level(head)) {
                return Told::Packed(packing);
            }
            if magic.starts_with(head) {
                return Told::Undecided;
            }
        }
        match head {
            [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d] => Told::Undecided,
            _ => Told::Plain,
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd | Self::Skippable => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lz4 | Self::Lz4Legacy => "lz4",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_bytes_are_waited_for_than_are_needed() {
        for (packing, magic) in MAGIC {
            for end in 0..magic.len() {
                assert_eq!(Packing::told_by(&magic[..end]), Told::Undecided, "{packing} {end}");
            }
            assert_eq!(Packing::told_by(magic), Told::Packed(packing));
        }
        for text in ["a", "B ", "BZ2", "BZhx", "\n", "2026-01-01", "P", "_x", "(", "(x"] {
            let told = Packing::told_by(text.as_bytes());
            let first = ["P", "("].contains(&text);
            assert_eq!(told == Told::Undecided, first, "{text}");
        }
        assert_eq!(Packing::told_by(&[0x5a, 0x2a, 0x4d, 0x18]), Told::Packed(Packing::Skippable));
    }
}

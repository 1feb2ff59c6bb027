//! What is no log: archives, databases, binary data.

use crate::{
    fault::Fault,
    packing::{Packing, Told},
};

/// How much of a log is looked at, in bytes.
const SAMPLE_BYTES: usize = 8 << 10;

/// How many zeros a crash leaves at least. Fewer are a character of UTF-32, or a
/// number.
const STRETCH: usize = 4;

/// Where a tar archive says what it is.
const TAR_MAGIC_AT: usize = 257;

const UTF_32: &str = "text in UTF-32";

/// The first bytes of files that people take for logs, what they are, and what to
/// do.
const KNOWN: [(&[u8], &str, &str); 18] = [
    (b"\xff\xfe\0\0", UTF_32, "convert it first, as `iconv -f UTF-32 -t UTF-8` does"),
    (b"\0\0\xfe\xff", UTF_32, "convert it first, as `iconv -f UTF-32 -t UTF-8` does"),
    (b"PK\x03\x04", "a zip archive", "unpack it first, as `unzip -p` does"),
    (b"PK\x05\x06", "an empty zip archive", "there is nothing in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first, as `7z e -so` does"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first, as `unrar p` does"),
    (b"!<arch>\n", "an ar archive", "unpack it first, as `ar p` does"),
    (b"LZIP\x01", "lzip data", "unpack it first, as `lzip -dc` does"),
    (b"\x5d\0\0\x80\0", "LZMA data", "unpack it first, as `xz -dc --format=lzma` does"),
    (b"\x1f\x9d", "data of `compress`", "unpack it first, as `zcat` does"),
    (b"\x89LZO\0\r\n\x1a\n", "lzop data", "unpack it first, as `lzop -dc` does"),
    (b"\xff\x06\0\0sNaPpY", "snappy data", "unpack it first"),
    (b"LPKSHHRH", "a journal of systemd", "print it, as `journalctl -o json --file` does"),
    (b"ElfFile\0", "an event log of Windows", "export it as text first"),
    (b"SQLite format 3\0", "an SQLite database", "export its lines as text first"),
    (b"PAR1\x15", "a Parquet file", "export its rows as JSON lines first"),
    (b"\x7fELF", "a program", "give a log"),
    (b"%PDF-", "a PDF document", "give a log as text"),
];

/// Whether more bytes may still show that it is something of the list.
pub(crate) fn is_undecided(head: &[u8]) -> bool {
    KNOWN.iter().any(|(magic, ..)| magic.len() > head.len() && magic.starts_with(head))
}

/// Refuses what is of the list, whatever mark of a text it begins with.
pub(crate) fn check_known(head: &[u8]) -> Result<(), Fault> {
    match KNOWN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, what, advice)) => Err(Fault::Foreign { what, advice }),
        None => Ok(()),
    }
}

/// What is wrong with the first bytes of what should be a log, unpacked.
pub(crate) fn check(head: &[u8]) -> Result<(), Fault> {
    check_known(head)?;
    if let Told::Packed(_) = Packing::told_by(head) {
        let advice = "unpack it once first";
        return Err(Fault::Foreign { what: "packed more than once", advice });
    }
    if head.get(TAR_MAGIC_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        let advice = "unpack it first, as `tar -xO` does";
        return Err(Fault::Foreign { what: "a tar archive", advice });
    }
    match is_binary(&head[..head.len().min(SAMPLE_BYTES)]) {
        true => Err(Fault::NoText),
        false => Ok(()),
    }
}

/// Whether one byte in twenty or more is a control character that no text has.
/// Random bytes have one in ten; of a text in any encoding, hardly one. A stretch
/// of zeros is none: a crash leaves it in a file.
fn is_binary(sample: &[u8]) -> bool {
    let is_control = |byte: &u8| match byte {
        // What moves the cursor, rings and colours is in logs.
        0 | b'\x07'..=b'\r' | b'\x1b' => false,
        byte => *byte < b' ' || *byte == b'\x7f',
    };
    let zeros = sample.chunk_by(|a, b| *a == 0 && *b == 0).filter(|run| run[0] == 0);
    let few_zeros: usize = zeros.map(<[u8]>::len).filter(|length| *length < STRETCH).sum();
    let controls = few_zeros + sample.iter().filter(|byte| is_control(byte)).count();
    let bytes = sample.iter().filter(|byte| **byte != 0).count();
    bytes > 0 && controls > 1 && controls * 20 >= bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_in_any_encoding_are_text() {
        let zeros = [&[0; 4096][..], b"2026-01-01 10:00:00 ERROR x\n"].concat();
        let torn = [b"a line\n", &[0; 100][..], b"the next\n", &[0; 7], b"and one more\n"].concat();
        let shift_jis =
            b"\x83G\x83\x89\x81[\x82\xaa\x94\xad\x90\xb6\x82\xb5\x82\xdc\x82\xb5\x82\xbd\n";
        for text in [
            &b""[..],
            b"\0",
            b"\0\0\0",
            b"caf\xe9 ferm\xe9\n",
            shift_jis,
            "日本語 エラー\r\n".as_bytes(),
            b"\x1b[31mred\x1b[0m\x08\x08\x07\n",
            b"<11>1 2026-01-01T00:00:00Z h a - - \xef\xbb\xbfboom\0",
            b"one \x01 in a long line of text, as some loggers have it between fields\n",
            &zeros,
            &torn,
        ] {
            assert_eq!(check(text), Ok(()), "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        let mut random = 1u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 24) as u8
        };
        for length in [200, 1000, 100_000] {
            let bytes: Vec<_> = (0..length).map(|_| next()).collect();
            assert_eq!(check(&bytes), Err(Fault::NoText), "{length}");
        }
        // UTF-16 without its mark.
        let utf16: Vec<_> = "ERROR boom".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(check(&utf16), Err(Fault::NoText));
        for unit in [|unit: u32| unit.to_le_bytes(), |unit: u32| unit.to_be_bytes()] {
            let utf32: Vec<_> = "ERROR boom".chars().map(u32::from).flat_map(unit).collect();
            assert_eq!(check(&utf32), Err(Fault::NoText));
        }
        let mut tar = vec![0; 512];
        tar[..9].copy_from_slice(b"app.log.1");
        tar[257..262].copy_from_slice(b"ustar");
        let told = check(&tar).unwrap_err().to_string();
        assert_eq!(told, "it is a tar archive; unpack it first, as `tar -xO` does");
        for (magic, what, _) in KNOWN {
            assert!((1..magic.len()).all(|end| is_undecided(&magic[..end])), "{what}");
            assert!(matches!(check(magic), Err(Fault::Foreign { what: told, .. }) if told == what));
        }
    }
}

//! What a log's text is, however it lies: whole, cut anywhere, and piece by piece.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::io::{self, Read, Write};

use proptest::prelude::*;
use signatures_logs::{Fault, Log, Packing};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    let mut out = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    // As the command does it.
    out.include_checksum(true).unwrap();
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn xz(text: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn lz4(text: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new()
        .block_mode(lz4_flex::frame::BlockMode::Linked)
        .block_size(lz4_flex::frame::BlockSize::Max64KB)
        .content_checksum(true);
    let mut out = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    out.write_all(text).unwrap();
    out.finish().unwrap()
}

fn skippable(text: &[u8]) -> Vec<u8> {
    let frame = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0], &b"size"[..]].concat();
    [&frame[..], &zstd(text)].concat()
}

type Pack = fn(&[u8]) -> Vec<u8>;

const PACKINGS: [(Packing, Pack); 6] = [
    (Packing::Gzip, gzip),
    (Packing::Zstd, zstd),
    (Packing::Bzip2, bzip2),
    (Packing::Xz, xz),
    (Packing::Lz4, lz4),
    (Packing::Zstd, skippable),
];

/// Gives at most so many bytes at a time.
struct Slow(io::Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(self.1);
        self.0.read(&mut out[..most])
    }
}

/// What can be read, so many bytes at a time, and what it ends with.
fn read_by(bytes: &[u8], step: usize) -> (Vec<u8>, Result<(), Fault>) {
    let mut log = Log::new(Slow(io::Cursor::new(bytes.to_vec()), step));
    let (mut text, mut piece) = (Vec::new(), vec![0; step]);
    loop {
        match log.read(&mut piece) {
            Ok(0) => return (text, Ok(())),
            Ok(read) => text.extend_from_slice(&piece[..read]),
            Err(error) => {
                assert_eq!(log.read(&mut piece).unwrap(), 0, "a fault is told once");
                let fault = error.into_inner().unwrap().downcast::<Fault>().unwrap();
                return (text, Err(*fault));
            }
        }
    }
}

fn read(bytes: &[u8]) -> (Vec<u8>, Result<(), Fault>) {
    read_by(bytes, 100_000)
}

/// More than a block of every packing, and not all the same.
fn long_text() -> Vec<u8> {
    let line = |n: u32| {
        format!("2026-01-01 10:00:00 ERROR order {n} {:x} failed\n", n.wrapping_mul(2_654_435_761))
    };
    (0..20_000).map(line).collect::<String>().into_bytes()
}

#[test]
fn every_packing_is_unpacked_in_one_member_or_in_many() {
    let text = long_text();
    for (packing, pack) in PACKINGS {
        assert_eq!(read(&pack(&text)), (text.clone(), Ok(())), "{packing}");
        assert_eq!(read(&pack(b"")), (vec![], Ok(())), "{packing}");
        let members = [pack(b"one\n"), pack(b""), pack(b"two\n")].concat();
        assert_eq!(read(&members), (b"one\ntwo\n".to_vec(), Ok(())), "{packing}");
        let padded = [pack(b"one\n"), vec![0; 512]].concat();
        assert_eq!(read(&padded), (b"one\n".to_vec(), Ok(())), "{packing}");
    }
    let mixed: Vec<u8> = PACKINGS.iter().flat_map(|(_, pack)| pack(b"x\n")).collect();
    assert_eq!(read(&mixed), (b"x\n".repeat(6), Ok(())));
}

#[test]
fn what_was_cut_anywhere_gives_what_there_is_and_a_fault() {
    let text = &long_text()[..100_000];
    for (packing, pack) in PACKINGS {
        let packed = pack(text);
        // Every cut of the head and the tail, and some between.
        let cuts = (8..40).chain((40..packed.len() - 40).step_by(4999));
        for cut in cuts.chain(packed.len() - 40..packed.len()) {
            let (found, end) = read(&packed[..cut]);
            assert!(text.starts_with(&found), "{packing} {cut}");
            // Between a frame to be skipped and the next nothing is cut, and of the
            // next some bytes are needed to know it.
            if !(packed[0] == 0x50 && (12..16).contains(&cut)) {
                let told = Fault::CutShort(packing).to_string();
                assert_eq!(end.unwrap_err().to_string(), told, "{packing} {cut}");
            }
        }
        // Not only whole files, but whole blocks.
        let (text, packed) = (long_text(), pack(&long_text()));
        let (found, _) = read(&packed[..packed.len() - 1]);
        assert!(text.starts_with(&found) && found.len() > text.len() / 2, "{packing}");
    }
}

#[test]
fn what_follows_or_is_damaged_is_told_behind_what_could_be_read() {
    for (packing, pack) in PACKINGS {
        let (found, end) = read(&[&pack(b"one\n")[..], b"rubbish"].concat());
        assert_eq!((found, end), (b"one\n".to_vec(), Err(Fault::Trailing(packing))));

        let text = &long_text()[..200_000];
        let mut packed = pack(text);
        let middle = packed.len() / 2;
        for byte in &mut packed[middle..middle + 64] {
            *byte = !*byte;
        }
        let (_, end) = read(&packed);
        assert!(
            matches!(&end, Err(Fault::Damaged { packing: told, .. } | Fault::CutShort(told)) if *told == packing),
            "{packing} {end:?}"
        );
    }
    // A frame of which only the first bytes are right.
    let (_, end) = read(b"\x04\x22\x4d\x18garbage");
    assert!(
        matches!(
            end,
            Err(Fault::Damaged { packing: Packing::Lz4, .. } | Fault::CutShort(Packing::Lz4))
        ),
        "{end:?}"
    );
}

#[test]
fn utf_16_is_decoded_by_its_mark_packed_or_not() {
    let text = "ERROR: é 🚀 No space left on device\r\nnext\n";
    let units = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    for bytes in [units(u16::to_le_bytes), units(u16::to_be_bytes)] {
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(read_by(&bytes, step), (text.as_bytes().to_vec(), Ok(())), "{step}");
            assert_eq!(read_by(&xz(&bytes), step), (text.as_bytes().to_vec(), Ok(())), "{step}");
        }
        let (cut, end) = read(&bytes[..bytes.len() - 1]);
        assert_eq!(
            (String::from_utf8(cut).unwrap(), end),
            (text.replace("next\n", "next\u{fffd}"), Ok(()))
        );
    }
    assert_eq!(read(b"\xef\xbb\xbf{\"a\":1}\n"), (b"{\"a\":1}\n".to_vec(), Ok(())));
}

#[test]
fn what_is_no_log_is_refused_packed_or_not() {
    const UTF_32: &str =
        "it is text in UTF-32; convert it first, as `iconv -f UTF-32 -t UTF-8` does";
    let mut tar = vec![0; 1024];
    tar[..7].copy_from_slice(b"app.log");
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, told) in [
        (&b"PK\x03\x04\x14\0\0\0"[..], "it is a zip archive; unpack it first, as `unzip -p` does"),
        (&tar, "it is a tar archive; unpack it first, as `tar -xO` does"),
        (b"\xff\xfe\0\0o\0\0\0", UTF_32),
        (b"\0\0\xfe\xff\0\0\0o", UTF_32),
        (
            b"\x13\x02\x9a\x01\x02\x03\x1f",
            "it is no text, nor packed by gzip, zstd, bzip2, xz or lz4; give it unpacked, in UTF-8, or in UTF-16 with its byte-order mark",
        ),
    ] {
        for packed in [bytes.to_vec(), gzip(bytes), lz4(bytes)] {
            let (text, end) = read(&packed);
            assert_eq!((text, end.unwrap_err().to_string()), (vec![], told.to_owned()));
        }
    }
    for once in [gzip, zstd, bzip2, xz, lz4] {
        let (text, end) = read(&gzip(&once(b"a line\n")));
        let told = "it is packed more than once; unpack it once first".to_owned();
        assert_eq!((text, end.unwrap_err().to_string()), (vec![], told));
    }
}

/// Gives a line, and then nothing for as long as anybody waits.
struct Waiting(&'static [u8]);

impl Read for Waiting {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        assert!(!self.0.is_empty(), "nobody has to wait for more");
        let read = self.0.len().min(out.len());
        out[..read].copy_from_slice(&self.0[..read]);
        self.0 = &self.0[read..];
        Ok(read)
    }
}

#[test]
fn what_has_come_is_given_at_once() {
    for line in [&b"a\n"[..], b"B\n", b"BZ2\n", b"{}\n", b"P\n", b"\xef\xbb\xbfx\n", b"\n"] {
        let mut out = [0; 100];
        let read = Log::new(Waiting(line)).read(&mut out).unwrap();
        assert_eq!(&out[..read], line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
    }
    let mut out = [0; 100];
    let read = Log::new(Waiting(b"\xff\xfea\0\n\0")).read(&mut out).unwrap();
    assert_eq!(&out[..read], b"a\n");
}

#[test]
fn a_signal_is_no_error() {
    struct Interrupted(Slow, bool);
    impl Read for Interrupted {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match self.1 {
                true => Err(io::ErrorKind::Interrupted.into()),
                false => self.0.read(out),
            }
        }
    }
    let text = long_text();
    for (_, pack) in PACKINGS {
        for bytes in [pack(&text), text.clone()] {
            let mut log = Log::new(Interrupted(Slow(io::Cursor::new(bytes), 70_000), false));
            let (mut found, mut piece) = (Vec::new(), vec![0; 100_000]);
            loop {
                match log.read(&mut piece).unwrap() {
                    0 => break,
                    read => found.extend_from_slice(&piece[..read]),
                }
            }
            assert!(found == text);
        }
    }
}

#[test]
fn an_error_of_the_file_passes_as_it_is() {
    struct Broken(bool);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            let packed = gzip(&long_text());
            out[..100].copy_from_slice(&packed[..100]);
            Ok(100)
        }
    }
    let error = Log::new(Broken(false)).read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_is_the_same_however_it_is_packed_and_comes(
        texts in prop::collection::vec("[ -~\n]{0,300}", 1..4),
        which in 0..PACKINGS.len(),
        step in 1usize..50,
    ) {
        let whole = texts.concat().into_bytes();
        let packed: Vec<u8> = texts.iter().flat_map(|text| PACKINGS[which].1(text.as_bytes())).collect();
        prop_assert_eq!(read_by(&packed, step), (whole.clone(), Ok(())));
        // No text begins like something packed.
        let plain = [b"-", &whole[..]].concat();
        prop_assert_eq!(read_by(&plain, step), (plain, Ok(())));
    }

    #[test]
    fn arbitrary_bytes_end_in_text_or_a_fault(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        which in 0..PACKINGS.len(),
        keep in 0usize..12,
    ) {
        let packed = PACKINGS[which].1(b"a line\n");
        let bytes = [&packed[..keep], &bytes].concat();
        let _ = read(&bytes);
    }
}

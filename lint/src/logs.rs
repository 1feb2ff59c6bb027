//! Reading logs: files plain, gzip or zstd, or standard input, a block of
//! whole lines at a time.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use signatures_event::{MAX_EVENT_BYTES, Parts};

/// How much is read at a time, in bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// How much of a line is kept, in bytes: enough to tell that it is too long for
/// an event. The rest is passed over.
const MAX_LINE_BYTES: usize = MAX_EVENT_BYTES + 1;

/// Whole lines of a log.
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
}

impl Block {
    /// The text of all lines. What is not UTF-8 is replaced by U+FFFD, which is
    /// the same for a block as for each line, since no character goes beyond a
    /// line.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        // Lossy decoding looks at each byte; to check whether it is needed is
        // many times as fast.
        str::from_utf8(&self.bytes)
            .map_or_else(|_| String::from_utf8_lossy(&self.bytes), Cow::Borrowed)
    }
}

/// The lines of a block's text, without their ends.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let ends = memchr::memchr_iter(b'\n', body.as_bytes()).chain([body.len()]);
    ends.scan(0, |start, end| Some(&body[std::mem::replace(start, end + 1)..end]))
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}

/// A log that is read in blocks.
pub(crate) struct LogReader {
    name: String,
    compressed: bool,
    input: Box<dyn Read + Send>,
    /// The start of a line whose end has not been read yet.
    partial: Vec<u8>,
    /// Within a line that is too long, whose rest is passed over.
    skipping: bool,
    ended: bool,
    /// Lines that come in parts.
    parts: Parts,
}

impl LogReader {
    /// Opens a file, or standard input for `-`; what is compressed is told by
    /// its first bytes. `progress` sees the bytes as they are read from disk.
    pub(crate) fn open(path: &Path, progress: &indicatif::ProgressBar) -> io::Result<Self> {
        let raw: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path)?)
        };
        let mut raw = BufReader::with_capacity(64 << 10, progress.wrap_read(raw));
        let head = raw.fill_buf()?;
        let mut compressed = true;
        let input: Box<dyn Read + Send> = if head.starts_with(&[0x1f, 0x8b]) {
            Box::new(flate2::bufread::MultiGzDecoder::new(raw))
        } else if is_zstd(head) {
            Box::new(zstd::stream::read::Decoder::with_buffer(raw)?)
        } else {
            compressed = false;
            Box::new(raw)
        };
        let name = path.display().to_string();
        Ok(Self {
            name,
            compressed,
            input,
            partial: Vec::new(),
            skipping: false,
            ended: false,
            parts: Parts::default(),
        })
    }

    /// The next lines, those that came in parts joined; none at the end.
    pub(crate) fn next_block(&mut self) -> io::Result<Option<Block>> {
        while let Some(mut block) = self.read_block()? {
            self.parts.join_block(&mut block.bytes);
            if !block.bytes.is_empty() {
                return Ok(Some(block));
            }
        }
        let rest: Vec<_> = self.parts.finish().collect();
        Ok((!rest.is_empty()).then(|| Block { bytes: rest.join(&b'\n') }))
    }

    fn read_block(&mut self) -> io::Result<Option<Block>> {
        while !self.ended {
            let mut bytes = std::mem::take(&mut self.partial);
            let read = match (&mut self.input).take(BLOCK_BYTES as u64).read_to_end(&mut bytes) {
                Ok(read) => read,
                // Rubbish after the end, or no end at all: what came before counts.
                Err(error) if self.compressed && !bytes.is_empty() => {
                    anstream::eprintln!("warning: {}: {error}; read up to there", self.name);
                    0
                }
                Err(error) => return Err(error),
            };
            self.ended = read == 0;
            if self.skipping {
                let Some(end) = memchr::memchr(b'\n', &bytes) else { continue };
                bytes.drain(..=end);
                self.skipping = false;
            }
            if let Some(end) = memchr::memrchr(b'\n', &bytes) {
                self.partial = bytes.split_off(end + 1);
            } else if bytes.len() > MAX_LINE_BYTES {
                bytes.truncate(MAX_LINE_BYTES);
                self.skipping = true;
            } else if !self.ended {
                self.partial = bytes;
                continue;
            }
            if !bytes.is_empty() {
                return Ok(Some(Block { bytes }));
            }
        }
        Ok(None)
    }
}

/// Whether a Zstandard frame begins here, or one to be skipped, as `pzstd` and
/// seekable files have them first (RFC 8878, 3.1).
fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lines(content: &[u8]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let mut reader = LogReader::open(file.path(), &indicatif::ProgressBar::hidden()).unwrap();
        let mut all = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            all.extend(super::lines(&block.text()).map(String::from));
        }
        all
    }

    #[test]
    fn lines_are_read_whatever_their_ends() {
        assert_eq!(lines(b""), Vec::<String>::new());
        assert_eq!(lines(b"a\r\n\nb"), ["a", "", "b"]);
        assert_eq!(lines(b"a\n"), ["a"]);
        assert_eq!(lines(b"\n\n"), ["", ""]);
        assert_eq!(
            lines(b"a\xE2\x82\n\x82\xAC\n\xFF"),
            ["a\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFD}"]
        );
    }

    #[test]
    fn compressed_logs_are_told_by_their_first_bytes() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\n").unwrap();
        let mut members = gzip.finish().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"two\n").unwrap();
        members.extend(gzip.finish().unwrap());
        assert_eq!(lines(&members), ["one", "two"]);
        let frame = zstd::encode_all(&b"one\ntwo\n"[..], 1).unwrap();
        assert_eq!(lines(&frame), ["one", "two"]);
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        assert_eq!(lines(&[&skippable, &frame[..]].concat()), ["one", "two"]);
    }

    #[test]
    fn rubbish_after_a_packed_log_does_not_lose_it() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\ntwo\n").unwrap();
        let mut packed = gzip.finish().unwrap();
        packed.extend(b"rubbish");
        assert_eq!(lines(&packed), ["one", "two"]);
    }

    #[test]
    fn blocks_do_not_split_lines() {
        let expected: Vec<_> = (0..300_000).map(|n| format!("line {n}")).collect();
        assert_eq!(lines(expected.join("\n").as_bytes()), expected);
    }

    #[test]
    fn of_a_line_without_end_only_the_head_is_kept() {
        let mut content = vec![b'x'; MAX_LINE_BYTES + 3 * BLOCK_BYTES];
        content.extend(b"\nnext");
        let lines = lines(&content);
        assert_eq!((lines[0].len(), lines[1].as_str(), lines.len()), (MAX_LINE_BYTES, "next", 2));
    }
}

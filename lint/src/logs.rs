//! Reading logs: files or standard input, a block of whole lines at a time.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read},
    path::Path,
};

use signatures_event::{MAX_EVENT_BYTES, Parts};
use signatures_logs::Log;

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
    log: Log,
    /// The start of a line whose end has not been read yet.
    partial: Vec<u8>,
    /// Within a line that is too long, whose rest is passed over.
    skipping: bool,
    ended: bool,
    /// Why no more can be read, once all that could be is taken.
    failed: Option<io::Error>,
    /// Lines that come in parts.
    parts: Parts,
}

impl LogReader {
    /// Opens a file, or standard input for `-`. `progress` sees the bytes as they
    /// are read from disk.
    pub(crate) fn open(path: &Path, progress: &indicatif::ProgressBar) -> io::Result<Self> {
        let raw: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path)?)
        };
        Ok(Self {
            log: Log::new(progress.wrap_read(raw)),
            partial: Vec::new(),
            skipping: false,
            ended: false,
            failed: None,
            parts: Parts::default(),
        })
    }

    /// The next lines, those that came in parts joined; none at the end.
    ///
    /// # Errors
    /// When no more can be read, after all lines that could be.
    pub(crate) fn next_block(&mut self) -> io::Result<Option<Block>> {
        while let Some(mut block) = self.read_block() {
            self.parts.join_block(&mut block.bytes);
            if !block.bytes.is_empty() {
                return Ok(Some(block));
            }
        }
        let rest: Vec<_> = self.parts.finish().collect();
        match rest.is_empty() {
            true => self.failed.take().map_or(Ok(None), Err),
            false => Ok(Some(Block { bytes: rest.join(&b'\n') })),
        }
    }

    /// The next lines as they lie; none at the end, or when no more can be read.
    fn read_block(&mut self) -> Option<Block> {
        while !self.ended {
            let mut bytes = std::mem::take(&mut self.partial);
            let before = bytes.len();
            let read = (&mut self.log).take(BLOCK_BYTES as u64).read_to_end(&mut bytes);
            self.failed = read.err();
            self.ended = bytes.len() == before || self.failed.is_some();
            if self.skipping {
                let Some(end) = memchr::memchr(b'\n', &bytes) else { continue };
                bytes.drain(..=end);
                self.skipping = false;
            }
            if self.ended {
                // A last line needs no end.
            } else if let Some(end) = memchr::memrchr(b'\n', &bytes) {
                self.partial = bytes.split_off(end + 1);
            } else if bytes.len() > MAX_LINE_BYTES {
                bytes.truncate(MAX_LINE_BYTES);
                self.skipping = true;
            } else {
                self.partial = bytes;
                continue;
            }
            if !bytes.is_empty() {
                return Some(Block { bytes });
            }
        }
        None
    }
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
    fn what_could_be_read_is_given_before_the_fault() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"one\ntwo").unwrap();
        file.write_all(&[&gzip.finish().unwrap()[..], b"rubbish"].concat()).unwrap();
        let mut reader = LogReader::open(file.path(), &indicatif::ProgressBar::hidden()).unwrap();
        let block = reader.next_block().unwrap().unwrap();
        assert_eq!(super::lines(&block.text()).collect::<Vec<_>>(), ["one", "two"]);
        let Err(error) = reader.next_block() else { panic!() };
        assert!(error.to_string().starts_with("behind its gzip data"), "{error}");
        assert!(reader.next_block().unwrap().is_none());
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

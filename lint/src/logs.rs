//! Reading logs: files or standard input, a block of whole lines at a time.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read},
    path::Path,
};

use signatures_event::{MAX_EVENT_BYTES, Multiline, Parts};
use signatures_logs::Log;

/// How much is read at a time, in bytes; and of a log among many.
const BLOCK_BYTES: usize = 1 << 20;
const SMALL_BLOCK_BYTES: usize = 64 << 10;

/// How much of a line is kept, in bytes: enough to tell that it is too long for
/// an event. The rest is passed over.
const MAX_LINE_BYTES: usize = MAX_EVENT_BYTES + 1;

/// Whole events of a log, each a line or several, with a line end between them.
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Block {
    /// Lines that are an event each.
    fn of_lines(bytes: Vec<u8>) -> Self {
        let last = bytes.strip_suffix(b"\n").unwrap_or(&bytes).len();
        let ends = memchr::memchr_iter(b'\n', &bytes[..last]).chain([last]).collect();
        Self { bytes, ends }
    }

    /// The texts of the events, without their ends. What is not UTF-8 is replaced by
    /// U+FFFD.
    pub(crate) fn events(&self) -> Vec<Cow<'_, str>> {
        // Lossy decoding looks at each byte; to check whether it is needed is
        // many times as fast.
        let text = str::from_utf8(&self.bytes).ok();
        let mut start = 0;
        let event = |end: &usize| {
            let range = std::mem::replace(&mut start, end + 1)..*end;
            let bytes = &self.bytes[range.clone()];
            let length = bytes.strip_suffix(b"\r").unwrap_or(bytes).len();
            match text {
                Some(text) => Cow::Borrowed(&text[range][..length]),
                None => String::from_utf8_lossy(&bytes[..length]),
            }
        };
        self.ends.iter().map(event).collect()
    }
}

/// A log that is read in blocks.
pub(crate) struct LogReader {
    log: Log,
    block_bytes: usize,
    /// The start of a line whose end has not been read yet.
    partial: Vec<u8>,
    /// Within a line that is too long, whose rest is passed over.
    skipping: bool,
    ended: bool,
    /// Why no more can be read, once all that could be is taken.
    failed: Option<io::Error>,
    /// Lines that come in parts.
    parts: Parts,
    /// Lines that belong together; none where each is an event.
    multiline: Option<Multiline>,
}

impl LogReader {
    /// Opens a file, or standard input for `-`. `progress` sees the bytes as they
    /// are read from disk.
    pub(crate) fn open(
        path: &Path,
        multiline: bool,
        progress: &indicatif::ProgressBar,
    ) -> io::Result<Self> {
        let raw: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path)?)
        };
        Ok(Self {
            log: Log::new(progress.wrap_read(raw)),
            block_bytes: BLOCK_BYTES,
            partial: Vec::new(),
            skipping: false,
            ended: false,
            failed: None,
            parts: Parts::default(),
            multiline: multiline.then(Multiline::default),
        })
    }

    /// Reads less at a time, for who has many open.
    pub(crate) fn in_small_blocks(self) -> Self {
        Self { block_bytes: SMALL_BLOCK_BYTES, ..self }
    }

    /// The lines that were joined to others, and how many events went on beyond that.
    pub(crate) fn joined(&self) -> (u64, u64) {
        self.multiline.as_ref().map_or((0, 0), |lines| (lines.joined(), lines.over()))
    }

    /// The next events, of lines that came in parts or belong together; none at the end.
    ///
    /// # Errors
    /// When no more can be read, after all lines that could be.
    pub(crate) fn next_block(&mut self) -> io::Result<Option<Block>> {
        while let Some(mut bytes) = self.read_block() {
            self.parts.join_block(&mut bytes);
            let block = self.joined_block(bytes);
            if !block.ends.is_empty() {
                return Ok(Some(block));
            }
        }
        let rest: Vec<_> = self.parts.finish().collect();
        let mut block = self.joined_block(rest.join(&b'\n'));
        if let Some(multiline) = &mut self.multiline {
            let (bytes, ends) = multiline.finish_block();
            let before = block.bytes.len();
            block.ends.extend(ends.iter().map(|end| before + end));
            block.bytes.extend(bytes);
        }
        match block.ends.is_empty() {
            true => self.failed.take().map_or(Ok(None), Err),
            false => Ok(Some(block)),
        }
    }

    fn joined_block(&mut self, mut bytes: Vec<u8>) -> Block {
        match &mut self.multiline {
            Some(multiline) => {
                let ends = multiline.join_block(&mut bytes);
                Block { bytes, ends }
            }
            None if bytes.is_empty() => Block { bytes, ends: Vec::new() },
            None => Block::of_lines(bytes),
        }
    }

    /// The next lines as they lie; none at the end, or when no more can be read.
    fn read_block(&mut self) -> Option<Vec<u8>> {
        while !self.ended {
            let mut bytes = std::mem::take(&mut self.partial);
            let before = bytes.len();
            let read = (&mut self.log).take(self.block_bytes as u64).read_to_end(&mut bytes);
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
                return Some(bytes);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn events(path: &Path, multiline: bool) -> Vec<String> {
        let progress = indicatif::ProgressBar::hidden();
        let mut reader = LogReader::open(path, multiline, &progress).unwrap();
        let mut all = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            all.extend(block.events().into_iter().map(Cow::into_owned));
        }
        all
    }

    fn lines(content: &[u8]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let [joined, all] = [true, false].map(|multiline| events(file.path(), multiline));
        // Nothing in these logs belongs together.
        assert_eq!(joined, all);
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
        let progress = indicatif::ProgressBar::hidden();
        let mut reader = LogReader::open(file.path(), false, &progress).unwrap();
        let block = reader.next_block().unwrap().unwrap();
        assert_eq!(block.events(), ["one", "two"]);
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
    fn lines_that_belong_together_are_one_event_wherever_blocks_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let trace = format!("ERROR: x\n\tat a.B.c(B.java:1) {}\n", "y".repeat(40_000));
        let count = 3 * BLOCK_BYTES / trace.len();
        file.write_all(trace.repeat(count).as_bytes()).unwrap();
        let expected = vec![trace.trim_end().to_owned(); count];
        assert!(events(file.path(), true) == expected);
        assert_eq!(events(file.path(), false).len(), 2 * count);
    }

    #[test]
    fn of_a_line_without_end_only_the_head_is_kept() {
        let mut content = vec![b'x'; MAX_LINE_BYTES + 3 * BLOCK_BYTES];
        content.extend(b"\nnext");
        let lines = lines(&content);
        assert_eq!((lines[0].len(), lines[1].as_str(), lines.len()), (MAX_LINE_BYTES, "next", 2));
    }
}

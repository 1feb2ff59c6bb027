//! Lines that a container runtime wrote in parts: a kubelet keeps a long line as
//! parts of some 16 KiB, `… stderr P its beginning` and `… stderr F its end`; docker as
//! records `{"log":"its beginning","stream":"stderr",…}`, of which the last has the line
//! end.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::docker_record::DockerRecord;

/// How much of a line in parts is held, in bytes. A longer one is handed on in
/// pieces of about this size.
pub const MAX_JOINED_BYTES: usize = 16 << 20;

/// Joins the parts of lines, those of each stream by themselves, for whoever
/// reads one line after another.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    docker: [Option<DockerPart>; 2],
}

/// A record of docker's without a line end, and those that followed it.
#[derive(Clone, Debug)]
struct DockerPart {
    /// From the beginning of the record to the end of its text.
    text: Vec<u8>,
    rest: Vec<u8>,
}

/// As long as a part of docker's is at least, the last aside.
const DOCKER_PART_BYTES: usize = 16 << 10;

impl DockerPart {
    fn into_line(self) -> Vec<u8> {
        [self.text, self.rest].concat()
    }
}

/// What a runtime wrote before a part: `time stream tag `.
struct Part<'a> {
    stderr: bool,
    /// More of its line follows.
    partial: bool,
    /// Where its tag stands.
    tag: usize,
    text: &'a [u8],
}

impl<'a> Part<'a> {
    #[inline]
    fn of(line: &'a [u8]) -> Option<Self> {
        let [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', ..] = line else { return None };
        let stream = memchr(b' ', &line[..line.len().min(40)])? + 1;
        let stderr = match line.get(stream..stream + 7)? {
            b"stdout " => false,
            b"stderr " => true,
            _ => return None,
        };
        let tag = stream + 7;
        let (partial, after) = match line.get(tag..)? {
            [b'P', after @ ..] => (true, after),
            [b'F', after @ ..] => (false, after),
            _ => return None,
        };
        let text = match after {
            [b' ', text @ ..] => text,
            // Further tags, which nobody writes yet.
            [b':', rest @ ..] => &rest[memchr(b' ', rest)? + 1..],
            [] => after,
            _ => return None,
        };
        Some(Self { stderr, partial, tag, text })
    }
}

impl Parts {
    /// Takes a line without its end, and gives the one to be looked at: itself, or
    /// the one that it completes; none as long as more of it is to come.
    #[inline]
    pub fn push<'a>(&mut self, line: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        match Part::of(line) {
            Some(part) if part.partial || self.holds(part.stderr) => {
                self.join(line, &part).map(Cow::Owned)
            }
            Some(_) => Some(Cow::Borrowed(line)),
            None => match DockerRecord::of(line) {
                Some(record) => self.push_record(line, &record),
                None => Some(Cow::Borrowed(line)),
            },
        }
    }

    /// What was begun and never ended.
    pub fn finish(&mut self) -> impl Iterator<Item = Vec<u8>> + use<> {
        let docker = std::mem::take(&mut self.docker).into_iter().flatten();
        let held = [std::mem::take(&mut self.stdout), std::mem::take(&mut self.stderr)];
        let held = held.into_iter().filter(|line| !line.is_empty());
        held.chain(docker.map(DockerPart::into_line))
    }

    /// Waits no longer for the rest of what need not be a part: shippers may have
    /// taken off the line end.
    pub fn expire(&mut self) -> impl Iterator<Item = Vec<u8>> + use<> {
        let short = |part: &mut DockerPart| part.text.len() < DOCKER_PART_BYTES;
        let expired: Vec<_> =
            self.docker.iter_mut().filter_map(|part| part.take_if(short)).collect();
        expired.into_iter().map(DockerPart::into_line)
    }

    /// Whether something would [expire](Self::expire).
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.docker.iter().flatten().any(|part| part.text.len() < DOCKER_PART_BYTES)
    }

    fn push_record<'a>(
        &mut self,
        line: &'a [u8],
        record: &DockerRecord<'a>,
    ) -> Option<Cow<'a, [u8]>> {
        let held = &mut self.docker[usize::from(record.stderr)];
        let part = || DockerPart {
            text: [record.before, record.log].concat(),
            rest: record.rest.to_vec(),
        };
        let Some(mut before) = held.take() else {
            if record.ends {
                return Some(Cow::Borrowed(line));
            }
            *held = Some(part());
            return None;
        };
        if !record.ends && before.text.len() < DOCKER_PART_BYTES {
            // Too short for a part: where no record has a line end, each is a line.
            *held = Some(part());
            return Some(Cow::Owned(before.into_line()));
        }
        before.text.extend_from_slice(record.log);
        if record.ends || before.text.len() > MAX_JOINED_BYTES {
            return Some(Cow::Owned(before.into_line()));
        }
        *held = Some(before);
        None
    }

    /// Joins what is in a block of whole lines; it is left as it lies where no line
    /// in it is a part.
    pub fn join_block(&mut self, block: &mut Vec<u8>) {
        let held = self.holds(false) || self.holds(true) || self.docker.iter().any(Option::is_some);
        let has_parts = || memmem::find(block, b" P").is_some();
        if !held && !has_parts() && memmem::find(block, DockerRecord::MARK).is_none() {
            return;
        }
        let mut joined = Vec::with_capacity(block.len());
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            if let Some(text) = self.push(text.strip_suffix(b"\r").unwrap_or(text)) {
                joined.extend_from_slice(&text);
                joined.push(b'\n');
            }
        }
        *block = joined;
    }

    fn holds(&self, stderr: bool) -> bool {
        !if stderr { &self.stderr } else { &self.stdout }.is_empty()
    }

    /// `line` is `part`, with what the runtime wrote before it.
    fn join(&mut self, line: &[u8], part: &Part<'_>) -> Option<Vec<u8>> {
        let held = if part.stderr { &mut self.stderr } else { &mut self.stdout };
        if held.is_empty() {
            held.extend_from_slice(line);
            held[part.tag] = b'F';
        } else {
            held.extend_from_slice(part.text.strip_suffix(b"\r").unwrap_or(part.text));
        }
        (!part.partial || held.len() > MAX_JOINED_BYTES).then(|| std::mem::take(held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 8] = [
        "plain P x",
        "2026-03-14T09:00:03.2Z stderr P connection lost: ",
        "2026-03-14T09:00:03.3Z stdout F {\"level\":\"info\"}",
        "2026-03-14T09:00:03.4Z stdout P a",
        "2026-03-14T09:00:03.5Z stderr P:x socket ha",
        "2026-03-14T09:00:03.6Z stderr F ng up",
        "2026-03-14T09:00:03.7Z stdout F",
        "2026-03-14T09:00:03.8Z stderr P no end",
    ];
    const JOINED: [&str; 5] = [
        "plain P x",
        "2026-03-14T09:00:03.3Z stdout F {\"level\":\"info\"}",
        "2026-03-14T09:00:03.2Z stderr F connection lost: socket hang up",
        "2026-03-14T09:00:03.4Z stdout F a",
        "2026-03-14T09:00:03.8Z stderr F no end",
    ];

    fn text(line: &[u8]) -> String {
        String::from_utf8(line.to_vec()).unwrap()
    }

    #[test]
    fn the_parts_of_a_line_are_one_line_whatever_lies_between() {
        let mut parts = Parts::default();
        let mut lines: Vec<_> = LINES
            .iter()
            .filter_map(|line| parts.push(line.as_bytes()).map(|line| text(&line)))
            .collect();
        lines.extend(parts.finish().map(|line| text(&line)));
        assert_eq!(lines, JOINED);
    }

    #[test]
    fn blocks_are_joined_wherever_they_are_cut() {
        for cut in 0..=LINES.len() {
            let mut parts = Parts::default();
            let mut joined = Vec::new();
            for lines in [&LINES[..cut], &LINES[cut..]] {
                let mut block = lines.iter().flat_map(|line| [line, "\r\n"].concat().into_bytes());
                let mut block: Vec<u8> = block.by_ref().collect();
                parts.join_block(&mut block);
                joined.extend(block);
            }
            assert_eq!(text(&joined), JOINED[..4].join("\n") + "\n", "{cut}");
        }
    }

    fn pushed(lines: &[String]) -> Vec<String> {
        let mut parts = Parts::default();
        let mut joined: Vec<_> = lines
            .iter()
            .filter_map(|line| parts.push(line.as_bytes()).map(|line| text(&line)))
            .collect();
        joined.extend(parts.finish().map(|line| text(&line)));
        joined
    }

    #[test]
    fn records_of_docker_are_one_until_a_line_end() {
        let record = |log: &str, stream: &str| {
            format!(r#"{{"log":"{log}","stream":"{stream}","time":"2026-03-14T09:00:00Z"}}"#)
        };
        let long = "é\\\"".repeat(6000);
        let lines = [
            record("a \\\"b\\\"", "stderr"),
            record("out\\n", "stdout"),
            record(" c\\\\\\n", "stderr"),
            record(&long, "stdout"),
            record(&long, "stdout"),
            record("end\\n", "stdout"),
        ];
        let joined = [
            record("out\\n", "stdout"),
            record("a \\\"b\\\" c\\\\\\n", "stderr"),
            record(&format!("{long}{long}end\\n"), "stdout"),
        ];
        assert_eq!(pushed(&lines), joined);
        // Where a shipper took off all line ends, each is a line: `\\n` is none.
        let bare = ["a", "b", "c\\\\n", ""].map(|log| record(log, "stderr"));
        assert_eq!(pushed(&bare), bare);
        let mut parts = Parts::default();
        assert_eq!(parts.push(bare[0].as_bytes()), None);
        assert!(parts.is_waiting());
        assert_eq!(parts.expire().map(|line| text(&line)).collect::<Vec<_>>(), [bare[0].clone()]);
        // Whatever has other fields is no record of docker's.
        for other in
            [r#"{"log":"a"}"#, r#"{"log":"a","level":"info"}"#, r#"{"log":"a","stream":"x"}"#]
        {
            assert_eq!(pushed(&[other.to_owned()]), [other]);
            assert!(parts.push(other.as_bytes()).is_some());
        }
    }

    #[test]
    fn a_line_without_end_is_handed_on_in_pieces() {
        let mut parts = Parts::default();
        let part = [b"2026-03-14T09:00:03Z stdout P ".to_vec(), vec![b'x'; 1 << 20]].concat();
        let pieces =
            (0..33).filter_map(|_| parts.push(&part).map(|line| line.len())).sum::<usize>();
        let rest = parts.finish().map(|line| line.len()).sum::<usize>();
        assert!(pieces > 32 << 20 && rest < 2 << 20, "{pieces} {rest}");
    }
}

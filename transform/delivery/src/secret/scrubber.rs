//! Secrets taken out of texts that come from outside.

use std::{fmt, sync::Arc};

use signatures_alerts::excerpt::{excerpt, printable};

use super::secret::{HIDDEN, Secret};

/// Pieces of an address shorter than this are no secret: `api`, `v2`, `hooks`.
const SHORTEST_PIECE: usize = 8;

/// A secret shorter than this could be guessed, and taking it out would tear
/// every text apart.
const SHORTEST_SECRET: usize = 4;

/// How much of a text from outside is shown, in characters.
const MAX_EXCERPT: usize = 300;

/// Takes known secrets out of texts that come from outside, such as the answer
/// of a server that repeats the address it was asked for.
#[derive(Clone, Default)]
pub(crate) struct Scrubber {
    /// Longest first, so that no secret is left over from a shorter one.
    needles: Arc<[String]>,
}

impl Scrubber {
    /// Knows these secrets, and of addresses also their telling pieces.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self::of(secrets.into_iter().map(Secret::expose))
    }

    /// As [`Self::new`], of the texts.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<String> = secrets.into_iter().flat_map(needles).collect();
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        Self { needles: needles.into() }
    }

    /// The text without the secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.needles.iter().fold(text.to_owned(), |text, needle| text.replace(needle, HIDDEN))
    }

    /// Some of a text from outside, without the secrets, on one line.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        // Scrubbed before it is cut: half a secret would not be recognised.
        let line = self.scrub(text).split_whitespace().collect::<Vec<_>>().join(" ");
        excerpt(&line, MAX_EXCERPT, printable)
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrubber")
    }
}

fn needles(secret: &str) -> Vec<String> {
    let telling = match secret.split_once("://") {
        Some((_, rest)) => {
            let host = rest.rfind('@').map_or(0, |at| at + 1);
            let path = rest[host..].find(['/', '?']).map_or("", |at| &rest[host + at..]);
            format!("{} {path}", &rest[..host])
        }
        None => secret.to_owned(),
    };
    let piece = |c: char| !c.is_ascii_alphanumeric() && !"-_.~+=".contains(c);
    let pieces = telling.split(piece).filter(|piece| piece.len() >= SHORTEST_PIECE);
    let whole = (secret.len() >= SHORTEST_SECRET).then(|| secret.to_owned());
    pieces.map(str::to_owned).chain(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_are_taken_out_whole_and_in_pieces() {
        let scrubber = Scrubber::new(&[
            Secret::new("https://hooks.example/services/T0/B0/XyZ123456789?key=k"),
            Secret::new("12345:AAbbCCddEE"),
            Secret::new("http://user:passw0rd1@host:80"),
            Secret::new("e"),
        ]);
        for (text, scrubbed) in [
            ("no https://hooks.example/services/T0/B0/XyZ123456789?key=k here", "no [SECRET] here"),
            ("cannot POST T0/B0/XyZ123456789", "cannot POST T0/B0/[SECRET]"),
            ("bot12345:AAbbCCddEE", "bot[SECRET]"),
            ("12345%3AAAbbCCddEE", "12345%3A[SECRET]"),
            ("auth passw0rd1", "auth [SECRET]"),
            ("hooks.example refused", "hooks.example refused"),
        ] {
            assert_eq!(scrubber.scrub(text), scrubbed);
        }
    }
}

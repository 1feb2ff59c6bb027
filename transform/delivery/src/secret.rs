//! Values that must not be seen: webhook addresses, tokens, keys.

use std::{fmt, sync::Arc};

use crate::sink_settings::SecretText;
use signatures_alerts::{excerpt::excerpt, excerpt::printable};
use signatures_document::{Code, Diagnostic, yaml::Span};

/// A secret that cannot be had: the variable is not set, or the file not
/// readable.
pub const MISSING_SECRET: Code = Code::error("missing-secret");

/// What stands where a secret stood.
const HIDDEN: &str = "[SECRET]";

/// Pieces of an address shorter than this are no secret: `api`, `v2`, `hooks`.
const SHORTEST_PIECE: usize = 8;

/// A secret shorter than this could be guessed, and taking it out would tear
/// every text apart.
const SHORTEST_SECRET: usize = 4;

/// How much of a text from outside is shown, in characters.
const MAX_EXCERPT: usize = 300;

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text that shows itself only when asked by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be used and not to be shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Looks up what alerts.yml names.
    ///
    /// # Errors
    /// When a variable is not set, or a file not readable or empty.
    pub fn resolve(text: &SecretText, environment: Environment<'_>) -> Result<Self, Diagnostic> {
        let (SecretText::Inline { text: written, .. } | SecretText::File { path: written, .. }) =
            text;
        let missing = |message| missing(message, text.span());
        let expanded = expand(written, environment).map_err(missing)?;
        match text {
            SecretText::Inline { .. } => Ok(Self(expanded)),
            SecretText::File { .. } => match std::fs::read_to_string(&expanded) {
                Ok(content) if content.trim().is_empty() => {
                    Err(missing(format!("the file `{expanded}` is empty")))
                }
                Ok(content) => Ok(Self(content.trim().to_owned())),
                Err(error) => Err(missing(format!("cannot read `{expanded}`: {error}"))),
            },
        }
    }
}

fn missing(message: String, span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_SECRET, span, message)
}

/// Puts the values of variables where `${NAME}` stands.
fn expand(text: &str, environment: Environment<'_>) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            return Err("`${` without its `}`".to_owned());
        };
        match environment(name) {
            Some(value) if !value.is_empty() => out.extend([before, &value]),
            _ => return Err(format!("the environment variable `{name}` is not set")),
        }
        rest = after;
    }
    Ok(out + rest)
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Takes known secrets out of texts that come from outside, such as the answer
/// of a server that repeats the address it was asked for.
#[derive(Clone, Default)]
pub struct Scrubber {
    /// Longest first, so that no secret is left over from a shorter one.
    needles: Arc<[String]>,
}

impl Scrubber {
    /// Knows these secrets, and of addresses also their telling pieces.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut needles: Vec<String> = secrets.into_iter().flat_map(|s| needles(&s.0)).collect();
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        Self { needles: needles.into() }
    }

    /// The text without the secrets.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        self.needles.iter().fold(text.to_owned(), |text, needle| text.replace(needle, HIDDEN))
    }

    /// Some of a text from outside, without the secrets, on one line.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> String {
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

    fn inline(text: &str) -> SecretText {
        SecretText::Inline { text: text.into(), span: Span::default() }
    }

    fn environment(name: &str) -> Option<String> {
        (name == "TOKEN").then(|| "abc".to_owned())
    }

    #[test]
    fn variables_are_filled_in() {
        let resolve = |text| {
            Secret::resolve(&inline(text), &environment)
                .map(|secret| secret.expose().to_owned())
                .map_err(|diagnostic| diagnostic.message)
        };
        assert_eq!(resolve("http://h/${TOKEN}/x${TOKEN}"), Ok("http://h/abc/xabc".into()));
        assert_eq!(resolve("plain"), Ok("plain".into()));
        assert_eq!(resolve("${NONE}"), Err("the environment variable `NONE` is not set".into()));
        assert_eq!(resolve("${TOKEN"), Err("`${` without its `}`".into()));
    }

    #[test]
    fn a_secret_is_read_from_a_file_without_blanks_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token").display().to_string();
        let file = SecretText::File { path: path.clone(), span: Span::default() };
        let read = || Secret::resolve(&file, &environment).map_err(|diagnostic| diagnostic.message);
        assert!(read().unwrap_err().starts_with(&format!("cannot read `{path}`: ")));
        std::fs::write(&path, " \n").unwrap();
        assert_eq!(read(), Err(format!("the file `{path}` is empty")));
        std::fs::write(&path, "abc\n").unwrap();
        assert_eq!(read(), Ok(Secret::new("abc")));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "[SECRET]");
    }

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

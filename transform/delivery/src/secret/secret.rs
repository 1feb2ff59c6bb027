//! A secret itself, which does not show.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use signatures_document::{Diagnostic, file::read_regular, yaml::Span};

use super::{
    known::remember,
    text::{MISSING_SECRET, SecretText},
};

/// What stands where a secret stood.
pub(super) const HIDDEN: &str = "[SECRET]";

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text that shows itself only when asked by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let secret = Self(text.into());
        remember(&secret);
        secret
    }

    /// The text, to be used and not to be shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The file that a value is in, if it is in one, and its name can be told.
    pub(crate) fn file(text: &SecretText, environment: Environment<'_>) -> Option<PathBuf> {
        match text {
            SecretText::Inline { .. } => None,
            SecretText::File { path, .. } => expand(path, environment).ok().map(PathBuf::from),
        }
    }

    /// Looks up what alerts.yml names. Blanks around it, such as the line end of a
    /// file, are no part of it.
    ///
    /// # Errors
    /// When a variable is not set, or a file not readable or empty.
    pub(crate) fn resolve(
        text: &SecretText,
        environment: Environment<'_>,
    ) -> Result<Self, Diagnostic> {
        let missing = |message| missing(message, text.span());
        let expanded = expand(text.written(), environment).map_err(missing)?;
        match text {
            SecretText::Inline { .. } => Ok(Self::new(expanded.trim())),
            SecretText::File { .. } => match read(&expanded) {
                Ok(content) if content.trim().is_empty() => {
                    Err(missing(format!("the file `{expanded}` is empty")))
                }
                Ok(content) => Ok(Self::new(content.trim())),
                Err(error) => Err(missing(format!("cannot read `{expanded}`: {error}"))),
            },
        }
    }
}

/// A text of a regular file: a pipe would be waited for at every reload.
fn read(path: &str) -> io::Result<String> {
    let bytes = read_regular(Path::new(path))?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

fn missing(message: String, span: Span) -> Diagnostic {
    Diagnostic::new(MISSING_SECRET, span, message)
}

/// A variable without blanks around it; an empty one says nothing.
pub(crate) fn set(environment: Environment<'_>, name: &str) -> Option<String> {
    environment(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Puts the values of variables where `${NAME}` stands.
fn expand(text: &str, environment: Environment<'_>) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            return Err("`${` without its `}`".to_owned());
        };
        match set(environment, name) {
            Some(value) => out.extend([before, &value]),
            None => return Err(format!("the environment variable `{name}` is not set")),
        }
        rest = after;
    }
    Ok(out + rest)
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(text: &str) -> SecretText {
        SecretText::Inline { text: text.into(), span: Span::default() }
    }

    fn environment(name: &str) -> Option<String> {
        let found = [("TOKEN", "abc"), ("PADDED", " abc\r\n"), ("BLANK", " \n")];
        let found = found.into_iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.to_owned())
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
        assert_eq!(resolve("${PADDED}/x${PADDED}"), Ok("abc/xabc".into()));
        assert_eq!(resolve(" plain\n"), Ok("plain".into()));
        assert_eq!(resolve("${NONE}"), Err("the environment variable `NONE` is not set".into()));
        assert_eq!(resolve("${BLANK}"), Err("the environment variable `BLANK` is not set".into()));
        assert_eq!(resolve("${TOKEN"), Err("`${` without its `}`".into()));
    }

    #[test]
    fn a_secret_is_read_from_a_file_without_blanks_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token").display().to_string();
        let file = SecretText::File { path: path.clone(), span: Span::default() };
        let read = || Secret::resolve(&file, &environment).map_err(|diagnostic| diagnostic.message);
        assert!(read().unwrap_err().starts_with(&format!("cannot read `{path}`: ")));
        std::fs::create_dir(&path).unwrap();
        assert!(read().unwrap_err().starts_with(&format!("cannot read `{path}`: it is a folder")));
        std::fs::remove_dir(&path).unwrap();
        std::fs::write(&path, " \n").unwrap();
        assert_eq!(read(), Err(format!("the file `{path}` is empty")));
        std::fs::write(&path, "abc\n").unwrap();
        assert_eq!(read(), Ok(Secret::new("abc")));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "[SECRET]");
    }
}

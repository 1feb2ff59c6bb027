//! What a silence is about.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use signatures_engine::GroupId;

/// What a silence is about: all of its matchers have to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SilenceMatchers(Vec<Matcher>);

/// One field, and what has to stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// Which.
    pub field: Field,
    /// The value, which may begin or end with `*`: anything, or nothing.
    pub pattern: String,
}

/// What can be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The group: one error.
    Group,
    /// The signature; `generic` where none knows the error.
    Signature,
    /// The category.
    Category,
    /// The service that the event names.
    Service,
    /// The host that the event names.
    Host,
    /// How bad the signature says it is.
    Severity,
}

/// Why a text is no matchers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMatchers {
    /// It says nothing, and would silence everything.
    #[error("what is to be silenced? An empty matcher would be everything")]
    Empty,
    /// A word is no matcher.
    #[error(
        "`{0}` is no GROUP (12 hexadecimal digits) and no signature=, category=, service=, host= or severity="
    )]
    Unknown(String),
    /// The same field twice: both could not hold.
    #[error("`{0}=` is said twice")]
    Twice(&'static str),
    /// A star stands where none may.
    #[error("`{0}`: a `*` may stand at the beginning and at the end")]
    Star(String),
}

impl Field {
    /// Those that are written with their name.
    pub const NAMED: [Self; 5] =
        [Self::Signature, Self::Category, Self::Service, Self::Host, Self::Severity];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Signature => "signature",
            Self::Category => "category",
            Self::Service => "service",
            Self::Host => "host",
            Self::Severity => "severity",
        }
    }
}

impl Matcher {
    fn parse(word: &str) -> Result<Self, InvalidMatchers> {
        let unknown = || InvalidMatchers::Unknown(word.to_owned());
        let Some((name, pattern)) = word.split_once('=') else {
            let group: GroupId = word.parse().map_err(|_| unknown())?;
            return Ok(Self { field: Field::Group, pattern: group.to_string() });
        };
        let field = Field::NAMED.into_iter().find(|field| field.as_str() == name);
        let field = field.ok_or_else(unknown)?;
        if pattern.is_empty() {
            return Err(InvalidMatchers::Empty);
        }
        let inner = pattern.strip_prefix('*').unwrap_or(pattern);
        if inner.strip_suffix('*').unwrap_or(inner).contains('*') {
            return Err(InvalidMatchers::Star(word.to_owned()));
        }
        Ok(Self { field, pattern: pattern.to_owned() })
    }

    /// As one word, which may have blanks in it.
    pub(super) fn word(&self) -> String {
        match self.field {
            Field::Group => self.pattern.clone(),
            field => format!("{}={}", field.as_str(), self.pattern),
        }
    }

    /// Whether a star stands in it.
    #[must_use]
    pub fn has_star(&self) -> bool {
        self.field != Field::Group && self.pattern.contains('*')
    }
}

impl SilenceMatchers {
    /// Of these words.
    ///
    /// # Errors
    /// When one is no matcher, or there is none.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidMatchers> {
        let mut matchers: Vec<Matcher> = Vec::new();
        for word in words {
            let matcher = Matcher::parse(word)?;
            if matchers.iter().any(|known| known.field == matcher.field) {
                return Err(InvalidMatchers::Twice(matcher.field.as_str()));
            }
            matchers.push(matcher);
        }
        if matchers.is_empty() { Err(InvalidMatchers::Empty) } else { Ok(Self(matchers)) }
    }

    /// That one error.
    #[must_use]
    pub fn of_group(group: GroupId) -> Self {
        Self(vec![Matcher { field: Field::Group, pattern: group.to_string() }])
    }

    /// Each of them.
    #[must_use]
    pub fn matchers(&self) -> &[Matcher] {
        &self.0
    }

    /// Whether a star stands in any of them.
    #[must_use]
    pub fn has_star(&self) -> bool {
        self.0.iter().any(Matcher::has_star)
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, pattern } = self;
        let quote = if pattern.contains(char::is_whitespace) { "\"" } else { "" };
        match field {
            Field::Group => f.write_str(pattern),
            field => write!(f, "{}={quote}{pattern}{quote}", field.as_str()),
        }
    }
}

impl fmt::Display for SilenceMatchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matchers: Vec<_> = self.0.iter().map(Matcher::to_string).collect();
        f.write_str(&matchers.join(" "))
    }
}

impl FromStr for SilenceMatchers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = super::words::split(text).map_err(|error| error.to_string())?;
        Self::parse(words.iter().map(String::as_str)).map_err(|error| error.to_string())
    }
}

impl TryFrom<String> for SilenceMatchers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<SilenceMatchers> for String {
    fn from(matchers: SilenceMatchers) -> Self {
        matchers.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_written_as_they_are_read() {
        for text in [
            "f6942a7ed95e",
            "signature=NET_* category=network",
            "service=\"card payments\" host=*.example severity=critical",
            "signature=*RESET*",
        ] {
            assert_eq!(text.parse::<SilenceMatchers>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_matcher_is_refused() {
        use InvalidMatchers::{Empty, Star, Twice, Unknown};
        for (text, error) in [
            ("", Empty),
            ("signature=", Empty),
            ("group", Unknown("group".to_owned())),
            ("policy=retry", Unknown("policy=retry".to_owned())),
            ("f6942a7ed95", Unknown("f6942a7ed95".to_owned())),
            ("host=a host=b", Twice("host")),
            ("signature=a*b", Star("signature=a*b".to_owned())),
            ("signature=***", Star("signature=***".to_owned())),
        ] {
            assert_eq!(text.parse::<SilenceMatchers>(), Err(error.to_string()), "{text}");
        }
    }
}

//! Which errors a silence is for, as people write it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use signatures_engine::{GENERIC, GroupId, Severity};

/// Any number of characters, where it stands at an end of a pattern.
const ANY: char = '*';

/// Which errors a silence is for: one group, or all that is said must hold.
///
/// Written as a group, `3f9a2c1b0d4e`, or as names with patterns,
/// `signature=NET_* service=billing`. A pattern is a text with a `*` at either end,
/// at both or at none; a text with blanks stands in double quotes. Nothing is a
/// regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matchers {
    /// The errors of one group.
    Group(GroupId),
    /// At least one; each name at most once.
    All(Vec<Matcher>),
}

/// What one field of an error must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The field.
    pub field: MatcherField,
    /// What it must be like.
    pub pattern: Pattern,
}

/// What an error may be matched by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatcherField {
    /// The signature; `generic` for an error that none knows.
    Signature,
    /// The category.
    Category,
    /// The service.
    Service,
    /// The host.
    Host,
    /// How bad the signature says it is, in any case.
    Severity,
}

/// A text, with anything before or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    anything_before: bool,
    anything_after: bool,
}

/// What matchers are held against.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    /// The group.
    pub group: GroupId,
    /// The signature, if one knows it.
    pub signature: Option<&'a str>,
    /// The category.
    pub category: &'a str,
    /// The service, if one is named.
    pub service: Option<&'a str>,
    /// The host, if one is named.
    pub host: Option<&'a str>,
    /// How bad it is.
    pub severity: &'a Severity,
}

/// Why a text says no matchers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMatchers {
    /// It would match everything.
    #[error(
        "it says no errors: name a group, or signature=, category=, service=, host= or severity="
    )]
    Empty,
    /// A word is neither a group nor a matcher.
    #[error("`{0}` is no matcher: a group is twelve hex digits, a matcher NAME=PATTERN")]
    NoMatcher(String),
    /// There is no such field.
    #[error("`{0}` is nothing to match by: signature, category, service, host, severity")]
    UnknownField(String),
    /// It is said twice.
    #[error("`{0}` is said twice")]
    Twice(&'static str),
    /// A pattern that is none.
    #[error("`{0}`: a `*` stands at the beginning or at the end of a pattern, beside a text")]
    NoPattern(String),
    /// A quotation mark without another.
    #[error("a `\"` is not closed")]
    Unclosed,
}

impl Matchers {
    /// Whether they are for an error.
    #[must_use]
    pub fn matches(&self, error: &Matched<'_>) -> bool {
        match self {
            Self::Group(group) => *group == error.group,
            Self::All(matchers) => matchers.iter().all(|matcher| matcher.matches(error)),
        }
    }

    /// Whether a `*` is in them, by which they may be for more than was meant.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        match self {
            Self::Group(_) => false,
            Self::All(matchers) => matchers.iter().any(|matcher| !matcher.pattern.is_exact()),
        }
    }
}

impl Matcher {
    fn matches(&self, error: &Matched<'_>) -> bool {
        let pattern = &self.pattern;
        match self.field {
            MatcherField::Signature => pattern.matches(error.signature.unwrap_or(GENERIC)),
            MatcherField::Category => pattern.matches(error.category),
            MatcherField::Service => error.service.is_some_and(|text| pattern.matches(text)),
            MatcherField::Host => error.host.is_some_and(|text| pattern.matches(text)),
            MatcherField::Severity => {
                pattern.lower_case().matches(&error.severity.as_str().to_lowercase())
            }
        }
    }
}

impl MatcherField {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Signature, Self::Category, Self::Service, Self::Host, Self::Severity];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Category => "category",
            Self::Service => "service",
            Self::Host => "host",
            Self::Severity => "severity",
        }
    }
}

impl Pattern {
    /// Whether a text is like it.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match (self.anything_before, self.anything_after) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }

    fn is_exact(&self) -> bool {
        !self.anything_before && !self.anything_after
    }

    fn lower_case(&self) -> Self {
        Self { text: self.text.to_lowercase(), ..self.clone() }
    }
}

impl FromStr for Pattern {
    type Err = InvalidMatchers;

    fn from_str(written: &str) -> Result<Self, InvalidMatchers> {
        let text = written.strip_prefix(ANY).unwrap_or(written);
        let anything_before = text.len() < written.len();
        let inner = text.strip_suffix(ANY).unwrap_or(text);
        let anything_after = inner.len() < text.len();
        if inner.is_empty() || inner.contains(ANY) {
            return Err(InvalidMatchers::NoPattern(written.to_owned()));
        }
        Ok(Self { text: inner.to_owned(), anything_before, anything_after })
    }
}

impl FromStr for Matchers {
    type Err = InvalidMatchers;

    fn from_str(text: &str) -> Result<Self, InvalidMatchers> {
        let words = words(text)?;
        if let [word] = &words[..]
            && let Ok(group) = word.parse()
        {
            return Ok(Self::Group(group));
        }
        let mut matchers: Vec<Matcher> = Vec::new();
        for word in words {
            let Some((name, pattern)) = word.split_once('=') else {
                return Err(InvalidMatchers::NoMatcher(word));
            };
            let field = MatcherField::ALL.into_iter().find(|field| field.as_str() == name);
            let Some(field) = field else {
                return Err(InvalidMatchers::UnknownField(name.to_owned()));
            };
            if matchers.iter().any(|matcher| matcher.field == field) {
                return Err(InvalidMatchers::Twice(field.as_str()));
            }
            matchers.push(Matcher { field, pattern: pattern.parse()? });
        }
        if matchers.is_empty() { Err(InvalidMatchers::Empty) } else { Ok(Self::All(matchers)) }
    }
}

/// The words of a text; blanks within quotation marks are part of one.
fn words(text: &str) -> Result<Vec<String>, InvalidMatchers> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err(InvalidMatchers::Unclosed);
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = |is: bool| if is { "*" } else { "" };
        write!(f, "{}{}{}", any(self.anything_before), self.text, any(self.anything_after))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = self.pattern.to_string();
        let name = self.field.as_str();
        match pattern.contains(char::is_whitespace) {
            true => write!(f, "{name}=\"{pattern}\""),
            false => write!(f, "{name}={pattern}"),
        }
    }
}

/// As it is written and read.
impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            Self::All(matchers) => {
                let matchers: Vec<_> = matchers.iter().map(Matcher::to_string).collect();
                f.write_str(&matchers.join(" "))
            }
        }
    }
}

impl Serialize for Matchers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matchers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str) -> bool {
        let severity = Severity::new("high");
        let error = Matched {
            group: "3f9a2c1b0d4e".parse().unwrap(),
            signature: Some("NET_RESET"),
            category: "network",
            service: Some("bill ing"),
            host: None,
            severity: &severity,
        };
        text.parse::<Matchers>().unwrap().matches(&error)
    }

    #[test]
    fn all_that_is_said_must_hold() {
        for text in [
            "3f9a2c1b0d4e",
            "signature=NET_RESET",
            "signature=NET_* category=network severity=HIGH",
            "signature=*RESET service=\"bill ing\"",
            "signature=*_RES*",
        ] {
            assert!(matches(text), "{text}");
        }
        for text in [
            "3f9a2c1b0d4f",
            "signature=NET",
            "signature=RESET*",
            "signature=NET_* category=disk",
            "host=*a",
            "service=*\"bill  ing\"",
        ] {
            assert!(!matches(text), "{text}");
        }
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        for text in
            ["3f9a2c1b0d4e", "signature=NET_* service=\"a b\"", "host=*.example severity=*i*"]
        {
            assert_eq!(text.parse::<Matchers>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_says_why() {
        let refused = |text: &str| text.parse::<Matchers>().unwrap_err();
        assert_eq!(refused(" "), InvalidMatchers::Empty);
        assert_eq!(refused("NET_RESET"), InvalidMatchers::NoMatcher("NET_RESET".into()));
        assert_eq!(
            refused("3f9a2c1b0d4e host=a"),
            InvalidMatchers::NoMatcher("3f9a2c1b0d4e".into())
        );
        assert_eq!(refused("kind=a"), InvalidMatchers::UnknownField("kind".into()));
        assert_eq!(refused("host=a host=b"), InvalidMatchers::Twice("host"));
        for pattern in ["*", "**", "", "a*b", "***a"] {
            let expected = InvalidMatchers::NoPattern(pattern.to_owned());
            assert_eq!(refused(&format!("host={pattern}")), expected);
        }
        assert_eq!(refused("host=\"a"), InvalidMatchers::Unclosed);
    }
}

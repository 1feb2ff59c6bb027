//! A pattern of look-around or back-references: under a step limit.

use super::{
    fault::{class_without_meaning, fault},
    survey::Survey,
};
use crate::{
    error::PatternError,
    limits::{LONG_TEXT, LONG_TEXT_STEP_LIMIT, SIZE_LIMIT, STEP_LIMIT},
};

/// The pattern once for texts of each length, for their limits differ.
pub(crate) struct Backtracking {
    short: fancy_regex::Regex,
    long: fancy_regex::Regex,
    /// No less than what its automata take, for texts of one length, in bytes.
    pub(crate) bytes: usize,
}

impl Backtracking {
    pub(crate) fn new(source: &str) -> Result<Self, PatternError> {
        let compile = |steps, seek| {
            fancy_regex::RegexBuilder::new(source)
                .case_insensitive(true)
                .backtrack_limit(steps)
                // Without looking for places where it may start at all, every byte
                // of a long text would cost a step.
                .seek(seek)
                .delegate_size_limit(SIZE_LIMIT)
                .max_prog_size(SIZE_LIMIT / size_of::<usize>())
                .build()
                .map_err(|error| refused(source, &error))
        };
        // What cannot be read is told by the engine itself.
        let survey = Survey::of(source).unwrap_or_default();
        survey.check(source)?;
        let (short, long) = (compile(STEP_LIMIT, false)?, compile(LONG_TEXT_STEP_LIMIT, true)?);
        Ok(Self { short, long, bytes: survey.bytes })
    }

    /// Whether the text contains the pattern; nothing past the step limit.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        let regex = if text.len() > LONG_TEXT { &self.long } else { &self.short };
        regex.is_match(text).ok()
    }
}

fn refused(source: &str, error: &fancy_regex::Error) -> PatternError {
    use fancy_regex::{CompileError, Error};

    match error {
        Error::ParseError(at, kind) => {
            let (message, span) = fault(source, *at, kind);
            PatternError::syntax(message, span)
        }
        Error::CompileError(kind) => match &**kind {
            CompileError::InnerError(inner) if inner.size_limit().is_some() => {
                PatternError::larger_than(source, SIZE_LIMIT)
            }
            kind => match class_without_meaning(source) {
                Some((message, span)) => PatternError::syntax(message, span),
                None => PatternError::syntax(kind.to_string(), 0..source.len()),
            },
        },
        other => PatternError::syntax(other.to_string(), 0..source.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_condition_on_a_group_that_is_not_there_is_refused() {
        for (source, message) in [
            ("(?(499)a|b)c", Some("there is no group 499 to ask for")),
            ("(a)?x(?(2)a|b)c", Some("there is no group 2 to ask for")),
            ("(a)?x(?:|(?=(?(2)a|b)))c", Some("there is no group 2 to ask for")),
            ("(a)?x(?(1)a|b)c", None),
            ("(?<n>a)?x(?(<n>)a|b)c", None),
        ] {
            let refused = Backtracking::new(source).err().map(|error| error.message);
            assert_eq!(refused.as_deref(), message, "{source}");
        }
    }

    proptest! {
        #[test]
        fn long_texts_are_searched_like_short_ones(
            source in "(a|b|c|\\(\\?[=!]b\\)|\\(\\?<[=!]a\\)|\\(a\\|b\\)|c\\*|b\\+|[.]|\\\\d){1,6}",
            text in "[abc1 ]{0,24}",
        ) {
            if let Ok(regex) = Backtracking::new(&source) {
                prop_assert_eq!(
                    regex.short.is_match(text.as_str()).unwrap(),
                    regex.long.is_match(text.as_str()).unwrap()
                );
            }
        }
    }
}

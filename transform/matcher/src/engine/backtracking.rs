//! A pattern of look-around or back-references: under a step limit.

use crate::{
    error::PatternError,
    limits::{LONG_TEXT, LONG_TEXT_STEP_LIMIT, SIZE_LIMIT, STEP_LIMIT},
};

/// The pattern once for texts of each length, for their limits differ.
pub(crate) struct Backtracking {
    short: fancy_regex::Regex,
    long: fancy_regex::Regex,
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
        Ok(Self { short: compile(STEP_LIMIT, false)?, long: compile(LONG_TEXT_STEP_LIMIT, true)? })
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
            PatternError::syntax(kind.to_string(), (*at).min(source.len())..source.len())
        }
        Error::CompileError(kind) => match &**kind {
            CompileError::InnerError(inner) if inner.size_limit().is_some() => {
                PatternError::too_large(source)
            }
            kind => PatternError::syntax(kind.to_string(), 0..source.len()),
        },
        other => PatternError::syntax(other.to_string(), 0..source.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

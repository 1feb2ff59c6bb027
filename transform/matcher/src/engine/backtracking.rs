//! A pattern of look-around or back-references: under a step limit.

use std::sync::Arc;

use super::{
    fault::{class_without_meaning, fault},
    survey::Survey,
};
use crate::{
    error::PatternError,
    limits::{LONG_TEXT, LONG_TEXT_STEP_LIMIT, SIZE_LIMIT, STEP_LIMIT},
    slot::{Recipe, Slot},
};

/// The pattern once for texts of each length, for their limits differ.
pub(crate) struct Backtracking {
    short: Arc<Slot<Source>>,
    long: Arc<Slot<Source>>,
    /// No less than what its automata take, for texts of one length, in bytes.
    pub(crate) bytes: usize,
}

/// A pattern that is compiled when it is needed.
struct Source {
    source: Box<str>,
    limit: Limit,
    bytes: usize,
}

#[derive(Clone, Copy)]
enum Limit {
    Short,
    Long,
}

/// The most memory that the states may take of a part that needs no backtracking, in
/// each thread and direction.
const PART_CACHE_LIMIT: usize = 32 << 10;

/// About what each thread caches for a pattern. The engine does not tell.
const CACHES: usize = 4 * PART_CACHE_LIMIT;

impl Backtracking {
    pub(crate) fn new(source: &str) -> Result<Self, PatternError> {
        // What cannot be read is told by the engine itself.
        let survey = Survey::of(source).unwrap_or_default();
        survey.check(source)?;
        let bytes = survey.bytes;
        for limit in [Limit::Short, Limit::Long] {
            compile(source, limit).map_err(|error| refused(source, &error))?;
        }
        let slot = |limit| Slot::new(Source { source: source.into(), limit, bytes });
        Ok(Self { short: slot(Limit::Short), long: slot(Limit::Long), bytes })
    }

    /// Whether the text contains the pattern; nothing past the step limit.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        let slot = if text.len() > LONG_TEXT { &self.long } else { &self.short };
        slot.with(|regex, ()| regex.is_match(text).ok())
    }
}

fn compile(source: &str, limit: Limit) -> Result<fancy_regex::Regex, fancy_regex::Error> {
    let (steps, seek) = match limit {
        Limit::Short => (STEP_LIMIT, false),
        // Without looking for places where it may start at all, every byte of a long
        // text would cost a step.
        Limit::Long => (LONG_TEXT_STEP_LIMIT, true),
    };
    fancy_regex::RegexBuilder::new(source)
        .case_insensitive(true)
        .backtrack_limit(steps)
        .seek(seek)
        .delegate_size_limit(SIZE_LIMIT)
        .delegate_dfa_size_limit(PART_CACHE_LIMIT)
        .delegate_dfa_skip_cache_capacity_check(true)
        .max_prog_size(SIZE_LIMIT / size_of::<usize>())
        .build()
}

impl Recipe for Source {
    type Shared = fancy_regex::Regex;
    type Own = ();

    fn build(&self) -> (fancy_regex::Regex, usize) {
        let regex = compile(&self.source, self.limit);
        (regex.expect("it was compiled before"), self.bytes)
    }

    fn own(_: &fancy_regex::Regex) {}

    fn bytes((): &()) -> usize {
        CACHES
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
                    regex.short.with(|short, ()| short.is_match(text.as_str()).unwrap()),
                    regex.long.with(|long, ()| long.is_match(text.as_str()).unwrap())
                );
            }
        }
    }
}

//! A pattern of look-around or back-references: under a step limit.

use fancy_regex::Expr;

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
        if let Some(group) = missing_group(source) {
            let message = format!("there is no group {group} to ask for");
            return Err(PatternError::syntax(message, 0..source.len()));
        }
        Ok(Self { short: compile(STEP_LIMIT, false)?, long: compile(LONG_TEXT_STEP_LIMIT, true)? })
    }

    /// Whether the text contains the pattern; nothing past the step limit.
    pub(crate) fn is_match(&self, text: &str) -> Option<bool> {
        let regex = if text.len() > LONG_TEXT { &self.long } else { &self.short };
        regex.is_match(text).ok()
    }
}

/// The group that a condition asks for and that is not there: the engine compiles
/// such a pattern, and panics when it gets there.
fn missing_group(source: &str) -> Option<usize> {
    fn visit(expr: &Expr, groups: &mut usize, asked: &mut usize) {
        match expr {
            Expr::Group(_) => *groups += 1,
            Expr::BackrefExistsCondition { group, .. } => *asked = (*group).max(*asked),
            _ => {}
        }
        expr.children_iter().for_each(|child| visit(child, groups, asked));
    }
    let (mut groups, mut asked) = (0, 0);
    visit(&Expr::parse_tree(source).ok()?.expr, &mut groups, &mut asked);
    (asked > groups).then_some(asked)
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

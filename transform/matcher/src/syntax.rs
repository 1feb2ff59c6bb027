//! From the text of a pattern to its syntax tree.

use regex_syntax::{
    ParserBuilder,
    ast::ErrorKind::{self, UnsupportedBackreference, UnsupportedLookAround},
    hir::Hir,
};

use crate::{error::PatternError, limits::NEST_LIMIT};

/// What the syntax of `regex` cannot say.
pub(crate) struct SyntaxError {
    pub(crate) error: PatternError,
    /// Whether it is look-around or a back-reference, which another engine knows.
    pub(crate) needs_backtracking: bool,
    /// Whether the other engine may know what stands there, and a fault lie behind it.
    pub(crate) may_be_known: bool,
}

/// Reads a pattern that ignores case unless it says otherwise.
pub(crate) fn parse(source: &str) -> Result<Hir, SyntaxError> {
    let parser = ParserBuilder::new().case_insensitive(true).nest_limit(NEST_LIMIT).build();
    { parser }.parse(source).map_err(|error| {
        let may_be_known =
            matches!(&error, regex_syntax::Error::Parse(e) if is_of_dialects(e.kind()));
        let (message, span, needs_backtracking) = match &error {
            regex_syntax::Error::Parse(e) => (
                e.kind().to_string(),
                e.span().start.offset..e.span().end.offset,
                matches!(e.kind(), UnsupportedBackreference | UnsupportedLookAround),
            ),
            regex_syntax::Error::Translate(e) => {
                (e.kind().to_string(), e.span().start.offset..e.span().end.offset, false)
            }
            other => (other.to_string(), 0..source.len(), false),
        };
        SyntaxError { error: PatternError::syntax(message, span), needs_backtracking, may_be_known }
    })
}

/// Whether it is among what other dialects have and this one does not: `(?>`, `\h`, a
/// `{` that stands for itself.
const fn is_of_dialects(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::FlagUnrecognized
            | ErrorKind::FlagUnexpectedEof
            | ErrorKind::EscapeUnrecognized
            | ErrorKind::ClassEscapeInvalid
            | ErrorKind::GroupNameInvalid
            | ErrorKind::RepetitionMissing
            | ErrorKind::RepetitionCountUnclosed
            | ErrorKind::RepetitionCountDecimalEmpty
            | ErrorKind::DecimalInvalid
            | ErrorKind::DecimalEmpty
    )
}

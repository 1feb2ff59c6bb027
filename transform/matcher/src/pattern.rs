//! One compiled regular expression, on the engine that its syntax needs.

use std::{fmt, ops::Range, sync::Arc};

use regex_syntax::hir::Hir;

use crate::{
    engine::{Backtracking, Linear, Traits},
    error::PatternError,
    limits::{CLASSES_LIMIT, LENGTH_LIMIT},
    literals::Required,
    occurrences::Occurrences,
    overapproximate::{Unknown, without_conditions},
    size_bound::close_size_bound,
    syntax::parse,
    underapproximate::surely_matched,
};

/// A compiled pattern: immutable, and cheap to share between threads.
///
/// It searches anywhere in a text, ignores case (`(?-i)` inside it switches that
/// off) and knows Unicode classes. What the syntax of the crate `regex` can say
/// runs in time linear in the text. The rest (look-around, back-references) runs
/// on a backtracking engine that is never without a step limit. Compiling is
/// bounded in memory, whatever the pattern.
///
/// ```
/// use signatures_matcher::{Pattern, Search};
///
/// let pattern = Pattern::compile(r"exited with code (?!0)\d+")?;
/// assert_eq!(pattern.search("Exited with code 137"), Search::Found);
/// assert_eq!(pattern.search("Exited with code 0"), Search::Absent);
/// assert!(pattern.is_backtracking());
///
/// let error = Pattern::compile("a(b").unwrap_err();
/// assert_eq!((error.to_string(), error.span), ("unclosed group".into(), 1..2));
/// # Ok::<(), signatures_matcher::PatternError>(())
/// ```
#[derive(Clone)]
pub struct Pattern {
    inner: Arc<Inner>,
}

struct Inner {
    source: Box<str>,
    /// What every match contains, if that is known.
    required: Option<Required>,
    engine: Engine,
}

enum Engine {
    Linear(Linear),
    Backtracking(Box<Backtracking>),
}

/// What a search for a pattern came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The text contains the pattern.
    Found,
    /// It does not.
    Absent,
    /// The backtracking engine gave up at its step limit; to be taken for
    /// [`Search::Absent`], and counted.
    StepLimit,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When neither engine can read it, or it is, or would grow, past one of the
    /// limits.
    pub fn compile(source: &str) -> Result<Self, PatternError> {
        check_length(source)?;
        let (required, engine) = match parse(source) {
            Ok(hir) => {
                // What is too large to compile is too large to look for literals in.
                let linear = Linear::new(source, &hir)?;
                (Required::of(&hir), Engine::Linear(linear))
            }
            Err(syntax) => match Backtracking::new(source) {
                Ok(backtracking) => {
                    let over = without_conditions(source, Unknown::Anything);
                    let required = over.and_then(|hir| Required::of(&hir));
                    (required, Engine::Backtracking(Box::new(backtracking)))
                }
                // The backtracking engine was only asked because the first one
                // refused: its word counts where the syntax is its own.
                Err(error) if syntax.needs_backtracking => return Err(error),
                Err(error) if syntax.may_be_known && error.is_behind(&syntax.error) => {
                    return Err(error);
                }
                Err(_) => return Err(syntax.error),
            },
        };
        Ok(Self { inner: Arc::new(Inner { source: source.into(), required, engine }) })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.inner.source
    }

    /// Whether it runs on the backtracking engine, and so under a step limit.
    #[must_use]
    pub fn is_backtracking(&self) -> bool {
        matches!(self.inner.engine, Engine::Backtracking(_))
    }

    /// The syntax tree that is searched for, for analysis; none for a
    /// backtracking pattern.
    #[must_use]
    pub fn hir(&self) -> Option<Hir> {
        match self.inner.engine {
            Engine::Linear(_) => parse(&self.inner.source).ok(),
            Engine::Backtracking(_) => None,
        }
    }

    /// The syntax tree of an expression that matches wherever the pattern does:
    /// its own, or for a backtracking pattern one that leaves out its conditions
    /// and lets each back-reference read anything.
    ///
    /// What that does not match, the pattern cannot; what it matches, the pattern
    /// may not. There is none where the pattern has a condition on a group, calls
    /// one, or uses anything else of which no such thing is known. Groups of a
    /// backtracking pattern capture nothing in it.
    #[must_use]
    pub fn overapproximate(&self) -> Option<Hir> {
        self.hir().or_else(|| without_conditions(&self.inner.source, Unknown::Refused))
    }

    /// The syntax tree of an expression that is found nowhere but where the pattern is,
    /// unless the pattern's engine gives up there: its own, or for a
    /// backtracking pattern what is left of it without the parts of which that is not
    /// known; none where nothing is left.
    ///
    /// For searches only: look-around at an edge of the pattern is read here.
    #[must_use]
    pub fn underapproximate(&self) -> Option<Hir> {
        self.hir().or_else(|| surely_matched(&self.inner.source))
    }

    /// Whether a [`Matcher`](crate::Matcher) looks for literals of this pattern
    /// before it runs it. Any other pattern it runs on every text: one such can
    /// cost more than a thousand with literals.
    ///
    /// Every match must contain one of them, and they must be rare in logs: a single
    /// `e` is in nearly every line, and is not looked for.
    #[must_use]
    pub fn has_literals(&self) -> bool {
        self.inner.required.is_some()
    }

    /// No less than what its automata take, in bytes, that are made before a text
    /// is searched for it: by itself, or as part of a [`Matcher`](crate::Matcher).
    /// Most patterns have none then.
    #[must_use]
    pub fn automata_bound(&self) -> usize {
        match &self.inner.engine {
            Engine::Backtracking(backtracking) => backtracking.bytes,
            Engine::Linear(linear) if self.has_literals() => linear.bytes(),
            Engine::Linear(linear) => {
                linear.bytes() + self.hir().as_ref().map_or(0, close_size_bound)
            }
        }
    }

    /// What every text that it matches contains.
    pub(crate) fn required(&self) -> Option<&Required> {
        self.inner.required.as_ref()
    }

    /// What its matches hang on; none for a backtracking pattern.
    pub(crate) fn traits(&self) -> Option<Traits> {
        match &self.inner.engine {
            Engine::Linear(linear) => Some(linear.traits),
            Engine::Backtracking(_) => None,
        }
    }

    /// The part of a text that has to be read to find it.
    pub(crate) fn region(&self, text: &str, literals: Occurrences) -> Range<usize> {
        match &self.inner.engine {
            Engine::Linear(linear) => linear.region(text, literals),
            Engine::Backtracking(_) => 0..text.len(),
        }
    }

    /// Looks for the pattern anywhere in the text.
    #[inline]
    #[must_use]
    pub fn search(&self, text: &str) -> Search {
        self.search_near(text, Occurrences::ANYWHERE)
    }

    /// The same where its literals occur, of which each match has one.
    #[inline]
    pub(crate) fn search_near(&self, text: &str, literals: Occurrences) -> Search {
        let found = match &self.inner.engine {
            Engine::Linear(linear) => Some(linear.is_match(&self.inner.source, text, literals)),
            Engine::Backtracking(backtracking) => backtracking.is_match(text),
        };
        match found {
            Some(true) => Search::Found,
            Some(false) => Search::Absent,
            None => Search::StepLimit,
        }
    }
}

/// Refuses what would take much to read, before anything reads it.
fn check_length(source: &str) -> Result<(), PatternError> {
    if source.len() > LENGTH_LIMIT {
        let message = format!("it is longer than {} KiB", LENGTH_LIMIT >> 10);
        return Err(PatternError::too_large(source, message));
    }
    let mut characters = source.bytes();
    let mut classes = 0;
    while let Some(byte) = characters.next() {
        let is_class = byte == b'\\' && characters.next().is_some_and(|c| b"dDsSwWpP".contains(&c));
        classes += usize::from(is_class);
    }
    if classes > CLASSES_LIMIT {
        let message = format!("it has more than {CLASSES_LIMIT} classes");
        return Err(PatternError::too_large(source, message));
    }
    Ok(())
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.inner.source).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::PatternErrorKind;

    fn search(source: &str, text: &str) -> Search {
        Pattern::compile(source).unwrap().search(text)
    }

    #[test]
    fn a_pattern_searches_anywhere_and_ignores_case() {
        assert_eq!(search("econnreset", "read ECONNRESET!"), Search::Found);
        assert_eq!(search("(?-i)econnreset", "read ECONNRESET!"), Search::Absent);
        assert_eq!(search(r"^\w+$", "Ünïcode"), Search::Found);
        assert_eq!(search(r"ſ", "S"), Search::Found);
    }

    #[test]
    fn look_around_and_back_references_run_on_the_backtracking_engine() {
        for (source, text, found) in [
            (r"code (?!0)\d+", "code 17", Search::Found),
            (r"code (?!0)\d+", "code 0", Search::Absent),
            (r"(\w+) \1", "that THAT", Search::Found),
            (r"(?<=a)b", "cb ab", Search::Found),
        ] {
            let pattern = Pattern::compile(source).unwrap();
            assert!(pattern.is_backtracking() && pattern.hir().is_none(), "{source}");
            assert_eq!(pattern.search(text), found, "{source} on {text}");
        }
        assert!(!Pattern::compile("plain").unwrap().is_backtracking());
    }

    #[test]
    fn a_backtracking_pattern_gives_up_at_its_step_limit() {
        assert_eq!(search(r"(x+x+)+\1!z", &("x".repeat(60) + "! z")), Search::StepLimit);
        assert_eq!(search(r"(?=.*y)x", &"x".repeat(5 << 10)), Search::StepLimit);
        assert_eq!(search(r"(?<!a)b", &("x".repeat(64 << 10) + "b")), Search::Found);
    }

    #[test]
    fn what_cannot_be_compiled_says_why_and_where() {
        for (source, kind, message, span) in [
            ("a(b", PatternErrorKind::Syntax, "unclosed group", 1..2),
            (r"\p{Nope}", PatternErrorKind::Syntax, "Unicode property not found", 0..8),
            // What the other engine reads before the fault is none.
            ("(?>a)(b", PatternErrorKind::Syntax, "unclosed group", 5..6),
            ("(?<=a)b(c", PatternErrorKind::Syntax, "unclosed group", 7..8),
            (r"\ha(b", PatternErrorKind::Syntax, "unclosed group", 3..4),
            ("(?<n>a)(?=b)[z", PatternErrorKind::Syntax, "unclosed character class", 12..13),
            (r"(?=a)[\]](\)b", PatternErrorKind::Syntax, "unclosed group", 9..10),
            (r"(?=a)\p{Nope}", PatternErrorKind::Syntax, "Unicode property not found", 5..13),
            ("a{x(b", PatternErrorKind::Syntax, "unclosed group", 3..4),
            (
                "a{8}{8}{8}{8}{8}{8}{8}{8}{8}{8}",
                PatternErrorKind::TooLarge,
                "compiled it would take more than 4 MiB",
                0..31,
            ),
            (
                r"\w{1000}{9}",
                PatternErrorKind::TooLarge,
                "compiled it would take more than 4 MiB",
                0..11,
            ),
        ] {
            let error = Pattern::compile(source).unwrap_err();
            assert_eq!((error.kind, error.message.as_str(), error.span), (kind, message, span));
        }
    }

    #[test]
    fn its_overapproximation_is_itself_where_it_needs_no_backtracking() {
        let over = |source| Pattern::compile(source).unwrap().overapproximate();
        let hir = |source| Pattern::compile(source).unwrap().hir();
        assert_eq!(over(r"code [1-9]\b"), hir(r"code [1-9]\b"));
        assert_eq!(over(r"code (?!0)\d\b"), hir(r"code \d\b"));
        assert_eq!(over(r"(c)(?(1)a|b)"), None);
    }

    #[test]
    fn what_is_rare_enough_to_look_for_is_looked_for() {
        let has = |source| Pattern::compile(source).unwrap().has_literals();
        assert!(has("timeout") && has("(?<!no )error") && has("ENOSPC|No space left"));
        assert!(!has("e") && !has(r"\d+") && !has(r"timeout|\d+"));
    }

    proptest! {
        #[test]
        fn arbitrary_patterns_compile_or_are_refused(
            source in "[a-c\\\\(\\)\\[\\]{}?*+.|^$<=!:1-9,&~é-]{0,24}",
            text in "[a-cé1 ]{0,20}",
        ) {
            match Pattern::compile(&source) {
                Ok(pattern) => drop(pattern.search(&text)),
                Err(error) => prop_assert!(error.span.end <= source.len()),
            }
        }
    }
}

//! One compiled regular expression, on the engine that its syntax needs.
//!
//! Every pattern searches anywhere in the text, ignores case and knows Unicode
//! classes. What the `regex` syntax can say runs in time linear in the text.
//! The rest (look-around, back-references) runs on a backtracking engine that
//! is never without a step limit. Compiling is bounded in memory, whatever the
//! pattern.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

use regex_syntax::hir::{Hir, Look};

use crate::{
    automaton::{Automaton, size_bound},
    coarse::coarse,
    matcher::{Required, superset},
};

/// The most memory, in bytes, that one compiled pattern may take.
pub const SIZE_LIMIT: usize = 4 << 20;

/// The most memory, in bytes, that each thread may cache for one pattern.
const CACHE_LIMIT: usize = 1 << 20;

/// The most steps back that a backtracking pattern may take on one text. Past
/// it the pattern counts as not matching ([`Search::StepLimit`]).
pub const STEP_LIMIT: usize = 100_000;

/// The same for a text longer than [`LONG_TEXT`], where one step may scan so
/// much that the work would still take seconds.
pub const LONG_TEXT_STEP_LIMIT: usize = 2_000;

/// From how many bytes on a text is long.
pub const LONG_TEXT: usize = 4 << 10;

/// How deeply groups may nest in a pattern.
const NEST_LIMIT: u32 = 250;

/// A compiled pattern: immutable, and cheap to share between threads.
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

/// The automata are made when they are first needed: of a large taxonomy most
/// patterns are never asked.
struct Linear {
    traits: Traits,
    /// The most bytes that a match has.
    longest: usize,
    /// For texts that are ASCII throughout.
    ascii: OnceLock<Automaton>,
    /// For all others.
    unicode: OnceLock<Automaton>,
}

/// What a pattern's matches hang on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Traits {
    /// They begin at the start of the text.
    pub(crate) anchored: bool,
    /// They take in word boundaries as Unicode has them.
    pub(crate) word_boundary: bool,
}

struct Backtracking {
    short: fancy_regex::Regex,
    long: fancy_regex::Regex,
}

/// Where in a text something begins: the first such place, and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Places {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Places {
    /// It may begin anywhere.
    pub(crate) const ANYWHERE: Self = Self { first: 0, last: usize::MAX };

    pub(crate) fn at(place: usize) -> Self {
        Self { first: place, last: place }
    }

    pub(crate) fn add(&mut self, place: usize) {
        *self = Self { first: self.first.min(place), last: self.last.max(place) };
    }
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

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What kind of trouble it is.
    pub kind: PatternErrorKind,
    /// The reason, in one line.
    pub message: String,
    /// The bytes of the pattern that are at fault.
    pub span: Range<usize>,
}

/// The kinds of trouble that a pattern can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternErrorKind {
    /// It is not a regular expression.
    Syntax,
    /// Compiled it would take more than [`SIZE_LIMIT`].
    TooLarge,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When neither engine can read it, or it would grow past [`SIZE_LIMIT`].
    pub fn compile(source: &str) -> Result<Self, PatternError> {
        let (required, engine) = match parse(source) {
            Ok(hir) => {
                // What is too large to compile is too large to look for literals in.
                let linear = Linear::new(source, &hir)?;
                (Required::of(&hir), Engine::Linear(linear))
            }
            Err(syntax) => match compile_backtracking(source) {
                Ok(regex) => {
                    let required = superset(source).and_then(|hir| Required::of(&hir));
                    (required, Engine::Backtracking(regex))
                }
                // The backtracking engine was only asked because the first one
                // refused: its word counts where the syntax is its own.
                Err(error) if syntax.needs_backtracking => return Err(error),
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

    /// The part of a text that holds all matches, when it is known where
    /// something begins that each of them has in it, or, if it is `leading`,
    /// begins with.
    pub(crate) fn region(&self, text: &str, something: Places, leading: bool) -> Range<usize> {
        let longest = match &self.inner.engine {
            Engine::Linear(linear) => linear.longest,
            Engine::Backtracking(_) => usize::MAX,
        };
        let Places { first, last } = something;
        let begin = if leading { first } else { first.saturating_sub(longest) };
        begin..last.saturating_add(longest).min(text.len())
    }

    /// Looks for the pattern anywhere in the text.
    #[inline]
    #[must_use]
    pub fn search(&self, text: &str) -> Search {
        self.search_near(text, Places::ANYWHERE, false)
    }

    /// The same in its [`Pattern::region`].
    #[inline]
    pub(crate) fn search_near(&self, text: &str, something: Places, leading: bool) -> Search {
        match &self.inner.engine {
            Engine::Linear(linear) => {
                let region = self.region(text, something, leading);
                let begins = leading && something.first == something.last;
                match linear.is_match(&self.inner.source, text, region, begins) {
                    true => Search::Found,
                    false => Search::Absent,
                }
            }
            Engine::Backtracking(regex) => match regex.for_text(text).is_match(text) {
                Ok(true) => Search::Found,
                Ok(false) => Search::Absent,
                Err(_) => Search::StepLimit,
            },
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.inner.source).finish()
    }
}

impl Linear {
    fn new(source: &str, hir: &Hir) -> Result<Self, PatternError> {
        let (properties, unicode) = (hir.properties(), OnceLock::new());
        if size_bound(hir) > SIZE_LIMIT {
            let automaton = Automaton::new(&[hir], SIZE_LIMIT, CACHE_LIMIT);
            let automaton = automaton.map_err(|_| too_large(source))?;
            unicode.get_or_init(|| automaton);
        }
        let traits = Traits {
            anchored: properties.look_set_prefix().contains(Look::Start),
            word_boundary: properties.look_set().contains_word_unicode(),
        };
        let longest = properties.maximum_len().unwrap_or(usize::MAX);
        Ok(Self { traits, longest, ascii: OnceLock::new(), unicode })
    }

    fn is_match(&self, source: &str, text: &str, part: Range<usize>, begins: bool) -> bool {
        let automaton = match text.is_ascii() {
            true => self.ascii.get_or_init(|| automaton(source, |hir| coarse(&hir))),
            false => self.unicode.get_or_init(|| automaton(source, |hir| hir)),
        };
        automaton.is_match(text, part, begins)
    }
}

/// The automaton of a pattern that is known to be good and small enough.
fn automaton(source: &str, simplify: fn(Hir) -> Hir) -> Automaton {
    // The same text was parsed when the pattern was compiled, and without a
    // limit there is nothing else that compiling a small one can fail by.
    let hir = parse(source).map(simplify).unwrap_or_else(|_| unreachable!("it was parsed before"));
    Automaton::new(&[&hir], usize::MAX, CACHE_LIMIT).expect("there is no limit")
}

impl Backtracking {
    fn for_text(&self, text: &str) -> &fancy_regex::Regex {
        if text.len() > LONG_TEXT { &self.long } else { &self.short }
    }
}

struct SyntaxError {
    error: PatternError,
    needs_backtracking: bool,
}

fn parse(source: &str) -> Result<Hir, SyntaxError> {
    use regex_syntax::ast::ErrorKind::{UnsupportedBackreference, UnsupportedLookAround};

    regex_syntax::ParserBuilder::new()
        .case_insensitive(true)
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(source)
        .map_err(|error| {
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
            SyntaxError {
                error: PatternError { kind: PatternErrorKind::Syntax, message, span },
                needs_backtracking,
            }
        })
}

fn compile_backtracking(source: &str) -> Result<Box<Backtracking>, PatternError> {
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
            .map_err(|error| backtracking_error(source, &error))
    };
    let (short, long) = (compile(STEP_LIMIT, false)?, compile(LONG_TEXT_STEP_LIMIT, true)?);
    Ok(Box::new(Backtracking { short, long }))
}

fn backtracking_error(source: &str, error: &fancy_regex::Error) -> PatternError {
    use fancy_regex::{CompileError, Error};

    let syntax = |message, span| PatternError { kind: PatternErrorKind::Syntax, message, span };
    match error {
        Error::ParseError(at, kind) => {
            syntax(kind.to_string(), (*at).min(source.len())..source.len())
        }
        Error::CompileError(kind) => match &**kind {
            CompileError::InnerError(inner) if inner.size_limit().is_some() => too_large(source),
            kind => syntax(kind.to_string(), 0..source.len()),
        },
        other => syntax(other.to_string(), 0..source.len()),
    }
}

fn too_large(source: &str) -> PatternError {
    PatternError {
        kind: PatternErrorKind::TooLarge,
        message: format!("compiled it would take more than {} MiB", SIZE_LIMIT >> 20),
        span: 0..source.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn long_texts_are_searched_like_short_ones(
            source in "(a|b|c|\\(\\?[=!]b\\)|\\(\\?<[=!]a\\)|\\(a\\|b\\)|c\\*|b\\+|[.]|\\\\d){1,6}",
            text in "[abc1 ]{0,24}",
        ) {
            if let Ok(regex) = compile_backtracking(&source) {
                prop_assert_eq!(
                    regex.short.is_match(text.as_str()).unwrap(),
                    regex.long.is_match(text.as_str()).unwrap()
                );
            }
        }

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

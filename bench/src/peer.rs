//! Everything that can say which pattern comes first in a line.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use signatures_matcher::{Matcher, Pattern};

/// A compiled taxonomy.
pub trait Peer {
    /// The index of the first pattern, in order, that the line contains.
    fn first(&self, line: &str) -> Option<usize>;
}

/// A way to compile one.
pub struct Kind {
    /// What the table calls it.
    pub name: &'static str,
    /// Compiles the patterns; nothing when that peer cannot.
    pub compile: fn(&[String]) -> Option<Box<dyn Peer>>,
}

/// All peers that this build knows, the engine first.
#[must_use]
pub fn all() -> Vec<Kind> {
    vec![
        Kind { name: "signatures-engine", compile: |p| Some(Box::new(engine(p))) },
        #[cfg(feature = "hyperscan")]
        Kind {
            name: "Hyperscan",
            compile: |p| Some(Box::new(crate::hyperscan::Hyperscan::compile(p)?)),
        },
        Kind { name: "RegexSet", compile: set },
        Kind { name: "RegexSet, default limits", compile: set_within_defaults },
        Kind { name: "regex-filtered", compile: filtered },
        Kind { name: "loop over regex", compile: |p| Some(Box::new(Loop::compile(p)?)) },
        #[cfg(feature = "vrl")]
        Kind { name: "loop in VRL", compile: |p| Some(Box::new(crate::vrl::Vrl::compile(p)?)) },
    ]
}

/// The engine's own matcher.
#[must_use]
pub fn engine(patterns: &[String]) -> Matcher {
    Matcher::new(patterns.iter().filter_map(|source| Pattern::compile(source).ok()).collect())
}

impl Peer for Matcher {
    fn first(&self, line: &str) -> Option<usize> {
        self.scan(line).first
    }
}

struct Loop(Vec<Regex>);

impl Loop {
    fn compile(patterns: &[String]) -> Option<Self> {
        let compile =
            |source: &String| RegexBuilder::new(source).case_insensitive(true).build().ok();
        patterns.iter().map(compile).collect::<Option<_>>().map(Self)
    }
}

impl Peer for Loop {
    fn first(&self, line: &str) -> Option<usize> {
        self.0.iter().position(|regex| regex.is_match(line))
    }
}

/// The crate `regex`'s own set as it comes: 10 MB compiled, 2 MB of states.
#[must_use]
pub fn set_within_defaults(patterns: &[String]) -> Option<Box<dyn Peer>> {
    Some(Box::new(RegexSetBuilder::new(patterns).case_insensitive(true).build().ok()?))
}

/// The same with a gibibyte of room for each, which is to its favour: it takes
/// large sets at all, and keeps all states that hostile lines make it build.
#[must_use]
pub fn set(patterns: &[String]) -> Option<Box<dyn Peer>> {
    let set = RegexSetBuilder::new(patterns)
        .case_insensitive(true)
        .size_limit(1 << 30)
        .dfa_size_limit(1 << 30)
        .build();
    Some(Box::new(set.ok()?))
}

impl Peer for RegexSet {
    fn first(&self, line: &str) -> Option<usize> {
        self.matches(line).iter().next()
    }
}

/// The crate `regex-filtered`.
#[must_use]
pub fn filtered(patterns: &[String]) -> Option<Box<dyn Peer>> {
    let options = {
        let mut options = regex_filtered::Options::new();
        options.case_insensitive(true);
        options
    };
    let mut builder = regex_filtered::Builder::new();
    for pattern in patterns {
        builder = builder.push_opt(pattern, &options).ok()?;
    }
    Some(Box::new(builder.build().ok()?))
}

impl Peer for regex_filtered::Regexes {
    fn first(&self, line: &str) -> Option<usize> {
        // Yields in index order, each one confirmed.
        self.matching(line).next().map(|(index, _)| index)
    }
}

//! The parser: the text of a pattern, and how far it is read.

use std::collections::HashMap;

use super::{
    census::groups_of,
    error::{Parse, ParseError},
    grammar::Grammar,
    scope::Scope,
};
use crate::{flags::Flags, syntax::Node};

/// Deeper nesting is refused rather than risk the stack.
const DEPTH_LIMIT: usize = 200;

/// A recursive descent over a pattern. What each construct reads is in the file
/// named after it.
pub(super) struct Parser<'p> {
    pub(super) text: &'p str,
    /// Byte offset of the next character.
    pub(super) at: usize,
    pub(super) grammar: &'static Grammar,
    pub(super) scope: Scope,
    /// Groups whose beginning was read.
    pub(super) opened: u32,
    /// Of each of them, the whole match first, whether its end was read.
    pub(super) closed: Vec<bool>,
    pub(super) names: HashMap<String, u32>,
    /// All groups of the pattern, for dialects where one may be named early.
    pub(super) total: u32,
    pub(super) all_names: HashMap<String, u32>,
}

/// What one step of a sequence yields.
pub(super) enum Term {
    Node(Node),
    /// Nothing that a quantifier could apply to: a comment, a flag.
    Nothing,
}

impl<'p> Parser<'p> {
    pub(super) fn new(text: &'p str, grammar: &'static Grammar, flags: Flags) -> Self {
        let (total, all_names) = groups_of(text);
        Parser {
            text,
            at: 0,
            grammar,
            scope: Scope::new(flags, grammar.ascii),
            opened: 0,
            closed: vec![true],
            names: HashMap::new(),
            total,
            all_names,
        }
    }

    pub(super) fn rejected(&self, at: usize, message: impl Into<String>) -> ParseError {
        ParseError::Rejected { at, message: message.into() }
    }

    pub(super) fn unsupported<T>(&self, at: usize, feature: &'static str) -> Parse<T> {
        Err(ParseError::Unsupported { at, feature })
    }

    pub(super) fn check_depth(&self, depth: usize) -> Parse<()> {
        match depth > DEPTH_LIMIT {
            true => self.unsupported(self.at, "nesting this deep"),
            false => Ok(()),
        }
    }

    pub(super) fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn expect(&mut self, expected: &str, message: &str) -> Parse<()> {
        if self.eat(expected) { Ok(()) } else { Err(self.rejected(self.at, message)) }
    }

    pub(super) fn take_while(&mut self, most: usize, test: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .enumerate()
            .find(|(count, (_, c))| *count >= most || !test(*c))
            .map_or(rest.len(), |(_, (at, _))| at);
        self.at += end;
        &rest[..end]
    }
}

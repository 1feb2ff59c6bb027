//! Reads a pattern as one of the backtracking engines would.
//!
//! One recursive descent for all dialects; where they differ it asks. What the
//! engine would refuse is refused here too, since a pattern that cannot run
//! cannot blow up. Sources: CPython `Lib/re/_parser.py` (3.11 and later), the
//! `pcre2pattern` manual, ECMA-262 §22.2 with Annex B, the documentation of the
//! `regex` and `fancy-regex` crates.

use std::collections::HashMap;

use super::class::{Class, Item, Named};
use super::syntax::{Assertion, Kind, Mode, Node};
use super::{Engine, Flags, Span};

/// Deeper nesting is refused rather than risk the stack.
const DEPTH_LIMIT: usize = 200;

/// Why a pattern cannot be analysed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParseError {
    /// The engine itself would not compile it.
    #[error("{message} (at byte {at})")]
    Rejected { at: usize, message: String },
    /// The engine would, but it is not modelled here.
    #[error("{feature} (at byte {at})")]
    Unsupported { at: usize, feature: &'static str },
}

/// A pattern that the engine accepts.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) root: Node,
    /// Capture groups, the whole match not counted.
    pub(super) groups: u32,
}

/// Reads `pattern` in the dialect of `engine`.
pub(super) fn parse(pattern: &str, engine: Engine, flags: Flags) -> Result<Parsed, ParseError> {
    let mut parser = Parser::new(pattern, engine, flags);
    let root = parser.alternation(0)?;
    if parser.peek().is_some() {
        return Err(parser.rejected(parser.at, "unbalanced parenthesis"));
    }
    Ok(Parsed { root, groups: parser.opened })
}

/// The flags in force at a place in the pattern.
#[derive(Debug, Clone, Copy)]
struct Scope {
    fold: bool,
    multi_line: bool,
    dot_all: bool,
    extended: bool,
    ascii: bool,
    swap_greed: bool,
}

struct Parser<'p> {
    text: &'p str,
    /// Byte offset of the next character.
    at: usize,
    engine: Engine,
    scope: Scope,
    opened: u32,
    closed: Vec<bool>,
    names: HashMap<String, u32>,
    /// All groups of the pattern, for dialects where one may be named early.
    total: u32,
    all_names: HashMap<String, u32>,
}

type Parse<T> = Result<T, ParseError>;

/// What one step of a sequence yields.
enum Term {
    Node(Node),
    /// Nothing that a quantifier could apply to: a comment, a flag.
    Nothing,
}

impl<'p> Parser<'p> {
    fn new(text: &'p str, engine: Engine, flags: Flags) -> Self {
        let scope = Scope {
            fold: flags.ignore_case,
            multi_line: flags.multi_line,
            dot_all: flags.dot_all,
            extended: flags.extended,
            ascii: matches!(engine, Engine::JavaScript | Engine::Pcre2),
            swap_greed: false,
        };
        let (total, all_names) = scan_groups(text);
        Parser {
            text,
            at: 0,
            engine,
            scope,
            opened: 0,
            closed: vec![true],
            names: HashMap::new(),
            total,
            all_names,
        }
    }

    fn python(&self) -> bool {
        self.engine == Engine::Python
    }

    fn javascript(&self) -> bool {
        self.engine == Engine::JavaScript
    }

    fn rejected(&self, at: usize, message: impl Into<String>) -> ParseError {
        ParseError::Rejected { at, message: message.into() }
    }

    fn unsupported<T>(&self, at: usize, feature: &'static str) -> Parse<T> {
        Err(ParseError::Unsupported { at, feature })
    }

    fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    fn expect(&mut self, expected: &str, message: &str) -> Parse<()> {
        if self.eat(expected) { Ok(()) } else { Err(self.rejected(self.at, message)) }
    }

    fn take_while(&mut self, most: usize, test: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .enumerate()
            .find(|(count, (_, c))| *count >= most || !test(*c))
            .map_or(rest.len(), |(_, (at, _))| at);
        self.at += end;
        &rest[..end]
    }

    fn alternation(&mut self, depth: usize) -> Parse<Node> {
        if depth > DEPTH_LIMIT {
            return self.unsupported(self.at, "nesting this deep");
        }
        let start = self.at;
        let mut branches = vec![self.sequence(depth)?];
        while self.eat("|") {
            branches.push(self.sequence(depth)?);
        }
        let span = start..self.at;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ if self.python() => as_python_alternates(branches, span),
            _ => Node::new(Kind::Alternate(branches), span),
        })
    }

    fn sequence(&mut self, depth: usize) -> Parse<Node> {
        let start = self.at;
        let mut nodes: Vec<Node> = Vec::new();
        let mut quantifiable = false;
        loop {
            if self.scope.extended && self.skip_extended() {
                continue;
            }
            let here = self.at;
            let Some(c) = self.peek() else { break };
            if c == '|' || c == ')' {
                break;
            }
            if let Some((min, max)) = self.quantifier(quantifiable)? {
                let Some(node) = nodes.pop().filter(|_| quantifiable) else {
                    return Err(self.rejected(here, "nothing to repeat"));
                };
                nodes.push(self.repeat(node, min, max, here)?);
                quantifiable = !matches!(self.engine, Engine::Python | Engine::JavaScript);
                continue;
            }
            match self.term(depth, start)? {
                Term::Node(node) => {
                    quantifiable = true;
                    nodes.push(node);
                }
                Term::Nothing if self.python() => {}
                Term::Nothing => quantifiable = false,
            }
        }
        Ok(concat(nodes, start..self.at))
    }

    /// White space and comments under the `x` flag.
    fn skip_extended(&mut self) -> bool {
        match self.peek() {
            Some(c) if c.is_ascii_whitespace() || c == '\u{b}' => {
                self.bump();
                true
            }
            Some('#') => {
                self.take_while(usize::MAX, |c| c != '\n');
                self.eat("\n");
                true
            }
            _ => false,
        }
    }

    /// A quantifier's bounds, if one stands here.
    fn quantifier(&mut self, quantifiable: bool) -> Parse<Option<(u32, Option<u32>)>> {
        let here = self.at;
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted_quantifier(here, quantifiable),
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(bounds))
    }

    fn counted_quantifier(
        &mut self,
        here: usize,
        quantifiable: bool,
    ) -> Parse<Option<(u32, Option<u32>)>> {
        self.at += 1;
        let low = self.take_while(usize::MAX, |c| c.is_ascii_digit());
        let comma = self.eat(",");
        let high = if comma { self.take_while(usize::MAX, |c| c.is_ascii_digit()) } else { low };
        let low_may_lack = self.python() && comma;
        if !self.eat("}") || low.is_empty() && !low_may_lack {
            self.at = here;
            if self.engine == Engine::Rust && quantifiable {
                return Err(self.rejected(here, "repetition quantifier expects a valid decimal"));
            }
            return Ok(None);
        }
        let count = |digits: &str| match digits.parse::<u32>() {
            Ok(count) if count < u32::MAX => Ok(count),
            _ => Err(self.rejected(here, "the repetition number is too large")),
        };
        let min = if low.is_empty() { 0 } else { count(low)? };
        let max = if high.is_empty() { None } else { Some(count(high)?) };
        if max.is_some_and(|max| max < min) {
            return Err(self.rejected(here, "min repeat greater than max repeat"));
        }
        if self.engine == Engine::Pcre2 && (min > 65_535 || max.is_some_and(|max| max > 65_535)) {
            return Err(self.rejected(here, "the repetition number is too large"));
        }
        Ok(Some((min, max)))
    }

    fn repeat(&mut self, node: Node, min: u32, max: Option<u32>, here: usize) -> Parse<Node> {
        let refused = match &node.kind {
            Kind::Assert(_) => matches!(self.engine, Engine::Python | Engine::JavaScript),
            Kind::Look { behind: true, .. } => self.javascript(),
            _ => false,
        };
        if refused {
            return Err(self.rejected(here, "nothing to repeat"));
        }
        let lazy = self.eat("?");
        let possessive = !lazy && !self.javascript() && self.eat("+");
        let mode = match (possessive, lazy != self.scope.swap_greed) {
            (true, _) => Mode::Possessive,
            (false, true) => Mode::Lazy,
            (false, false) => Mode::Greedy,
        };
        let span = node.span.start..self.at;
        Ok(Node::new(Kind::Repeat { node: Box::new(node), min, max, mode }, span))
    }

    fn term(&mut self, depth: usize, sequence_start: usize) -> Parse<Term> {
        let start = self.at;
        let scope = self.scope;
        let Some(c) = self.bump() else { return Ok(Term::Nothing) };
        let kind = match c {
            '(' => return self.group(start, depth, sequence_start),
            '[' => Kind::Set(self.class(start, depth)?),
            '.' => Kind::Set(self.dot()),
            '^' if scope.multi_line => Kind::Assert(Assertion::LineStart),
            '^' => Kind::Assert(Assertion::TextStart),
            '$' if scope.multi_line => Kind::Assert(Assertion::LineEnd),
            '$' if matches!(self.engine, Engine::JavaScript | Engine::Rust) => {
                Kind::Assert(Assertion::TextEnd)
            }
            '$' => Kind::Assert(Assertion::TextEndOrFinalNewline),
            '\\' => return self.escape(start),
            c => Kind::Set(Class::literal(c, scope.fold)),
        };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    fn dot(&self) -> Class {
        match (self.scope.dot_all, self.engine) {
            (true, _) => Class::all_but(&[]),
            (false, Engine::JavaScript) => Class::all_but(&['\n', '\r', '\u{2028}', '\u{2029}']),
            (false, _) => Class::all_but(&['\n']),
        }
    }

    fn group(&mut self, start: usize, depth: usize, sequence_start: usize) -> Parse<Term> {
        if self.rest().starts_with('*') && self.engine == Engine::Pcre2 {
            return self.unsupported(start, "backtracking control verbs");
        }
        if !self.eat("?") {
            return self.capture(None, start, depth);
        }
        let here = self.at;
        let python_or_rust = matches!(self.engine, Engine::Python | Engine::Rust);
        match self.bump() {
            None => Err(self.rejected(here, "unexpected end of pattern")),
            Some(':') => self.scoped(self.scope, start, depth),
            Some('#') if !self.javascript() => {
                self.take_while(usize::MAX, |c| c != ')');
                self.expect(")", "missing ), unterminated comment")?;
                Ok(Term::Nothing)
            }
            Some('=') => self.look(false, false, start, depth),
            Some('!') => self.look(false, true, start, depth),
            Some('<') => match self.peek() {
                Some('=') => {
                    self.bump();
                    self.look(true, false, start, depth)
                }
                Some('!') => {
                    self.bump();
                    self.look(true, true, start, depth)
                }
                _ if self.python() => Err(self.rejected(here, "unknown extension ?<")),
                _ => {
                    let name = self.name('>')?;
                    self.capture(Some(name), start, depth)
                }
            },
            Some('P') if !self.javascript() => self.python_extension(here, start, depth),
            Some('\'') if self.engine == Engine::Pcre2 => {
                let name = self.name('\'')?;
                self.capture(Some(name), start, depth)
            }
            Some('>') if !self.javascript() => {
                let inner = self.body(self.scope, depth)?;
                Ok(Term::Node(Node::new(Kind::Atomic(Box::new(inner)), start..self.at)))
            }
            Some('(') if !self.javascript() => self.conditional(start, depth),
            Some('|') if self.engine == Engine::Pcre2 => {
                self.unsupported(start, "branch reset groups")
            }
            Some('R' | '&' | '+' | 'C' | '0'..='9') if !python_or_rust && !self.javascript() => {
                self.unsupported(start, "recursion and callouts")
            }
            Some(c) if c == '-' || c == '^' || c.is_ascii_alphabetic() => {
                self.at = here;
                self.flags(start, depth, sequence_start)
            }
            Some(c) => Err(self.rejected(here, format!("unknown extension ?{c}"))),
        }
    }

    fn python_extension(&mut self, here: usize, start: usize, depth: usize) -> Parse<Term> {
        match self.bump() {
            Some('<') => {
                let name = self.name('>')?;
                self.capture(Some(name), start, depth)
            }
            Some('=') => {
                let name = self.name(')')?;
                self.named_reference(&name, start)
            }
            Some('>') if self.engine == Engine::Pcre2 => {
                self.unsupported(start, "recursion and callouts")
            }
            _ => Err(self.rejected(here, "unknown extension ?P")),
        }
    }

    fn name(&mut self, end: char) -> Parse<String> {
        let here = self.at;
        let name = self.take_while(usize::MAX, |c| c != end);
        let mut chars = name.chars();
        let starts_well = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let letters = |c: char| {
            c.is_alphanumeric()
                || c == '_'
                || c == '$' && self.javascript()
                || matches!(c, '.' | '[' | ']') && self.engine == Engine::Rust
        };
        if !starts_well || !chars.all(letters) || self.bump() != Some(end) {
            return Err(self.rejected(here, "bad character in group name"));
        }
        Ok(name.to_owned())
    }

    fn capture(&mut self, name: Option<String>, start: usize, depth: usize) -> Parse<Term> {
        self.opened += 1;
        let group = self.opened;
        self.closed.push(false);
        if let Some(name) = name
            && self.names.insert(name, group).is_some()
        {
            return Err(self.rejected(start, "redefinition of group name"));
        }
        let inner = self.body(self.scope, depth)?;
        self.closed[group as usize] = true;
        let kind = Kind::Capture { group, node: Box::new(inner) };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    /// What stands up to the closing parenthesis, under the flags of `scope`.
    fn body(&mut self, scope: Scope, depth: usize) -> Parse<Node> {
        let outer = std::mem::replace(&mut self.scope, scope);
        let inner = self.alternation(depth + 1)?;
        self.expect(")", "missing ), unterminated subpattern")?;
        self.scope = outer;
        Ok(inner)
    }

    fn scoped(&mut self, scope: Scope, start: usize, depth: usize) -> Parse<Term> {
        let inner = self.body(scope, depth)?;
        // Kept apart from what stands inside, as a quantifier may follow.
        Ok(Term::Node(Node::new(Kind::Concat(into_sequence(inner)), start..self.at)))
    }

    fn look(&mut self, behind: bool, negative: bool, start: usize, depth: usize) -> Parse<Term> {
        let inner = self.body(self.scope, depth)?;
        if behind && self.python() {
            let (low, high) = inner.width();
            if high != Some(low) {
                return Err(self.rejected(start, "look-behind requires fixed-width pattern"));
            }
        }
        let kind = Kind::Look { behind, negative, node: Box::new(inner) };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    fn conditional(&mut self, start: usize, depth: usize) -> Parse<Term> {
        let here = self.at;
        let condition = self.take_while(usize::MAX, |c| c != ')');
        self.expect(")", "missing ), unterminated name")?;
        let name = condition.trim_matches(|c| matches!(c, '<' | '>' | '\''));
        let group = match condition.parse::<u32>() {
            Ok(0) => return Err(self.rejected(here, "bad group number")),
            Ok(group) if group <= self.total => group,
            Ok(_) => return Err(self.rejected(here, "invalid group reference")),
            Err(_) => match self.names.get(name).or_else(|| self.all_names.get(name)) {
                Some(group) => *group,
                None if self.python() => {
                    return Err(self.rejected(here, "unknown group name"));
                }
                None => return self.unsupported(here, "conditions other than a group"),
            },
        };
        let outer = self.scope;
        let yes = self.sequence(depth + 1)?;
        let no_start = self.at;
        let no = match self.eat("|") {
            true => self.sequence(depth + 1)?,
            false => Node::new(Kind::Empty, no_start..no_start),
        };
        self.expect(")", "conditional backref with more than two branches")?;
        self.scope = outer;
        let kind = Kind::Conditional { group, yes: Box::new(yes), no: Box::new(no) };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    /// `(?i)`, `(?i-s:…)`.
    fn flags(&mut self, start: usize, depth: usize, sequence_start: usize) -> Parse<Term> {
        let mut scope = self.scope;
        let mut on = true;
        let mut turned_off = false;
        loop {
            let here = self.at;
            let c = self.bump().ok_or_else(|| self.rejected(here, "missing -, : or )"))?;
            match c {
                ':' => return self.scoped(scope, start, depth),
                ')' if self.python() => {
                    if turned_off {
                        return Err(self.rejected(here, "missing :"));
                    }
                    if sequence_start != 0 || depth != 0 || !self.only_flags_before(start) {
                        return Err(
                            self.rejected(start, "global flags not at the start of the expression")
                        );
                    }
                    self.scope = scope;
                    return Ok(Term::Nothing);
                }
                ')' if !self.javascript() => {
                    self.scope = scope;
                    return Ok(Term::Nothing);
                }
                '-' if on => (on, turned_off) = (false, true),
                'i' => scope.fold = on,
                'm' => scope.multi_line = on,
                's' => scope.dot_all = on,
                'x' if !self.javascript() => scope.extended = on,
                'a' if self.python() => scope.ascii = true,
                'u' if self.python() => scope.ascii = false,
                'u' if self.engine == Engine::Rust => scope.ascii = !on,
                'U' if matches!(self.engine, Engine::Pcre2 | Engine::Rust) => {
                    scope.swap_greed = on;
                }
                'R' if self.engine == Engine::Rust => {}
                'J' | 'n' if self.engine == Engine::Pcre2 => {
                    return self.unsupported(here, "the flags J and n");
                }
                _ => return Err(self.rejected(here, "unknown flag")),
            }
        }
    }

    /// Whether nothing but other global flags, and what `x` ignores, stands
    /// before `end`.
    fn only_flags_before(&self, end: usize) -> bool {
        let mut rest = &self.text[..end];
        while let Some(inner) = rest.strip_prefix("(?") {
            let Some((letters, after)) = inner.split_once(')') else { return false };
            if !letters.chars().all(|c| c.is_ascii_lowercase()) && !letters.starts_with('#') {
                return false;
            }
            rest = after;
        }
        rest.is_empty() || self.scope.extended && rest.trim().is_empty()
    }

    fn named_reference(&self, name: &str, start: usize) -> Parse<Term> {
        let known = self.names.get(name);
        let group = match known {
            Some(group) => *group,
            None if self.python() => return Err(self.rejected(start, "unknown group name")),
            None => match self.all_names.get(name) {
                Some(group) => *group,
                None => return Err(self.rejected(start, "unknown group name")),
            },
        };
        self.reference(group, start)
    }

    fn reference(&self, group: u32, start: usize) -> Parse<Term> {
        if self.python() && !self.closed.get(group as usize).copied().unwrap_or(false) {
            return Err(self.rejected(start, "cannot refer to an open group"));
        }
        let kind = Kind::Backreference { group, fold: self.scope.fold };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    /// What follows a backslash outside a class.
    fn escape(&mut self, start: usize) -> Parse<Term> {
        let here = self.at;
        let Some(c) = self.bump() else {
            return Err(self.rejected(start, "bad escape (end of pattern)"));
        };
        let pcre_or_rust = matches!(self.engine, Engine::Pcre2 | Engine::Rust);
        let assertion = match c {
            'b' if self.engine == Engine::Rust && self.eat("{start}") => Assertion::WordStart,
            'b' if self.engine == Engine::Rust && self.eat("{end}") => Assertion::WordEnd,
            '<' if self.engine == Engine::Rust => Assertion::WordStart,
            '>' if self.engine == Engine::Rust => Assertion::WordEnd,
            'b' => Assertion::WordBoundary,
            'B' => Assertion::NotWordBoundary,
            'A' if !self.javascript() => Assertion::TextStart,
            'Z' if self.python() => Assertion::TextEnd,
            'Z' if pcre_or_rust => Assertion::TextEndOrFinalNewline,
            'z' if pcre_or_rust => Assertion::TextEnd,
            _ => {
                self.at = here;
                return self.escaped_character(start);
            }
        };
        Ok(Term::Node(Node::new(Kind::Assert(assertion), start..self.at)))
    }

    fn escaped_character(&mut self, start: usize) -> Parse<Term> {
        let here = self.at;
        let pcre = self.engine == Engine::Pcre2;
        match self.peek() {
            Some('0'..='9') => return self.numeric_escape(start),
            Some('k') if !self.python() => {
                self.bump();
                let end = match self.peek() {
                    Some('<') => '>',
                    Some('{') if pcre => '}',
                    Some('\'') if pcre => '\'',
                    _ if self.javascript() => {
                        let kind = Kind::Set(Class::literal('k', self.scope.fold));
                        return Ok(Term::Node(Node::new(kind, start..self.at)));
                    }
                    _ => return Err(self.rejected(here, "bad escape \\k")),
                };
                self.bump();
                let name = self.name(end)?;
                return self.named_reference(&name, start);
            }
            Some('g') if pcre => return self.unsupported(start, "\\g references"),
            Some('G' | 'K' | 'X' | 'R' | 'C' | 'Q') if pcre => {
                return self.unsupported(start, "this escape");
            }
            Some('G' | 'K') if self.engine == Engine::Rust => {
                return self.unsupported(start, "this escape");
            }
            _ => {}
        }
        let item = self.class_escape(start)?;
        let class = Class::of(item, self.scope.fold);
        Ok(Term::Node(Node::new(Kind::Set(class), start..self.at)))
    }

    /// `\1`, `\012`, `\0`: a reference or an octal escape.
    fn numeric_escape(&mut self, start: usize) -> Parse<Term> {
        let here = self.at;
        let literal = |parser: &Self, code: u32| {
            let c = char::from_u32(code).ok_or_else(|| parser.rejected(here, "octal escape"))?;
            let kind = Kind::Set(Class::literal(c, parser.scope.fold));
            Ok(Term::Node(Node::new(kind, start..parser.at)))
        };
        let octal = |c: char| c.is_digit(8);
        if self.rest().starts_with('0') {
            let digits = self.take_while(3, octal);
            return literal(self, u32::from_str_radix(digits, 8).unwrap_or(0));
        }
        if !self.javascript() {
            let digits = self.take_while(3, octal);
            if digits.len() == 3 {
                let code = u32::from_str_radix(digits, 8).unwrap_or(0);
                if code > 0o377 {
                    return Err(self.rejected(here, "octal escape value outside of range 0-0o377"));
                }
                return literal(self, code);
            }
            self.at = here;
        }
        let most = if self.python() { 2 } else { 9 };
        let digits = self.take_while(most, |c| c.is_ascii_digit());
        let group = digits.parse::<u32>().unwrap_or(u32::MAX);
        let known = if self.python() { self.opened } else { self.total };
        if group <= known {
            return self.reference(group, start);
        }
        if self.javascript() {
            self.at = here;
            let digits = self.take_while(3, octal);
            return match u32::from_str_radix(digits, 8) {
                Ok(code) => literal(self, code),
                Err(_) => {
                    let digit = self.bump().map_or(0, u32::from);
                    literal(self, digit)
                }
            };
        }
        Err(self.rejected(here, format!("invalid group reference {digits}")))
    }

    /// An escape that stands for characters, inside a class or outside.
    fn class_escape(&mut self, start: usize) -> Parse<Item> {
        let here = self.at;
        let Some(c) = self.bump() else {
            return Err(self.rejected(start, "bad escape (end of pattern)"));
        };
        let ascii = self.scope.ascii;
        let space_ascii = ascii && !self.javascript();
        let pcre_or_rust = matches!(self.engine, Engine::Pcre2 | Engine::Rust);
        let one = |c: char| Ok(Item::Range(c, c));
        match c {
            'd' => Ok(Item::Named(Named::Digit { ascii })),
            'D' => Ok(Item::NotNamed(Named::Digit { ascii })),
            'w' => Ok(Item::Named(Named::Word { ascii })),
            'W' => Ok(Item::NotNamed(Named::Word { ascii })),
            's' => Ok(Item::Named(Named::Space { ascii: space_ascii })),
            'S' => Ok(Item::NotNamed(Named::Space { ascii: space_ascii })),
            'h' if self.engine == Engine::Pcre2 => Ok(Item::Named(Named::HorizontalSpace)),
            'H' if self.engine == Engine::Pcre2 => Ok(Item::NotNamed(Named::HorizontalSpace)),
            'h' if self.engine == Engine::Rust => Ok(Item::Named(Named::HexDigit)),
            'H' if self.engine == Engine::Rust => Ok(Item::NotNamed(Named::HexDigit)),
            'v' if self.engine == Engine::Pcre2 => Ok(Item::Named(Named::VerticalSpace)),
            'V' if self.engine == Engine::Pcre2 => Ok(Item::NotNamed(Named::VerticalSpace)),
            'N' if self.engine == Engine::Pcre2 => Ok(Item::Nested(Class::all_but(&['\n']))),
            'p' | 'P' if pcre_or_rust => self.property(c == 'P', here),
            'n' => one('\n'),
            'r' => one('\r'),
            't' => one('\t'),
            'f' => one('\u{c}'),
            'v' => one('\u{b}'),
            'a' if !self.javascript() => one('\u{7}'),
            'e' if pcre_or_rust => one('\u{1b}'),
            'b' => one('\u{8}'),
            'x' => self.hexadecimal(2, here),
            'u' if self.engine != Engine::Pcre2 => self.hexadecimal(4, here),
            'U' if matches!(self.engine, Engine::Python | Engine::Rust) => {
                self.hexadecimal(8, here)
            }
            'N' if self.python() => self.unsupported(here, "named characters"),
            'c' if matches!(self.engine, Engine::Pcre2 | Engine::JavaScript) => match self.peek() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.bump();
                    one(char::from((letter.to_ascii_uppercase() as u8) ^ 0x40))
                }
                _ if self.javascript() => {
                    self.at = here;
                    one('\\')
                }
                _ => Err(self.rejected(here, "bad escape \\c")),
            },
            '0'..='7' => {
                self.at = here;
                let digits = self.take_while(3, |c| c.is_digit(8));
                let code = u32::from_str_radix(digits, 8).unwrap_or(0);
                if self.python() && code > 0o377 {
                    return Err(self.rejected(here, "octal escape value outside of range 0-0o377"));
                }
                char::from_u32(code).map_or_else(|| one('\0'), one)
            }
            c if c.is_ascii_alphanumeric() && !self.javascript() => {
                Err(self.rejected(here, format!("bad escape \\{c}")))
            }
            c => one(c),
        }
    }

    fn hexadecimal(&mut self, digits: usize, here: usize) -> Parse<Item> {
        let hex = |c: char| c.is_ascii_hexdigit();
        let braces = matches!(self.engine, Engine::Pcre2 | Engine::Rust) && self.eat("{");
        let text = match braces {
            true => self.take_while(8, hex),
            false => self.take_while(digits, hex),
        };
        let whole = if braces { self.eat("}") && !text.is_empty() } else { text.len() == digits };
        if !whole && self.javascript() {
            self.at = here + 1;
            let letter = if digits == 2 { 'x' } else { 'u' };
            return Ok(Item::Range(letter, letter));
        }
        if !whole && (self.engine != Engine::Pcre2 || braces) {
            return Err(self.rejected(here, "incomplete escape"));
        }
        let code =
            if text.is_empty() { 0 } else { u32::from_str_radix(text, 16).unwrap_or(u32::MAX) };
        match char::from_u32(code) {
            Some(c) => Ok(Item::Range(c, c)),
            // A surrogate, which no text holds.
            None if code <= 0xffff => {
                Ok(Item::Nested(Class { items: vec![], negated: false, fold: false }))
            }
            None => Err(self.rejected(here, "bad escape")),
        }
    }

    fn property(&mut self, negated: bool, here: usize) -> Parse<Item> {
        let (name, negated) = if self.eat("{") {
            let caret = self.eat("^");
            let name = self.take_while(usize::MAX, |c| c != '}');
            self.expect("}", "missing }")?;
            (name, negated != caret)
        } else {
            (self.take_while(1, |c| c.is_ascii_alphabetic()), negated)
        };
        let ascii = false;
        let named = match name {
            "L" | "Letter" | "Alphabetic" | "alpha" | "L&" => Named::Alphabetic { ascii },
            "Lu" | "Upper" | "Uppercase" | "Uppercase_Letter" => Named::Upper { ascii },
            "Ll" | "Lower" | "Lowercase" | "Lowercase_Letter" => Named::Lower { ascii },
            "N" | "Number" | "Nd" | "Decimal_Number" => Named::Numeric,
            "P" | "Punctuation" => Named::Punctuation,
            "Z" | "Zs" | "Separator" | "White_Space" | "Xsp" | "Xps" => Named::Space { ascii },
            "Xan" => Named::Alphanumeric { ascii },
            "Xwd" => Named::Word { ascii },
            "Cc" | "Control" => Named::Control,
            "" => return Err(self.rejected(here, "malformed \\P or \\p sequence")),
            _ => return self.unsupported(here, "this Unicode property"),
        };
        Ok(if negated { Item::NotNamed(named) } else { Item::Named(named) })
    }

    /// A bracketed class, its opening bracket already read.
    fn class(&mut self, start: usize, depth: usize) -> Parse<Class> {
        if depth > DEPTH_LIMIT {
            return self.unsupported(self.at, "nesting this deep");
        }
        let negated = self.eat("^");
        let mut parts: Vec<Class> = Vec::new();
        let mut items: Vec<Item> = Vec::new();
        let mut empty = true;
        let fold = self.scope.fold;
        loop {
            let here = self.at;
            let Some(c) = self.peek() else {
                return Err(self.rejected(start, "unterminated character set"));
            };
            if c == ']' && (!empty || self.javascript()) {
                self.bump();
                break;
            }
            empty = false;
            if self.engine == Engine::Rust && self.eat("&&") {
                parts.push(Class { items: std::mem::take(&mut items), negated: false, fold });
                continue;
            }
            if self.engine == Engine::Rust
                && (self.rest().starts_with("--") || self.rest().starts_with("~~"))
                && !items.is_empty()
            {
                return self.unsupported(here, "set difference in a class");
            }
            if self.scope.extended && self.engine == Engine::Rust && c.is_whitespace() {
                self.bump();
                continue;
            }
            let item = self.class_item(depth)?;
            items.push(self.range_from(item, here)?);
        }
        if !parts.is_empty() {
            parts.push(Class { items, negated: false, fold });
            items = vec![Item::Intersection(parts)];
        }
        Ok(Class { items, negated, fold })
    }

    fn class_item(&mut self, depth: usize) -> Parse<Item> {
        let here = self.at;
        let posix = matches!(self.engine, Engine::Pcre2 | Engine::Rust);
        if posix
            && self.rest().starts_with("[:")
            && let Some(item) = self.posix_class()?
        {
            return Ok(item);
        }
        match self.bump() {
            Some('\\') => self.class_escape(here),
            Some('[') if self.engine == Engine::Rust => {
                Ok(Item::Nested(self.class(here, depth + 1)?))
            }
            Some(c) => Ok(Item::Range(c, c)),
            None => Err(self.rejected(here, "unterminated character set")),
        }
    }

    /// `item`, or the range that begins with it.
    fn range_from(&mut self, item: Item, here: usize) -> Parse<Item> {
        let mut after = self.rest().chars();
        if after.next() != Some('-') || matches!(after.next(), Some(']') | None) {
            return Ok(item);
        }
        if self.engine == Engine::Rust && self.rest().starts_with("--") {
            return Ok(item);
        }
        let dash = self.at;
        self.bump();
        let that_start = self.at;
        let that = match self.bump() {
            Some('\\') => self.class_escape(that_start)?,
            Some(c) => Item::Range(c, c),
            None => return Err(self.rejected(here, "unterminated character set")),
        };
        match (item, that) {
            (Item::Range(low, _), Item::Range(high, _)) if low <= high => {
                Ok(Item::Range(low, high))
            }
            (Item::Range(..), Item::Range(..)) => Err(self.rejected(here, "bad character range")),
            (item, _) if matches!(self.engine, Engine::JavaScript | Engine::Pcre2) => {
                self.at = dash;
                Ok(item)
            }
            _ => Err(self.rejected(here, "bad character range")),
        }
    }

    /// `[:alpha:]`, or nothing when it does not read as one.
    fn posix_class(&mut self) -> Parse<Option<Item>> {
        let here = self.at;
        self.at += 2;
        let negated = self.eat("^");
        let name = self.take_while(16, |c| c.is_ascii_alphabetic());
        if !self.eat(":]") {
            self.at = here;
            return Ok(None);
        }
        let ascii = true;
        let named = match name {
            "alpha" => Named::Alphabetic { ascii },
            "alnum" => Named::Alphanumeric { ascii },
            "upper" => Named::Upper { ascii },
            "lower" => Named::Lower { ascii },
            "digit" => Named::Digit { ascii },
            "space" => Named::Space { ascii },
            "word" => Named::Word { ascii },
            "blank" => Named::HorizontalSpace,
            "punct" => Named::Punctuation,
            "graph" => Named::Graphic,
            "print" => Named::Printable,
            "cntrl" => Named::Control,
            "xdigit" => Named::HexDigit,
            "ascii" => Named::Ascii,
            _ => return Err(self.rejected(here, "unknown POSIX class name")),
        };
        Ok(Some(if negated { Item::NotNamed(named) } else { Item::Named(named) }))
    }
}

/// The nodes one after another; groups that only group are opened up.
fn concat(nodes: Vec<Node>, span: Span) -> Node {
    let mut nodes: Vec<Node> = nodes.into_iter().flat_map(into_sequence).collect();
    match nodes.len() {
        0 => Node::new(Kind::Empty, span),
        1 => nodes.remove(0),
        _ => Node::new(Kind::Concat(nodes), span),
    }
}

/// The branches as CPython's parser leaves them: what all begin with is taken
/// out, and branches of one character each become one class. Both can undo an
/// ambiguity, so both are needed to tell what CPython really does.
fn as_python_alternates(branches: Vec<Node>, span: Span) -> Node {
    let mut branches: Vec<Vec<Node>> = branches.into_iter().map(into_sequence).collect();
    let mut common = Vec::new();
    while let Some(first) = branches[0].first()
        && branches[1..].iter().all(|b| b.first().is_some_and(|node| node.same(first)))
    {
        let mut firsts = branches.iter_mut().map(|branch| branch.remove(0));
        common.extend(firsts.next());
        firsts.for_each(drop);
    }
    let one_class = branches.iter().all(|branch| match &branch[..] {
        [Node { kind: Kind::Set(class), .. }] => !class.negated,
        _ => false,
    });
    let rest = match one_class {
        true => {
            let classes = branches.into_iter().flatten().filter_map(|node| match node.kind {
                Kind::Set(class) => Some(Item::Nested(class)),
                _ => None,
            });
            Kind::Set(Class { items: classes.collect(), negated: false, fold: false })
        }
        false => Kind::Alternate(
            branches
                .into_iter()
                .map(|branch| {
                    let inner = match (branch.first(), branch.last()) {
                        (Some(first), Some(last)) => first.span.start..last.span.end,
                        _ => span.clone(),
                    };
                    concat(branch, inner)
                })
                .collect(),
        ),
    };
    common.push(Node::new(rest, span.clone()));
    concat(common, span)
}

fn into_sequence(node: Node) -> Vec<Node> {
    match node.kind {
        Kind::Concat(nodes) => nodes,
        Kind::Empty => vec![],
        _ => vec![node],
    }
}

/// How many groups capture, and their names, ahead of the parse.
fn scan_groups(text: &str) -> (u32, HashMap<String, u32>) {
    let mut names = HashMap::new();
    let mut total = 0;
    let mut in_class = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = rest.chars().next().map_or("", |c| &rest[c.len_utf8()..]),
            '[' if !in_class => {
                in_class = true;
                rest = rest.strip_prefix('^').unwrap_or(rest);
                rest = rest.strip_prefix(']').unwrap_or(rest);
            }
            ']' => in_class = false,
            '(' if !in_class => {
                let named = ["?P<", "?<", "?'"].iter().find_map(|p| rest.strip_prefix(p));
                match named {
                    Some(after) if !after.starts_with(['=', '!']) => {
                        total += 1;
                        let name = after.split(['>', '\'']).next().unwrap_or_default();
                        names.insert(name.to_owned(), total);
                    }
                    _ if rest.starts_with('?') => {}
                    _ => total += 1,
                }
            }
            _ => {}
        }
    }
    (total, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(pattern: &str, engine: Engine) -> bool {
        parse(pattern, engine, Flags::default()).is_ok()
    }

    #[test]
    fn python_refuses_what_cpython_refuses() {
        for pattern in [
            "(",
            ")",
            "*a",
            "a**",
            "[",
            "[z-a]",
            r"[\w-.]",
            r"\p{L}",
            r"\z",
            "(?<n>a)",
            "a(?i)b",
            "(?<=a+)b",
            r"\1",
            r"(a\1)",
            "(?P=n)",
            "(?(1)a|b|c)(x)",
            "a{2,1}",
            "^*",
            r"\400",
            r"\x1",
            "(?P<1>a)",
            "(?z)",
            "\\",
        ] {
            assert!(!accepts(pattern, Engine::Python), "{pattern}");
        }
    }

    #[test]
    fn python_accepts_what_cpython_accepts() {
        for pattern in [
            "",
            "a{,3}",
            "a{x}",
            "{",
            "a{",
            "[]a]",
            "[^]]",
            "[a-]",
            "[[:alpha:]]",
            r"(?i)a",
            "(?i-s:a)",
            "(?>a+)b",
            "a++b",
            "(?=a)*",
            "(?P<n>a)(?P=n)",
            "(a)?(?(1)b|c)",
            r"(a)\1",
            r"\012\x41\u0041",
            "(?x) a + # b",
            "(?#c)a",
            r"\<",
            "a|",
            "(?:)*",
            "(?<=ab|cd)e",
            "(?:^)*",
            r"[\b\d-]",
        ] {
            assert!(accepts(pattern, Engine::Python), "{pattern}");
        }
    }

    #[test]
    fn each_dialect_has_its_own_syntax() {
        let table = [
            (r"(?<n>a)\k<n>", [false, true, true, true]),
            (r"\p{L}+", [false, true, true, true]),
            ("[[:alpha:]&&[a-c]]", [true, true, true, true]),
            ("a{,3}", [true, true, true, false]),
            ("[]", [false, false, true, false]),
            (r"\Aa\z", [false, true, true, true]),
            ("(?|(a)|(b))", [false, false, false, false]),
        ];
        let engines = [Engine::Python, Engine::Pcre2, Engine::JavaScript, Engine::Rust];
        for (pattern, expected) in table {
            assert_eq!(engines.map(|engine| accepts(pattern, engine)), expected, "{pattern}");
        }
    }

    #[test]
    fn python_makes_one_class_of_single_characters() {
        let root = parse("a|[bc]|d", Engine::Python, Flags::default()).unwrap().root;
        assert!(matches!(root.kind, Kind::Set(_)), "{root:?}");
        let root = parse("a|[bc]|d", Engine::Pcre2, Flags::default()).unwrap().root;
        assert!(matches!(root.kind, Kind::Alternate(_)), "{root:?}");
    }

    #[test]
    fn python_takes_out_what_all_branches_begin_with() {
        let root = parse("abc|abd", Engine::Python, Flags::default()).unwrap().root;
        let Kind::Concat(nodes) = root.kind else { panic!("not a sequence") };
        assert_eq!(nodes.len(), 3);
    }

    #[test]
    fn spans_cover_quantifiers() {
        let root = parse("é(a+)*b", Engine::Python, Flags::default()).unwrap().root;
        let Kind::Concat(nodes) = root.kind else { panic!("not a sequence") };
        assert_eq!(
            nodes.iter().map(|node| node.span.clone()).collect::<Vec<_>>(),
            [0..2, 2..7, 7..8]
        );
    }
}

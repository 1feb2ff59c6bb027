//! Alternatives, and what stands one after another in each.

use super::{
    cursor::{Parser, Term},
    error::Parse,
};
use crate::syntax::{Assertion, Class, Kind, Node};

/// How many quantifiers may follow each other: each is a level of the tree.
const STACKED_LIMIT: usize = 8;

impl Parser<'_> {
    pub(super) fn alternation(&mut self, depth: usize) -> Parse<Node> {
        self.check_depth(depth)?;
        let start = self.at;
        let mut branches = vec![self.sequence(depth)?];
        while self.eat("|") {
            branches.push(self.sequence(depth)?);
        }
        let span = start..self.at;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => (self.grammar.alternate)(branches, span),
        })
    }

    pub(super) fn sequence(&mut self, depth: usize) -> Parse<Node> {
        let start = self.at;
        let mut nodes: Vec<Node> = Vec::new();
        let mut quantifiable = false;
        let mut stacked = 0;
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
                stacked += 1;
                if stacked > STACKED_LIMIT {
                    return self.unsupported(here, "nesting this deep");
                }
                nodes.push(self.repeat(node, min, max, here)?);
                quantifiable = self.grammar.quantifiers.stack;
                continue;
            }
            match self.term(depth, start)? {
                Term::Node(node) => {
                    stacked = 0;
                    quantifiable = true;
                    nodes.push(node);
                }
                Term::Nothing => quantifiable &= self.grammar.quantifiers.pass_over_comments,
            }
        }
        Ok(Node::sequence(nodes, start..self.at))
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

    fn term(&mut self, depth: usize, sequence_start: usize) -> Parse<Term> {
        let start = self.at;
        let scope = self.scope;
        let Some(c) = self.bump() else { return Ok(Term::Nothing) };
        let kind = match c {
            '(' => return self.group(start, depth, sequence_start),
            '[' => Kind::Set(self.class(start, depth)?),
            '.' if scope.dot_all => Kind::Set(Class::all_but(&[])),
            '.' => Kind::Set(Class::all_but(self.grammar.line_ends)),
            '^' if scope.multi_line => Kind::Assert(Assertion::LineStart),
            '^' => Kind::Assert(Assertion::TextStart),
            '$' if scope.multi_line => Kind::Assert(Assertion::LineEnd),
            '$' => Kind::Assert(self.grammar.dollar),
            '\\' => return self.escape(start),
            c => Kind::Set(Class::literal(c, scope.fold)),
        };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }
}

//! Groups: what stands in parentheses.

use super::{
    cursor::{Parser, Term},
    error::Parse,
    grammar::Extension,
    scope::Scope,
};
use crate::syntax::{Kind, Node};

impl Parser<'_> {
    /// A group, its parenthesis already read.
    pub(super) fn group(
        &mut self,
        start: usize,
        depth: usize,
        sequence_start: usize,
    ) -> Parse<Term> {
        if self.grammar.groups.verbs && self.rest().starts_with('*') {
            return self.unsupported(start, "backtracking control verbs");
        }
        if !self.eat("?") {
            return self.capture(None, start, depth);
        }
        for (written, behind, negative) in
            [("=", false, false), ("!", false, true), ("<=", true, false), ("<!", true, true)]
        {
            if self.eat(written) {
                return self.look(behind, negative, start, depth);
            }
        }
        let here = self.at;
        let Some(c) = self.bump() else {
            return Err(self.rejected(here, "unexpected end of pattern"));
        };
        if c == ':' {
            return self.scoped(self.scope, start, depth);
        }
        match (self.grammar.groups.extension)(c) {
            Some(extension) => self.extension(extension, here, start, depth),
            None if c == '-' || c == '^' || c.is_ascii_alphabetic() => {
                self.at = here;
                self.flags(start, depth, sequence_start)
            }
            None => Err(self.rejected(here, format!("unknown extension ?{c}"))),
        }
    }

    fn extension(
        &mut self,
        extension: Extension,
        here: usize,
        start: usize,
        depth: usize,
    ) -> Parse<Term> {
        match extension {
            Extension::Comment => {
                self.take_while(usize::MAX, |c| c != ')');
                self.expect(")", "missing ), unterminated comment")?;
                Ok(Term::Nothing)
            }
            Extension::Named(end) => {
                let name = self.name(end)?;
                self.capture(Some(name), start, depth)
            }
            Extension::AsInPython { recursion } => {
                self.python_extension(recursion, here, start, depth)
            }
            Extension::Atomic => {
                let inner = self.body(self.scope, depth)?;
                Ok(Term::Node(Node::new(Kind::Atomic(Box::new(inner)), start..self.at)))
            }
            Extension::Conditional => self.conditional(start, depth),
            Extension::Unsupported(feature) => self.unsupported(start, feature),
        }
    }

    fn python_extension(
        &mut self,
        recursion: bool,
        here: usize,
        start: usize,
        depth: usize,
    ) -> Parse<Term> {
        match self.bump() {
            Some('<') => {
                let name = self.name('>')?;
                self.capture(Some(name), start, depth)
            }
            Some('=') => {
                let name = self.name(')')?;
                self.named_reference(&name, start)
            }
            Some('>') if recursion => self.unsupported(start, "recursion and callouts"),
            _ => Err(self.rejected(here, "unknown extension ?P")),
        }
    }

    pub(super) fn name(&mut self, end: char) -> Parse<String> {
        let here = self.at;
        let name = self.take_while(usize::MAX, |c| c != end);
        let signs = self.grammar.groups.name_signs;
        let mut chars = name.chars();
        let starts_well = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let goes_on = |c: char| c.is_alphanumeric() || c == '_' || signs.contains(&c);
        if !starts_well || !chars.all(goes_on) || self.bump() != Some(end) {
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

    /// A group that only groups.
    pub(super) fn scoped(&mut self, scope: Scope, start: usize, depth: usize) -> Parse<Term> {
        let inner = self.body(scope, depth)?;
        // Kept apart from what stands inside, as a quantifier may follow.
        Ok(Term::Node(Node::new(Kind::Concat(inner.into_sequence()), start..self.at)))
    }

    fn look(&mut self, behind: bool, negative: bool, start: usize, depth: usize) -> Parse<Term> {
        let inner = self.body(self.scope, depth)?;
        if behind && self.grammar.groups.fixed_look_behind {
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
        let group = self.condition(condition, here)?;
        let outer = self.scope;
        self.check_depth(depth + 1)?;
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
}

//! What refers to a group: `\1`, `(?P=name)`, a condition.

use super::{
    cursor::{Parser, Term},
    error::Parse,
};
use crate::syntax::{Class, Kind, Node};

impl Parser<'_> {
    pub(super) fn named_reference(&self, name: &str, start: usize) -> Parse<Term> {
        let early = || self.all_names.get(name).filter(|_| self.grammar.references.forward);
        match self.names.get(name).or_else(early) {
            Some(group) => self.reference(*group, start),
            None => Err(self.rejected(start, "unknown group name")),
        }
    }

    fn reference(&self, group: u32, start: usize) -> Parse<Term> {
        let closed = self.closed.get(group as usize).copied().unwrap_or(false);
        if !closed && !self.grammar.references.forward {
            return Err(self.rejected(start, "cannot refer to an open group"));
        }
        let kind = Kind::Backreference { group, fold: self.scope.fold };
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }

    /// The group that a condition asks for.
    pub(super) fn condition(&self, condition: &str, here: usize) -> Parse<u32> {
        let name = condition.trim_matches(|c| matches!(c, '<' | '>' | '\''));
        match condition.parse::<u32>() {
            Ok(0) => Err(self.rejected(here, "bad group number")),
            Ok(group) if group <= self.total => Ok(group),
            Ok(_) => Err(self.rejected(here, "invalid group reference")),
            Err(_) => match self.names.get(name).or_else(|| self.all_names.get(name)) {
                Some(group) => Ok(*group),
                None if self.grammar.references.other_conditions => {
                    self.unsupported(here, "conditions other than a group")
                }
                None => Err(self.rejected(here, "unknown group name")),
            },
        }
    }

    /// `\1`, `\012`, `\0`: a reference or an octal escape.
    pub(super) fn numeric_escape(&mut self, start: usize) -> Parse<Term> {
        let here = self.at;
        let rules = &self.grammar.references;
        let lenient = self.grammar.escapes.lenient;
        if self.rest().starts_with('0') {
            let code = self.octal().unwrap_or(0);
            return self.coded(code, start);
        }
        if !lenient {
            let code = self.octal();
            if self.at - here == 3 {
                let code = code.unwrap_or(0);
                if code > 0o377 {
                    return Err(self.rejected(here, "octal escape value outside of range 0-0o377"));
                }
                return self.coded(code, start);
            }
            self.at = here;
        }
        let digits = self.take_while(rules.digits, |c| c.is_ascii_digit());
        let group = digits.parse::<u32>().unwrap_or(u32::MAX);
        let known = if rules.forward { self.total } else { self.opened };
        if group <= known {
            return self.reference(group, start);
        }
        if !lenient {
            return Err(self.rejected(here, format!("invalid group reference {digits}")));
        }
        self.at = here;
        let code = match self.octal() {
            Some(code) => code,
            None => self.bump().map_or(0, u32::from),
        };
        self.coded(code, start)
    }

    /// Up to three octal digits; nothing when there are none.
    pub(super) fn octal(&mut self) -> Option<u32> {
        let digits = self.take_while(3, |c| c.is_digit(8));
        u32::from_str_radix(digits, 8).ok()
    }

    /// The character of that code.
    fn coded(&self, code: u32, start: usize) -> Parse<Term> {
        let c = char::from_u32(code).ok_or_else(|| self.rejected(start + 1, "octal escape"))?;
        let kind = Kind::Set(Class::literal(c, self.scope.fold));
        Ok(Term::Node(Node::new(kind, start..self.at)))
    }
}

//! Quantifiers: `*`, `+`, `?`, `{2,3}`, and how they give back.

use super::{cursor::Parser, error::Parse};
use crate::syntax::{Kind, Mode, Node};

/// The fewest and the most repeats; `None` for no bound.
type Bounds = (u32, Option<u32>);

impl Parser<'_> {
    /// A quantifier's bounds, if one stands here.
    pub(super) fn quantifier(&mut self, quantifiable: bool) -> Parse<Option<Bounds>> {
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

    fn counted_quantifier(&mut self, here: usize, quantifiable: bool) -> Parse<Option<Bounds>> {
        let rules = &self.grammar.quantifiers;
        self.at += 1;
        let low = self.take_while(usize::MAX, |c| c.is_ascii_digit());
        let comma = self.eat(",");
        let high = if comma { self.take_while(usize::MAX, |c| c.is_ascii_digit()) } else { low };
        let low_may_lack = rules.low_may_lack && comma;
        if !self.eat("}") || low.is_empty() && !low_may_lack {
            self.at = here;
            if rules.braces_are_reserved && quantifiable {
                return Err(self.rejected(here, "repetition quantifier expects a valid decimal"));
            }
            return Ok(None);
        }
        let too_large = || self.rejected(here, "the repetition number is too large");
        let count = |digits: &str| match digits.parse::<u32>() {
            Ok(count) if count < u32::MAX => Ok(count),
            _ => Err(too_large()),
        };
        let min = if low.is_empty() { 0 } else { count(low)? };
        let max = if high.is_empty() { None } else { Some(count(high)?) };
        if max.is_some_and(|max| max < min) {
            return Err(self.rejected(here, "min repeat greater than max repeat"));
        }
        if min.max(max.unwrap_or(0)) > rules.most {
            return Err(too_large());
        }
        Ok(Some((min, max)))
    }

    /// `node` repeated, after a quantifier at `here` was read.
    pub(super) fn repeat(
        &mut self,
        node: Node,
        min: u32,
        max: Option<u32>,
        here: usize,
    ) -> Parse<Node> {
        let rules = &self.grammar.quantifiers;
        if !(rules.may_repeat)(&node.kind) {
            return Err(self.rejected(here, "nothing to repeat"));
        }
        let lazy = self.eat("?");
        let possessive = !lazy && rules.possessive && self.eat("+");
        let mode = match (possessive, lazy != self.scope.swap_greed) {
            (true, _) => Mode::Possessive,
            (false, true) => Mode::Lazy,
            (false, false) => Mode::Greedy,
        };
        let span = node.span.start..self.at;
        Ok(Node::new(Kind::Repeat { node: Box::new(node), min, max, mode }, span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, flags::Flags, parser::parse};

    #[test]
    fn spans_cover_quantifiers() {
        let root = parse("é(a+)*b", Dialect::Python, Flags::default()).unwrap().root;
        let Kind::Concat(nodes) = root.kind else { panic!("not a sequence") };
        assert_eq!(
            nodes.iter().map(|node| node.span.clone()).collect::<Vec<_>>(),
            [0..2, 2..7, 7..8]
        );
    }
}

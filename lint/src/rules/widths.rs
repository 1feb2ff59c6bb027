//! How many characters a part of a pattern reads.

use crate::pattern::{Token, TokenKind, closing};

/// The fewest characters that are read, and the most, if there is such a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) least: usize,
    pub(super) most: Option<usize>,
}

impl Width {
    const NONE: Self = Self { least: 0, most: Some(0) };
    const ONE: Self = Self { least: 1, most: Some(1) };

    fn then(self, next: Self) -> Self {
        let most = self.most.zip(next.most).map(|(one, other)| one.saturating_add(other));
        Self { least: self.least.saturating_add(next.least), most }
    }

    fn or(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.max(other));
        Self { least: self.least.min(other.least), most }
    }

    fn repeated(self, quantifier: &str) -> Self {
        let (least, most) = bounds(quantifier);
        let most = match (self.most, most) {
            (Some(0), _) => Some(0),
            (one, most) => one.zip(most).map(|(one, most)| one.saturating_mul(most)),
        };
        Self { least: self.least.saturating_mul(least), most }
    }
}

/// Whether an escape asks about a place and reads nothing.
pub(super) fn is_condition(escape: &str) -> bool {
    matches!(
        escape.as_bytes().get(1),
        Some(b'b' | b'B' | b'A' | b'Z' | b'z' | b'G' | b'K' | b'<' | b'>')
    )
}

/// The width of each branch at the top.
pub(super) fn of_branches(text: &str, tokens: &[Token]) -> Vec<Width> {
    let mut branches = vec![Width::NONE];
    let mut last = Width::NONE;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let written = token.text(text);
        let mut end = at;
        let width = match token.kind {
            TokenKind::Bar => {
                branches.push(Width::NONE);
                last = Width::NONE;
                at += 1;
                continue;
            }
            TokenKind::Quantifier => {
                // The part before it has been counted once.
                let repeated = last.repeated(written);
                if let Some(branch) = branches.last_mut() {
                    branch.least = branch.least - last.least + repeated.least;
                    branch.most = match (branch.most, last.most, repeated.most) {
                        (Some(all), Some(one), Some(most)) => Some(all - one + most),
                        _ => None,
                    };
                }
                last = repeated;
                at += 1;
                continue;
            }
            TokenKind::GroupOpen => {
                end = closing(tokens, at).unwrap_or(tokens.len() - 1);
                let inner = of_branches(text, tokens.get(at + 1..end).unwrap_or_default());
                let is_condition = ["(?=", "(?!", "(?<=", "(?<!"].contains(&written);
                let whole = inner.into_iter().reduce(Width::or).unwrap_or(Width::NONE);
                if is_condition { Width::NONE } else { whole }
            }
            TokenKind::ClassOpen => {
                let is_end =
                    |t: &Token| t.kind == TokenKind::ClassClose && t.classes < token.classes;
                let length = tokens[at..].iter().position(is_end);
                end = length.map_or(tokens.len() - 1, |length| at + length);
                Width::ONE
            }
            TokenKind::Escape if is_condition(written) => Width::NONE,
            TokenKind::Escape if is_back_reference(written) => Width { least: 0, most: None },
            TokenKind::Flags | TokenKind::Anchor | TokenKind::GroupClose => Width::NONE,
            _ => Width::ONE,
        };
        if let Some(branch) = branches.last_mut() {
            *branch = branch.then(width);
        }
        last = width;
        at = end + 1;
    }
    branches
}

fn is_back_reference(escape: &str) -> bool {
    matches!(escape.as_bytes().get(1), Some(b'1'..=b'9' | b'k' | b'g' | b'X' | b'R'))
}

/// How often a quantifier repeats: at least, and at most.
fn bounds(quantifier: &str) -> (usize, Option<usize>) {
    match quantifier.as_bytes() {
        [b'*', ..] => (0, None),
        [b'+', ..] => (1, None),
        [b'?', ..] => (0, Some(1)),
        _ => {
            let inside = quantifier.trim_start_matches('{').split('}').next().unwrap_or_default();
            let count = |digits: &str| digits.trim().parse().ok();
            match inside.split_once(',') {
                Some((least, most)) => (count(least).unwrap_or(0), count(most)),
                None => (count(inside).unwrap_or(1), count(inside)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::tokens;

    #[test]
    fn each_branch_reads_so_many_characters() {
        for (pattern, expected) in [
            ("ab|c", vec![(2, Some(2)), (1, Some(1))]),
            ("", vec![(0, Some(0))]),
            (r"\bé\d[a\]b]{3}$", vec![(5, Some(5))]),
            ("a(?:b|cd)?", vec![(1, Some(3))]),
            ("(?:ab){2,3}c*", vec![(4, None)]),
            ("(?=abc)d{,2}", vec![(0, Some(2))]),
            ("[[a]b]x+", vec![(2, None)]),
            (r"(a)\1", vec![(1, None)]),
        ] {
            let found = of_branches(pattern, &tokens(pattern));
            let found: Vec<_> = found.iter().map(|width| (width.least, width.most)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }
}

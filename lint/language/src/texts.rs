//! All that a pattern matches, where that is a few texts.
//!
//! Most signatures spell out a text or two. What is found in those need not be
//! asked of automata: one search answers it.

use regex_syntax::hir::{Hir, HirKind};
use signatures_matcher::literals::fold_char;

use crate::characters::{characters, unicode};

/// More texts than this are not listed.
const MOST: usize = 32;

/// The texts that a pattern matches from end to end, case and look-around aside.
pub(super) fn texts(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![characters(&literal.0).collect()]),
        HirKind::Class(class) => {
            let class = unicode(class);
            let size: usize = class.iter().map(|range| range.len()).sum();
            if size > 3 * MOST {
                return None;
            }
            let characters = class.iter().flat_map(|range| range.start()..=range.end());
            let mut folded: Vec<_> = characters.map(|c| fold_char(c).to_string()).collect();
            folded.sort_unstable();
            folded.dedup();
            Some(folded)
        }
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |heads, part| {
            let tails = texts(part)?;
            product(&heads, &tails)
        }),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(texts).collect();
            Some(all?.concat())
        }
        HirKind::Repetition(repetition) => {
            let sub = texts(&repetition.sub)?;
            let mut last = vec![String::new()];
            let mut all = Vec::new();
            for count in 0..=repetition.max? {
                if count >= repetition.min {
                    all.extend(last.iter().cloned());
                }
                if count < repetition.max? {
                    last = product(&last, &sub)?;
                }
            }
            Some(all)
        }
    }
    .filter(|texts| texts.len() <= MOST)
}

fn product(heads: &[String], tails: &[String]) -> Option<Vec<String>> {
    let both = || heads.iter().flat_map(|h| tails.iter().map(move |t| format!("{h}{t}")));
    (heads.len() * tails.len() <= MOST).then(|| both().collect())
}

#[cfg(test)]
mod tests {
    use signatures_matcher::Pattern;

    use super::*;

    #[test]
    fn a_few_texts_are_listed_and_many_are_not() {
        let listed = |pattern: &str| texts(&Pattern::compile(pattern).unwrap().hir().unwrap());
        let expect = |texts: &[&str]| Some(texts.iter().map(|t| (*t).to_owned()).collect());
        assert_eq!(listed(r"\bKill(?:ed|er)?\b"), expect(&["kill", "killed", "killer"]));
        assert_eq!(listed("a[12]{1,2}"), expect(&["a1", "a2", "a11", "a12", "a21", "a22"]));
        assert_eq!(listed("a*"), None);
        assert_eq!(listed("[a-z]{9}"), None);
    }
}

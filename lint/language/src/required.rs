//! The plain texts that a match must contain.
//!
//! Asking every pair of ten thousand patterns would be fifty million questions.
//! A pattern can be found in what another one reads only if the text that it
//! requires can be there, and that is checked in nanoseconds.

use regex_syntax::hir::Hir;
use signatures_matcher::literals;

use crate::folding::{Folded, folded};

/// Of a longer plain text the beginning tells enough.
const LONGEST: usize = 40;

/// Texts of which every match contains at least one.
pub(super) type Alternatives = Vec<Vec<Folded>>;

/// All that is known of the plain texts in each match of a branch, by the same
/// literals that the matcher looks for.
pub(super) fn required(branch: &Hir) -> Vec<Alternatives> {
    let beginning = |text: &String| {
        let mut text = folded(text);
        text.truncate(LONGEST);
        text
    };
    let alternatives = |set: &literals::Literals| set.texts().iter().map(beginning).collect();
    literals::required(branch).iter().map(alternatives).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    fn hir(pattern: &str) -> Hir {
        Pattern::compile(pattern).unwrap().hir().unwrap()
    }

    #[test]
    fn the_texts_of_every_match_are_found() {
        for (pattern, expected) in [
            (r"gunicorn.*worker timeout", &[&["gunicorn"][..], &["worker timeout"]][..]),
            (r"\bKelvin Street\b", &[&["kelvin street"]]),
            ("(?:abc)+d", &[&["abc"], &["d"]]),
            ("a(?:b|c)defg?", &[&["abdef", "acdef"]]),
            ("[0-9]+", &[&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]]),
            ("[a-z]+", &[]),
        ] {
            let found: Vec<Vec<String>> = required(&hir(pattern))
                .into_iter()
                .map(|set| set.into_iter().map(|t| String::from_utf8(t).unwrap()).collect())
                .collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn what_a_match_requires_is_in_every_text_that_it_is_found_in(
            pattern in "(a|b|k|[ab]|\\(a\\|bb\\)|\\(ab\\)\\+|b\\?|a\\*|\\\\b){1,6}",
            text in "[abkAB\u{212a}]{0,8}",
        ) {
            let compiled = Pattern::compile(&pattern).unwrap();
            if compiled.search(&text) == Search::Found {
                let folded = folded(&text);
                for set in required(&hir(&pattern)) {
                    let mut parts = set.iter().flat_map(|text| {
                        folded.windows(text.len()).map(move |part| part == text.as_slice())
                    });
                    prop_assert!(parts.any(|same| same), "{set:?} in {folded:?}");
                }
            }
        }
    }
}

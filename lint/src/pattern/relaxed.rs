//! A linear pattern that finds at least what a backtracking one finds.
//!
//! Look-around only narrows a pattern, so it is left out; a back-reference reads
//! what its group can, so it is let read anything; atomic groups and possessive
//! repeats only give up ways. What the relaxed pattern cannot match, the
//! original cannot either, and the original itself tells of a text whether the
//! relaxation was to blame.

use regex_syntax::hir::Hir;
use signatures_matcher::Pattern;

use super::{TokenKind, closing, tokens};

/// The relaxed pattern, unless it uses what is not known here.
pub(crate) fn relaxed(pattern: &str) -> Option<Hir> {
    let all = tokens(pattern);
    let mut text = String::with_capacity(pattern.len());
    let mut index = 0;
    while let Some(token) = all.get(index) {
        let written = token.text(pattern);
        match token.kind {
            TokenKind::GroupOpen if matches!(written, "(?=" | "(?!" | "(?<=" | "(?<!") => {
                index = closing(&all, index)?;
                // A quantifier after it would have nothing to repeat.
                text.push_str("(?:)");
            }
            TokenKind::GroupOpen if written == "(?>" => text.push_str("(?:"),
            TokenKind::Quantifier if written.len() > 1 && written.ends_with('+') => {
                text.push_str(&written[..written.len() - 1]);
            }
            TokenKind::Escape if !token.in_class() && is_back_reference(written) => {
                text.push_str("(?s:.*)");
            }
            _ => text.push_str(written),
        }
        index += 1;
    }
    Pattern::compile(&text).ok()?.hir()
}

fn is_back_reference(escape: &str) -> bool {
    matches!(escape.as_bytes()[1], b'1'..=b'9' | b'k')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::Search;

    use super::*;

    #[test]
    fn what_narrows_is_left_out() {
        let hir = |text: &str| Pattern::compile(text).unwrap().hir();
        assert_eq!(relaxed(r"code (?!0)\d+"), hir(r"code \d+"));
        assert_eq!(relaxed(r"(?>a|b)(?<=x)c"), hir("(?:a|b)c"));
        assert_eq!(relaxed(r"(a)\1"), hir("(a)(?s:.*)"));
    }

    proptest! {
        #[test]
        fn it_finds_what_the_original_finds(
            source in "(a|b|\\(\\?[=!]b\\)|\\(\\?<[=!]a\\)|\\(a\\|b\\)|c\\*|b\\+|\\(\\?>a\\*\\)|[.]){1,5}",
            text in "[abc ]{0,12}",
        ) {
            let Ok(original) = Pattern::compile(&source) else { return Ok(()) };
            if let (Some(hir), Search::Found) = (relaxed(&source), original.search(&text)) {
                let wide = Pattern::compile(&hir.to_string()).unwrap();
                prop_assert_eq!(wide.search(&text), Search::Found, "{} on {}", source, text);
            }
        }
    }
}

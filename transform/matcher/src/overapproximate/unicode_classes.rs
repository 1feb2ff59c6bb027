//! Expressions that know little beyond ASCII, and so are small.
//!
//! `\w` has some 140,000 characters in 800 ranges: as an automaton it is a
//! hundred times as large as its ASCII part, and most logs hold nothing else.
//! Here a class of many ranges takes in all characters beyond ASCII. On a text
//! that is ASCII throughout nothing has changed; on any other the expression
//! matches wherever it did before, and perhaps elsewhere.

use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

/// Classes of up to so many ranges stay as they are.
const MAX_RANGES: usize = 24;

/// Lets large classes match everything beyond ASCII.
pub(crate) fn with_small_classes(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(with_small_classes).collect();
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) if class.ranges().len() > MAX_RANGES => {
            let ascii = class.iter().take_while(|range| range.start().is_ascii()).copied();
            let beyond = ClassUnicodeRange::new('\u{80}', char::MAX);
            Hir::class(Class::Unicode(ClassUnicode::new(ascii.chain([beyond]))))
        }
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(with_small_classes(&repetition.sub)))
        }
        HirKind::Capture(capture) => Hir::capture(Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(with_small_classes(&capture.sub)),
        }),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lazy_dfa::LazyDfa;

    fn matches(hir: &Hir, text: &str) -> bool {
        LazyDfa::new(&[hir], usize::MAX, 1 << 20).unwrap().is_match(text, 0..text.len(), false)
    }

    proptest! {
        #[test]
        fn nothing_changes_on_ascii_and_nothing_is_lost_beyond(
            pattern in r"([a-cks.]|\\[wdbsWDS]|\[\^a\]|\(a\||\)|[*+?]){1,8}",
            text in "[a-cks1 _-]{0,8}[a-c1 é٣ſK€]{0,6}",
        ) {
            let mut parser = regex_syntax::ParserBuilder::new();
            if let Ok(hir) = parser.case_insensitive(true).build().parse(&pattern) {
                let small = with_small_classes(&hir);
                let (exact, over) = (matches(&hir, &text), matches(&small, &text));
                prop_assert!(over || !exact);
                prop_assert!(over == exact || !text.is_ascii());
            }
        }
    }
}

//! Where an assertion holds: between which sorts of symbols.

use crate::{alphabet::Sort, syntax::Assertion};

/// Pairs of the sort of the symbol before and of the one after: a bit for each.
pub(crate) type Contexts = u16;

pub(crate) const ANY_CONTEXT: Contexts = u16::MAX;

pub(crate) fn context(before: Sort, after: Sort) -> Contexts {
    1 << (4 * before as u16 + after as u16)
}

/// Where an assertion holds. It does not matter here that `$` may stand before a
/// newline that ends the text: the matcher knows.
pub(crate) fn where_holds(assertion: Assertion) -> Contexts {
    let mut allowed = 0;
    for before in Sort::ALL {
        for after in Sort::ALL {
            let (word_before, word_after) = (before == Sort::Word, after == Sort::Word);
            let holds = match assertion {
                Assertion::TextStart => before == Sort::Edge,
                Assertion::LineStart => matches!(before, Sort::Edge | Sort::Newline),
                Assertion::TextEnd | Assertion::TextEndOrFinalNewline => after == Sort::Edge,
                Assertion::LineEnd => matches!(after, Sort::Edge | Sort::Newline),
                Assertion::WordBoundary => word_before != word_after,
                Assertion::NotWordBoundary => word_before == word_after,
                Assertion::WordStart => !word_before && word_after,
                Assertion::WordEnd => word_before && !word_after,
            };
            if holds {
                allowed |= context(before, after);
            }
        }
    }
    allowed
}

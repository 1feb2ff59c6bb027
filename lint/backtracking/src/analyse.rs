//! The way from a pattern to an [`Analysis`].

use crate::{analysis::Analysis, budget::Budget, dialect::Dialect, flags::Flags, proof::Case};

/// Finds out how the time to search for `pattern` grows with the text.
///
/// When case is ignored, an attack is preferred that works either way.
#[must_use]
pub fn analyse(pattern: &str, dialect: Dialect, flags: Flags, budget: &Budget) -> Analysis {
    let mut case = match Case::new(pattern, dialect, flags, budget) {
        Ok(case) => case,
        Err(analysis) => return analysis,
    };
    let analysis = case.analysis();
    let Analysis::Vulnerable(vulnerability) = &analysis else { return analysis };
    if !flags.ignore_case || vulnerability.is_harmless(budget) {
        return analysis;
    }
    let minding_case = Flags { ignore_case: false, ..flags };
    // What it is for is a better example of what is proved already.
    let less = Budget { steps: budget.steps / 4, states: budget.states / 4, ..*budget };
    let Ok(mut narrower) = Case::new(pattern, dialect, minding_case, &less) else {
        return analysis;
    };
    if narrower.confirms(vulnerability) {
        return analysis;
    }
    match narrower.analysis() {
        Analysis::Vulnerable(other)
            if other.complexity == vulnerability.complexity && case.confirms(&other) =>
        {
            Analysis::Vulnerable(other)
        }
        _ => analysis,
    }
}

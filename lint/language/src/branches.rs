//! The alternatives at the top of a pattern.

use regex_syntax::hir::{Hir, HirKind};

/// The most branches that a common start is written out before.
const MOST_BRANCHES: usize = 64;

/// The branches of a pattern: the alternatives at its top. What the alternatives
/// have in common at their start, the syntax tree has put before them.
pub(super) fn branches(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Capture(capture) => branches(&capture.sub),
        HirKind::Alternation(parts) => parts.iter().flat_map(branches).collect(),
        HirKind::Concat(parts) => match parts.split_last() {
            Some((last, start)) => {
                let ends = branches(last);
                if ends.len() < 2 || ends.len() > MOST_BRANCHES {
                    return vec![hir.clone()];
                }
                let whole = |end| Hir::concat(start.iter().cloned().chain([end]).collect());
                ends.into_iter().map(whole).collect()
            }
            None => vec![hir.clone()],
        },
        _ => vec![hir.clone()],
    }
}

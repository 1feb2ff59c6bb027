//! What a pattern spells out, without what stands for anything.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use crate::characters::unicode;

/// What gaps of a pattern are filled with: the first that they read. Nobody
/// looks for the one, and a single letter makes no word.
pub(super) const FILLERS: [char; 2] = ['…', 'x'];

/// The pattern with its gaps, as `.*`, `[^ ]+` and `[a-z]+`, closed to at most
/// one filler each: what is left is what its author wrote down.
///
/// Any two patterns match some text together, namely the one in a gap of the
/// other, or the two in a row. That says nothing about them. A match of the one
/// in what the other spells out does.
pub(super) fn without_gaps(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let (sub, max) = match filler(repetition) {
                Some(filler) => {
                    let filler = ClassUnicode::new([ClassUnicodeRange::new(filler, filler)]);
                    let most = Some(repetition.min.max(1));
                    (Hir::class(Class::Unicode(filler)), most)
                }
                None => (without_gaps(&repetition.sub), repetition.max),
            };
            Hir::repetition(Repetition { max, ..repetition.with(sub) })
        }
        HirKind::Capture(capture) => without_gaps(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_gaps).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_gaps).collect()),
        _ => hir.clone(),
    }
}

/// What to fill a repetition with if it is a gap: one that reads any word.
fn filler(repetition: &Repetition) -> Option<char> {
    let HirKind::Class(class) = repetition.sub.kind() else { return None };
    let class = unicode(class);
    let reads = |c: char| class.ranges().iter().any(|r| r.start() <= c && c <= r.end());
    let reads_words = repetition.max != Some(1) && ('a'..='z').all(reads);
    FILLERS.into_iter().find(|filler| reads_words && reads(*filler))
}

//! What can be read off a syntax tree without an automaton.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

/// What a gap of a pattern is filled with: a character that nobody looks for.
pub(super) const FILLER: char = '…';

/// A class is wide when it reads this many of ASCII's 95 printable characters.
const WIDE: usize = 80;

/// The branches of a pattern: the alternatives at its top.
pub(super) fn branches(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Capture(capture) => branches(&capture.sub),
        HirKind::Alternation(branches_) => branches_.iter().flat_map(branches).collect(),
        _ => vec![hir.clone()],
    }
}

/// The pattern with its gaps, as `.*` and `[^ ]+`, closed to at most a
/// [`FILLER`]: what is left is what its author wrote down.
///
/// Any two patterns match some text together, namely the one in a gap of the
/// other, or the two in a row. That says nothing about them. A match of the one
/// in what the other spells out does.
pub(super) fn without_gaps(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(repetition) if is_gap(repetition) => {
            let filler = ClassUnicode::new([ClassUnicodeRange::new(FILLER, FILLER)]);
            Hir::repetition(Repetition {
                min: repetition.min,
                max: Some(repetition.min.max(1)),
                greedy: true,
                sub: Box::new(Hir::class(Class::Unicode(filler))),
            })
        }
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(without_gaps(&repetition.sub)))
        }
        HirKind::Capture(capture) => without_gaps(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_gaps).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_gaps).collect()),
        _ => hir.clone(),
    }
}

fn is_gap(repetition: &Repetition) -> bool {
    let HirKind::Class(class) = repetition.sub.kind() else { return false };
    let class = unicode(class);
    let reads = |c: char| class.ranges().iter().any(|r| r.start() <= c && c <= r.end());
    repetition.max != Some(1)
        && reads(FILLER)
        && (' '..='~').filter(|c| reads(*c)).count() >= WIDE
}

/// The class in characters; bytes of a class without Unicode are ASCII.
pub(super) fn unicode(class: &Class) -> ClassUnicode {
    match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class().unwrap_or_else(ClassUnicode::empty),
    }
}

/// The characters of a literal.
pub(super) fn characters(literal: &[u8]) -> impl Iterator<Item = char> {
    String::from_utf8_lossy(literal).chars().collect::<Vec<_>>().into_iter()
}

/// Whether all that a pattern reads is ASCII digits.
pub(crate) fn reads_only_digits(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.iter().all(u8::is_ascii_digit),
        HirKind::Class(class) => {
            unicode(class).ranges().iter().all(|r| r.start() >= '0' && r.end() <= '9')
        }
        HirKind::Repetition(repetition) => reads_only_digits(&repetition.sub),
        HirKind::Capture(capture) => reads_only_digits(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().all(reads_only_digits)
        }
    }
}

//! What can be read off a syntax tree without an automaton.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

/// What gaps of a pattern are filled with: the first that they read. Nobody
/// looks for the one, and a single letter makes no word.
pub(super) const FILLERS: [char; 2] = ['…', 'x'];

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

/// The class in characters; bytes of a class without Unicode are ASCII.
pub(super) fn unicode(class: &Class) -> ClassUnicode {
    match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class().unwrap_or_else(ClassUnicode::empty),
    }
}

/// A character with its case folded as far as ASCII goes.
pub(super) fn folded(c: char) -> char {
    match c {
        // Unicode takes these two for letters of ASCII.
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => c.to_ascii_lowercase(),
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
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(reads_only_digits),
    }
}

//! Patterns over texts of several lines, for automata that know texts of one.
//!
//! `sigcheck-language` asks about lines, in which there is no line feed. What an event
//! says may have many: `.` and `^` tell them apart, and two patterns that find the same
//! lines need not find the same texts. So a character that is in no text takes the
//! place of the line feed, and the questions stay the same.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};
use sigcheck_language::Relation;

/// A character that Unicode will never give a meaning, and texts do not have.
const BREAK: char = '\u{10fffe}';

/// What two patterns have to do with each other in texts of any number of lines; none
/// where that was not found out.
pub(crate) fn relation(first: &Hir, second: &Hir) -> Option<Relation> {
    let relation = Relation::between(&in_one_line(first)?, &in_one_line(second)?).ok()?;
    let text = |text: Option<String>| text.map(|text| text.replace(BREAK, "\n"));
    Some(Relation {
        both: text(relation.both),
        only_first: text(relation.only_first),
        only_second: text(relation.only_second),
    })
}

/// The pattern with the other character for the line feed; none where it asks for the
/// edges of lines amid what it reads.
fn in_one_line(hir: &Hir) -> Option<Hir> {
    within(hir, Edges { start: true, end: true })
}

/// Which edges of the whole pattern those of a part are.
#[derive(Clone, Copy)]
struct Edges {
    start: bool,
    end: bool,
}

fn within(hir: &Hir, edges: Edges) -> Option<Hir> {
    let inside = Edges { start: false, end: false };
    Some(match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let text = text.replace('\n', BREAK.encode_utf8(&mut [0; 4]));
            Hir::literal(text.into_bytes())
        }
        HirKind::Class(class) => Hir::class(Class::Unicode(of_class(class)?)),
        HirKind::Look(look) => of_look(*look, edges)?,
        HirKind::Repetition(repetition) => {
            let sub = Box::new(within(&repetition.sub, inside)?);
            Hir::repetition(Repetition { sub, ..repetition.clone() })
        }
        HirKind::Capture(capture) => within(&capture.sub, edges)?,
        HirKind::Concat(parts) => {
            let last = parts.len().saturating_sub(1);
            let part = |(at, part)| {
                let start = edges.start && at == 0;
                within(part, Edges { start, end: edges.end && at == last })
            };
            Hir::concat(parts.iter().enumerate().map(part).collect::<Option<_>>()?)
        }
        HirKind::Alternation(parts) => {
            let parts = parts.iter().map(|part| within(part, edges));
            Hir::alternation(parts.collect::<Option<_>>()?)
        }
    })
}

/// Where nothing is read before the start of a line, or after its end, the line feed
/// may be read there instead.
fn of_look(look: Look, edges: Edges) -> Option<Hir> {
    let or_break = |edge| {
        let line_break = Hir::literal(BREAK.to_string().into_bytes());
        Hir::alternation(vec![Hir::look(edge), line_break])
    };
    match look {
        Look::StartLF => edges.start.then(|| or_break(Look::Start)),
        Look::EndLF => edges.end.then(|| or_break(Look::End)),
        Look::StartCRLF | Look::EndCRLF => None,
        look => Some(Hir::look(look)),
    }
}

fn of_class(class: &Class) -> Option<ClassUnicode> {
    let mut class = match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class()?,
    };
    let single = |c| ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    let has_break =
        class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n'));
    class.difference(&single('\n'));
    class.difference(&single(BREAK));
    if has_break {
        class.union(&single(BREAK));
    }
    Some(class)
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
    fn patterns_that_find_the_same_lines_need_not_find_the_same_texts() {
        let some = |text: &str| Some(text.to_owned());
        for (first, second, only_second) in [
            ("foo.*bar", "(?s)foo.*bar", some("foo\nbar")),
            ("^foo", "(?m)^foo", some("\nfoo")),
            ("foo$", "(?m)foo$", some("foo\n")),
            ("^.*$", "(?s)^.*$", some("\n")),
            ("^.*foo", "foo", some("\nfoo")),
            (r"(?s).*foo", "foo", None),
            (r"\s", r"\n", None),
            (r"a[^b]c", r"a\nc", None),
        ] {
            let relation = relation(&hir(first), &hir(second)).unwrap();
            assert_eq!(relation.only_second, only_second, "{first} {second}");
        }
        assert_eq!(relation(&hir("(?m)a$b"), &hir("a")), None);
    }

    proptest! {
        #[test]
        fn answers_agree_with_searching(
            one in "(\\(\\?m\\))?(\\^)?(a|b|[.]|\\\\s|\\[\\^a\\]|\\\\n|a\\*|[.]\\*|\\\\b){1,4}(\\$)?",
            other in "(\\(\\?s\\))?(\\^)?(a|b|[.]|\\\\s|\\[\\^a\\]|\\\\n|a\\*|[.]\\*|\\\\b){1,4}(\\$)?",
            text in "[ab \n]{0,6}",
        ) {
            let (one, other) = (Pattern::compile(&one).unwrap(), Pattern::compile(&other).unwrap());
            let found = |pattern: &Pattern, text: &str| pattern.search(text) == Search::Found;
            if let Some(relation) = relation(&one.hir().unwrap(), &other.hir().unwrap()) {
                match relation.only_first {
                    Some(text) => prop_assert!(found(&one, &text) && !found(&other, &text), "{text:?}"),
                    None => prop_assert!(!found(&one, &text) || found(&other, &text)),
                }
            }
        }
    }
}

//! What an edit of a pattern changes about the texts that it finds.

use std::collections::BTreeSet;

use signatures_matcher::{Pattern, Search};

use super::lines::relation;

/// What is different about the texts that a pattern finds after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    Nothing,
    /// Some are not found any more, as this one; none is found that was not before.
    Less(String),
    /// Some are found that were not before.
    More,
    /// It was not found out.
    Unknown,
}

/// The longest text that is varied to see where two patterns differ, in characters.
const LONGEST_VARIED: usize = 48;

/// So many words and characters are put into it.
const MOST_PARTS: usize = 64;

/// Characters that patterns tell apart without naming them.
const UNNAMED: &str = "a0_ -.\n\u{e9}\u{663}";

impl Change {
    /// Of a pattern to another. Decided on their automata; where look-around or
    /// back-references have none, by texts that are nearly found.
    pub(crate) fn between(before: &Pattern, after: &Pattern) -> Self {
        let known = before.overapproximate().zip(after.overapproximate());
        let Some(relation) = known.and_then(|(before, after)| relation(&before, &after)) else {
            return Self::Unknown;
        };
        if !before.is_backtracking() && !after.is_backtracking() {
            return match (relation.only_first, relation.only_second) {
                (None, None) => Self::Nothing,
                (Some(lost), None) if relation.both.is_some() => Self::Less(lost),
                _ => Self::More,
            };
        }
        let texts = [relation.both, relation.only_first, relation.only_second];
        let characters = format!("{}{}{UNNAMED}", before.as_str(), after.as_str());
        // What look-around is about is a word of the pattern, or a character.
        let parts: BTreeSet<String> = characters
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_owned)
            .chain(characters.chars().map(String::from))
            .collect();
        let texts = texts.into_iter().flatten().flat_map(|text| varied(&text, &parts));
        Self::seen(before, after, texts)
    }

    fn seen(before: &Pattern, after: &Pattern, texts: impl Iterator<Item = String>) -> Self {
        let mut change = Self::Nothing;
        for text in texts {
            match (before.search(&text), after.search(&text)) {
                (Search::StepLimit, _) | (_, Search::StepLimit) => return Self::Unknown,
                (Search::Absent, Search::Found) => return Self::More,
                (Search::Found, Search::Absent) if change == Self::Nothing => {
                    change = Self::Less(text);
                }
                _ => {}
            }
        }
        change
    }
}

/// A text, and all those from which it differs by one of some parts.
fn varied(text: &str, parts: &BTreeSet<String>) -> Vec<String> {
    let mut texts = vec![text.to_owned()];
    let places = text.char_indices().map(|(at, c)| (at, c.len_utf8())).chain([(text.len(), 0)]);
    for (at, length) in places.take(LONGEST_VARIED) {
        let (before, here, after) = (&text[..at], &text[at..at + length], &text[at + length..]);
        texts.push(format!("{before}{after}"));
        for part in parts.iter().take(MOST_PARTS) {
            texts.push(format!("{before}{part}{after}"));
            texts.push(format!("{before}{part}{here}{after}"));
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_changes_nothing_or_finds_less_or_more() {
        let less = |text: &str| Change::Less(text.to_owned());
        for (before, after, change) in [
            ("foo.*", "foo", Change::Nothing),
            (".*?foo", "foo", Change::Nothing),
            ("^.*foo", "foo", Change::More),
            ("app.log", r"app\.log", less("appalog")),
            ("404", r"\b404\b", less("a404")),
            (r"a\\d", r"a\d", Change::More),
            ("foo(?=bar)", "foobar", Change::Nothing),
            (r"foo(?!\d)", r"foo(?:\D|$)", Change::Nothing),
            ("(?<![a-c])foo", "(?:^|[^a-c])foo", Change::Nothing),
            ("code (?!0)[0-9]+", "code [1-9][0-9]*", Change::Nothing),
            (r"code (?!0)\d+", r"code [1-9]\d*", less("code \u{663}")),
            ("foo(?!bar)", "foo", Change::More),
        ] {
            let compiled = |pattern| Pattern::compile(pattern).unwrap();
            assert_eq!(Change::between(&compiled(before), &compiled(after)), change, "{before}");
        }
    }
}

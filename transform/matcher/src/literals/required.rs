//! The literals that are worth looking for, and which of them are looked for.

use std::collections::HashMap;

use regex_syntax::hir::Hir;

use super::{extract::extract, set::Literals};

/// The most sets of literals that are kept of one pattern.
const MAX_CHOICES: usize = 4;

/// Patterns whose literals turn up more often than this, per byte of an
/// ordinary log, are better off without them.
const MAX_FREQUENCY: f64 = 1.0 / 100.0;

/// What a match of a pattern must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Required {
    /// One or more sets of literals; each set alone is a condition.
    pub(crate) choices: Vec<Literals>,
    /// Whether a text that meets the condition is sure to match.
    pub(crate) exact: bool,
}

impl Required {
    /// The literals that are worth looking for, if the pattern has any.
    pub(crate) fn of(hir: &Hir) -> Option<Self> {
        let extracted = extract(hir);
        let is_rare = |literals: &Literals| literals.frequency() <= MAX_FREQUENCY;
        let mut choices: Vec<_> = extracted.sets.into_iter().filter(is_rare).collect();
        choices.sort_by_cached_key(|literals| literals.cost(|_| 1));
        choices.dedup_by(|later, earlier| later.texts == earlier.texts);
        choices.truncate(MAX_CHOICES);
        (!choices.is_empty()).then_some(Self { choices, exact: extracted.exact })
    }

    /// Whether a [`folded`](super::folded) text may match, going by all sets and
    /// not just by the one that was chosen.
    pub(crate) fn may_match(&self, folded: &str) -> bool {
        let found = |literal: &String| {
            memchr::memmem::find(folded.as_bytes(), literal.as_bytes()).is_some()
        };
        let few = self.choices.iter().filter(|literals| literals.texts.len() <= MAX_LOOKED_FOR);
        { few }.all(|literals| literals.texts.iter().any(found))
    }
}

/// Sets of more literals than this are not looked for one by one.
const MAX_LOOKED_FOR: usize = 4;

/// Chooses one set of literals for each pattern.
///
/// A literal that many patterns could be looked for by distinguishes none of
/// them: to find it means to confirm them all. So of sets that are all rare in
/// logs, that one is taken which is also rare among the patterns.
pub(crate) fn choose<'r>(required: &[Option<&'r Required>]) -> Vec<Option<&'r Literals>> {
    let mut sharing: HashMap<&str, usize> = HashMap::new();
    let offered = required.iter().flatten().flat_map(|required| &required.choices);
    for literal in offered.flat_map(|literals| &literals.texts) {
        *sharing.entry(literal).or_default() += 1;
    }
    let shared = |literal: &str| sharing.get(literal).copied().unwrap_or(1);
    let rarest = |choices: &'r [Literals]| choices.iter().min_by_key(|l| l.cost(shared));
    required.iter().map(|required| rarest(&required.as_ref()?.choices)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{literals::extract::MAX_LENGTH, pattern::Pattern};

    fn required(pattern: &str) -> Option<(Vec<String>, bool)> {
        let hir = Pattern::compile(pattern).unwrap().hir().unwrap();
        let required = Required::of(&hir)?;
        let texts = choose(&[Some(&required)]).remove(0)?.texts.clone();
        Some((texts, required.exact))
    }

    fn some(literals: &[&str], exact: bool) -> Option<(Vec<String>, bool)> {
        Some((literals.iter().map(ToString::to_string).collect(), exact))
    }

    #[test]
    fn plain_text_is_its_own_literal_and_exact() {
        assert_eq!(required("Socket Hang Up"), some(&["socket hang up"], true));
        assert_eq!(required("(ENFILE|EMFILE)"), some(&["emfile", "enfile"], true));
        assert_eq!(required("jobs? done"), some(&["job done", "jobs done"], true));
    }

    #[test]
    fn a_literal_that_insists_on_case_or_place_is_not_exact() {
        assert_eq!(required("(?-i)Killed"), some(&["killed"], false));
        assert_eq!(required("^killed"), some(&["killed"], false));
        assert_eq!(required(r"\bkilled\b"), some(&["killed"], false));
        assert_eq!(required("(?-i:s)ocket"), some(&["socket"], false));
    }

    #[test]
    fn the_rarer_side_of_a_gap_is_chosen() {
        assert_eq!(required("gunicorn.*worker timeout"), some(&["worker timeout"], false));
        assert_eq!(required(r"\S+ x509: [a-z]+ expired"), some(&[" x509: "], false));
    }

    #[test]
    fn every_alternative_contributes() {
        assert_eq!(
            required("x509: .* expired|(certificate|cert) verify failed"),
            some(&[" expired", "cert verify failed", "certificate verify failed"], false)
        );
        assert_eq!(required(r"timeout|\d+"), None);
    }

    #[test]
    fn long_s_and_kelvin_sign_fold_to_letters() {
        assert_eq!(required("(?-i)\u{17F}oc\u{212A}et"), some(&["socket"], false));
    }

    #[test]
    fn repeats_are_spelt_out_or_broken_off() {
        assert_eq!(required("(?:ab){3}"), some(&["ababab"], true));
        assert_eq!(required("(?:abc){2,}d"), some(&["abcabc"], false));
        assert_eq!(required("x(?:error)*y"), None);
        assert_eq!(required("a{8}{8}{8}{8}{8}"), some(&["a".repeat(MAX_LENGTH).as_str()], false));
        assert_eq!(
            required("5[0-9][0-9] oops"),
            some(
                &[
                    "0 oops", "1 oops", "2 oops", "3 oops", "4 oops", "5 oops", "6 oops", "7 oops",
                    "8 oops", "9 oops"
                ],
                false
            )
        );
    }

    #[test]
    fn what_is_left_out_before_a_literal_does_not_end_it() {
        assert_eq!(
            required("[0-9](?:[.][0-9])?\" 4[0-2]"),
            some(&["\" 40", "\" 41", "\" 42"], false)
        );
    }

    #[test]
    fn a_literal_of_many_patterns_gives_way_to_one_of_few() {
        let of = |program| {
            let pattern = format!(r"{program}\[\d+\]: connection from");
            Required::of(&Pattern::compile(&pattern).unwrap().hir().unwrap())
        };
        let programs = ["smartd", "snmpd", "named"];
        let required = programs.map(of);
        let own = |program| Literals { texts: vec![format!("{program}[")], leading: true };
        let chosen = choose(&required.each_ref().map(Option::as_ref));
        assert_eq!(chosen, programs.map(own).each_ref().map(Some));
    }

    #[test]
    fn it_is_known_whether_matches_begin_with_a_literal() {
        let leading = |pattern| -> Vec<(String, bool)> {
            let required = Required::of(&Pattern::compile(pattern).unwrap().hir().unwrap());
            required.unwrap().choices.into_iter().map(|l| (l.texts.concat(), l.leading)).collect()
        };
        let expected = |choices: &[(&str, bool)]| -> Vec<(String, bool)> {
            choices.iter().map(|&(text, leading)| (text.into(), leading)).collect()
        };
        for (pattern, choices) in [
            (r"\bsocket hung.*broken pipe", &[("socket hung", true), ("broken pipe", false)][..]),
            (r"(?:socket|pipe_x) .*", &[("pipe_x socket ", true)]),
            (r"\d*socket", &[("socket", false)]),
            (r"(?:socket \d+|pipe_x)", &[("pipe_xsocket ", true)]),
            (r"k?(?:socket \d+|pipe_x)", &[("pipe_xsocket ", false)]),
            // `pipe_x` does not begin where a match with the other one does.
            (r"a pipe_x|pipe_x", &[("pipe_x", false)]),
            (r"pipe_xyz|pipe_x", &[("pipe_x", true)]),
        ] {
            assert_eq!(leading(pattern), expected(choices), "{pattern}");
        }
    }

    #[test]
    fn what_matches_everywhere_or_nowhere_is_told_apart() {
        assert_eq!(required(""), None);
        assert_eq!(required("(?:error)?"), None);
        assert_eq!(required(r"[a&&b]"), some(&[], true));
    }
}

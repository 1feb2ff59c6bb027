//! Whatever nests, and however deeply, is compiled or refused: nothing overflows
//! the stack, which a thread has two megabytes of.

#![allow(clippy::unwrap_used)] // a test may stop at once

use proptest::prelude::*;
use signatures_matcher::{LENGTH_LIMIT, Matcher, Pattern};

/// What opens, what may stand within, and what closes, of all syntaxes.
const NESTING: [(&str, &str, &str); 24] = [
    ("(", "a", ")"),
    ("(?:", "a", ")"),
    ("(?i:", "a", ")"),
    ("(?<n>", "a", ")"),
    ("(?P<n>", "a", ")"),
    ("(?=", "a", ")"),
    ("(?!", "a", ")"),
    ("(?<=", "a", ")"),
    ("(?<!", "a", ")"),
    ("(?>", "a", ")"),
    ("(?~", "a", ")"),
    ("(?~|a|", "a", ")"),
    ("(?(1)", "a", ")"),
    ("(?(1)a|", "a", ")"),
    ("(?(?=a)", "a", "|b)"),
    ("(?(DEFINE)", "a", ")"),
    ("(a|", "a", ")"),
    ("(?:a", "b", "){1,2}"),
    ("(", "a", ")*+"),
    ("[", "a", "]"),
    ("[^a&&[", "b", "]]"),
    ("[[:alpha:]--[", "b", "]]"),
    ("", "a", "{1}"),
    (r"(\g<1>?", "a", ")"),
];

fn try_out(pattern: &str) {
    if let Ok(pattern) = Pattern::compile(pattern) {
        let _ = Matcher::new(vec![pattern]).scan("aab é");
    }
}

#[test]
fn one_syntax_nested_a_hundred_thousand_times_is_refused() {
    for (open, within, close) in NESTING {
        for depth in [50, 63, 100, 249, 1000, 100_000] {
            for start in ["", "(a)"] {
                let opened = format!("{start}{}{within}", open.repeat(depth));
                let closed = format!("{opened}{}", close.repeat(depth));
                assert!(depth < 100_000 || Pattern::compile(&closed).is_err(), "{open} {close}");
                [opened, closed].iter().for_each(|pattern| try_out(pattern));
            }
        }
    }
}

#[test]
fn groups_that_call_each_other_are_compiled_or_refused() {
    for (groups, body) in [(12, "a"), (16, "a"), (17, "a"), (60, "a"), (1000, "a"), (15, "(?=a)")] {
        for calls in [r"\g<N>", r"\g<N>\g<N>", r"\g<N>?", r"(?:b|\g<N>?){1,2}"] {
            let group = |n: usize| {
                let next = (n % groups + 1).to_string();
                format!("({body}{})", calls.replace('N', &next))
            };
            let chain: String = (1..=groups).map(group).collect();
            try_out(&chain);
            try_out(&format!("{chain}(a)"));
        }
    }
    assert!(Pattern::compile(&(r"(\g<2>)".repeat(1000) + "(a)")).is_err());
    assert!(Pattern::compile(r"(?<x>a(?:\g<x>)?b)").is_ok());
}

#[test]
fn what_is_long_or_has_much_in_it_is_refused_before_it_takes_memory() {
    for pattern in [
        "1".repeat(LENGTH_LIMIT + 1),
        r"\w".repeat(LENGTH_LIMIT / 2),
        "(?=x)".to_owned() + &r"(?!\pL)".repeat(5000),
        (1..2000).map(|n| format!(r"(?=\w{{{n}}})")).collect(),
        "(?=a)(?:(?:a{1000}){1000}){1000}".to_owned(),
    ] {
        let error = Pattern::compile(&pattern).unwrap_err();
        assert_eq!(error.kind, signatures_matcher::PatternErrorKind::TooLarge, "{error}");
    }
    assert!(Pattern::compile(&r"(?<!\w)\w+ \d+(?!\w)".repeat(20)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn syntaxes_nested_within_each_other_are_compiled_or_refused(
        kinds in prop::collection::vec(0..NESTING.len(), 1..300),
        closed in any::<bool>(),
    ) {
        let open: String = kinds.iter().map(|&kind| NESTING[kind].0).collect();
        let close: String = kinds.iter().rev().map(|&kind| NESTING[kind].2).collect();
        let pattern = format!("(a){open}a{}", if closed { &*close } else { "" });
        try_out(&pattern);
    }
}

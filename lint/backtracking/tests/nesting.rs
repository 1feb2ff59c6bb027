//! Whatever nests, and however deeply, gets an answer: nothing overflows the
//! stack, which a thread has two megabytes of.

#![allow(clippy::unwrap_used)] // a test may stop at once

use proptest::prelude::*;
use sigcheck_backtracking::{Budget, Dialect, Flags, analyse};

/// What opens, and what closes, of all syntaxes.
const NESTING: [(&str, &str); 18] = [
    ("(", ")"),
    ("(?:", ")"),
    ("(?i:", ")"),
    ("(?P<n>", ")"),
    ("(?=", ")"),
    ("(?!", ")"),
    ("(?<=", ")"),
    ("(?<!", ")"),
    ("(?>", ")"),
    ("(?(1)", ")"),
    ("(?(1)a|", ")"),
    ("(?(<n>)", ")"),
    ("(a|", ")"),
    ("(?:a", "){1,2}"),
    ("(", ")*+"),
    ("[", "]"),
    ("[^a&&[", "]]"),
    ("", "{1}"),
];

fn try_out(pattern: &str) {
    let budget = Budget { steps: 10_000, states: 1000, ..Budget::default() };
    for dialect in Dialect::ALL {
        let _ = analyse(pattern, dialect, Flags::default(), &budget);
    }
}

#[test]
fn one_syntax_nested_a_hundred_thousand_times_gets_an_answer() {
    for (open, close) in NESTING {
        for depth in [190, 100_000] {
            let opened = format!("(a){}a", open.repeat(depth));
            try_out(&format!("{opened}{}", close.repeat(depth)));
            try_out(&opened);
        }
    }
}

#[test]
fn quantifiers_within_groups_do_not_add_up() {
    let pattern = "(".repeat(190) + "a" + &("{1}".repeat(8) + ")").repeat(190);
    try_out(&pattern);
}

#[test]
fn what_all_branches_begin_with_is_taken_out_at_once() {
    let long = "ab".repeat(20_000);
    try_out(&format!("{long}|{long}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn syntaxes_nested_within_each_other_get_an_answer(
        kinds in prop::collection::vec(0..NESTING.len(), 1..300),
        closed in any::<bool>(),
    ) {
        let open: String = kinds.iter().map(|&kind| NESTING[kind].0).collect();
        let close: String = kinds.iter().rev().map(|&kind| NESTING[kind].1).collect();
        try_out(&format!("(a){open}a{}", if closed { &*close } else { "" }));
    }
}

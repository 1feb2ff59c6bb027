//! Any pattern through the search for attacks, in each dialect.
//!
//! ```sh
//! cargo +nightly fuzz run backtracking --fuzz-dir lint/fuzz
//! ```
//!
//! The first byte says with which flags.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sigcheck_backtracking::{Analysis, Budget, Dialect, Flags, analyse, rewrite};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, pattern)) = bytes.split_first() else { return };
    let Ok(pattern) = str::from_utf8(pattern) else { return };
    let flag = |bit: u8| first & bit != 0;
    let flags =
        Flags { ignore_case: flag(1), multi_line: flag(2), dot_all: flag(4), extended: flag(8) };
    let budget = Budget { steps: 200_000, states: 20_000, ..Budget::default() };
    for dialect in Dialect::ALL {
        let analysis = analyse(pattern, dialect, flags, &budget);
        if let Analysis::Vulnerable(found) = &analysis {
            assert!(pattern.get(found.culprit.clone()).is_some(), "{:?}", found.culprit);
            let _ = (found.attack.text(3), found.attack.expression());
            let _ = rewrite(pattern, dialect, flags, &budget, &analysis);
        }
    }
});

//! Loops of known growth, with all kinds of things before and after them: the answer
//! stays the same or is not given, and what is called linear is when it is run.

use proptest::{prelude::*, sample::select};

use crate::{
    alphabet::{Alphabet, Symbol},
    analyse::analyse,
    analysis::Analysis,
    budget::Budget,
    complexity::Complexity,
    dialect::Dialect,
    flags::Flags,
    matcher::{Program, search},
    parser::{Parsed, parse},
};

/// More steps than this are not taken for one text.
const LIMIT: u64 = 400_000;

const EXPONENTIAL: [(&str, &str); 6] = [
    ("(a+)+", "a"),
    (r"(\w+\s?)*", "a"),
    ("(?:a|ab|b)*", "ab"),
    ("(?:a{1,3}){2,}", "a"),
    (r"([a-z]+\d*)+", "a"),
    (r"(?:\s|\w+|-)+", "a"),
];

const POLYNOMIAL: [(&str, &str, u32); 6] = [
    ("a*a*", "a", 2),
    (r"\s*[ ]*", " ", 2),
    ("[a-z]+[a-z0-9]+", "a", 2),
    ("(?:ab)*(?:abab|ab)*", "ab", 2),
    ("a*a*a*", "a", 3),
    (r"\d+\d*\w+", "1", 3),
];

const LINEAR: [(&str, &str); 4] =
    [("(?:ab)+", "ab"), ("[a-z]+", "a"), ("(?:foo|bar)+", "foo"), (r"(?:a\d)*", "a1")];

/// What may stand before a loop, and a text of it.
fn head() -> impl Strategy<Value = (&'static str, String)> {
    select(vec![
        ("", String::new()),
        ("[0-9a-f]{40}", "0".repeat(40)),
        ("[a-z]{1,50}: ", "abc: ".to_owned()),
        (r"(?:\w+ ){30}", "x ".repeat(30)),
        ("(?:abc|def){9}", "abc".repeat(9)),
        (r"\d{200}", "1".repeat(200)),
        ("[^,]*,", "q,".to_owned()),
        ("(?:x?y){0,20}#", "#".to_owned()),
        (r"\b", String::new()),
        ("(?:^|;)", String::new()),
    ])
}

/// What may stand after it.
fn tail() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        ": connection refused by upstream",
        "=[0-9a-f]{32}",
        "b{300}",
        r"\d{300}z",
        "x?y?z?: no",
        "(?:foo|bar|baz qux){3}$",
        r"\s[A-Z]+\b!",
        "(?:a|b{2,4}c)*#",
        "[^z]{20}z",
        r"\b;",
        "$",
    ])
}

/// Whether the steps grow faster than the text: with the pump repeated after a head,
/// and something that no tail reads.
fn grows(pattern: &str, head: &str, pump: &str) -> bool {
    let Ok(Parsed { root, groups }) = parse(pattern, Dialect::Python, Flags::default()) else {
        return false;
    };
    let alphabet = Alphabet::new(&[&root]).unwrap();
    let program = Program::new(&root, groups, &alphabet, false);
    let steps = |repeats: usize, end: &str| {
        let text = format!("{head}{}{end}", pump.repeat(repeats));
        let symbols: Option<Vec<Symbol>> = text.chars().map(|c| alphabet.symbol(c)).collect();
        symbols.map_or(0, |symbols| search(&program, &alphabet, &symbols, LIMIT).steps)
    };
    // Where a linear search is cut, an exponential one was long ago.
    ["\u{1}", "!", ""].into_iter().any(|end| {
        steps(30, end) >= LIMIT || {
            let (once, twice) = (steps(150, end), steps(300, end));
            twice > 20_000 && twice > 3 * once
        }
    })
}

fn analysis(pattern: &str) -> Analysis {
    let budget = Budget { steps: 6_000_000, states: 600_000, ..Budget::default() };
    analyse(pattern, Dialect::Python, Flags::default(), &budget)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn nothing_around_an_exponential_loop_hides_it(
        (before, text) in head(),
        (inner, inner_text) in head(),
        (pattern, pump) in select(EXPONENTIAL.to_vec()),
        (tail, end) in (tail(), tail()),
    ) {
        let pattern = format!("^{before}{inner}{pattern}{tail}{end}");
        if grows(&pattern, &(text + &inner_text), pump) {
            let analysis = analysis(&pattern);
            let complexity = analysis.vulnerability().map(|found| found.complexity);
            let undecided = matches!(analysis, Analysis::Undecided(_));
            prop_assert!(undecided || complexity == Some(Complexity::Exponential), "{pattern}: {analysis:?}");
        }
    }

    #[test]
    fn nothing_around_a_polynomial_loop_hides_it(
        (before, text) in head(),
        (inner, inner_text) in head(),
        (pattern, pump, degree) in select(POLYNOMIAL.to_vec()),
        (tail, end) in (tail(), tail()),
    ) {
        let pattern = format!("^{before}{inner}{pattern}{tail}{end}");
        if grows(&pattern, &(text + &inner_text), pump) {
            let analysis = analysis(&pattern);
            let fulfilled = match &analysis {
                Analysis::Linear => false,
                Analysis::Undecided(_) => true,
                Analysis::Vulnerable(found) => match found.complexity {
                    Complexity::Exponential => true,
                    Complexity::Polynomial { degree: seen } => seen >= degree,
                },
            };
            prop_assert!(fulfilled, "{pattern}: {analysis:?}");
        }
    }

    #[test]
    fn what_is_called_linear_is(
        (before, text) in head(),
        (pattern, pump) in select(LINEAR.to_vec()),
        (other, second, _) in select(POLYNOMIAL.to_vec()),
        (tail, end) in (tail(), tail()),
    ) {
        for pattern in [format!("^{before}{pattern}{tail}{end}"), format!("{before}{pattern}(?:{tail}|{other}){end}")] {
            if analysis(&pattern) == Analysis::Linear {
                for pump in [pump, second] {
                    prop_assert!(!grows(&pattern, &text, pump), "{pattern} on {pump}");
                }
            }
        }
    }
}

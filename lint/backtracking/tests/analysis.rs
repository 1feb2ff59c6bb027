//! What is said about patterns whose growth is known.

use proptest::prelude::*;
use sigcheck_backtracking::{
    Analysis, Budget, Complexity, Dialect, Flags, Undecided, Vulnerability, analyse, rewrite,
};

fn python(pattern: &str) -> Analysis {
    analyse(pattern, Dialect::Python, Flags::default(), &Budget::default())
}

/// How the time grows under Python, where there is an attack.
fn complexity(pattern: &str) -> Option<Complexity> {
    python(pattern).vulnerability().map(|vulnerability| vulnerability.complexity)
}

fn of_degree(degree: u32) -> Option<Complexity> {
    Some(Complexity::Polynomial { degree })
}

#[test]
fn exponential_patterns_are_found() {
    for pattern in [
        r"^(a+)+$",
        r"^(a|a)*$",
        r"^(?:a|ab|b)*c",
        r"^((a*)*)*$",
        r"^(a*?)*?$",
        r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(?=(a+)+$)b",
        r"^(?=.*!)(a+)+$",
        r"^(a+)+(?![ab])",
        r"^(a{1,30}){1,30}$",
        r"(?i)^(k|K)*[0-9]$|^(a+)+$",
    ] {
        assert_eq!(complexity(pattern), Some(Complexity::Exponential), "{pattern}");
    }
}

#[test]
fn polynomial_degrees_are_counted() {
    for (pattern, degree) in [
        (r"a*b", 2),
        (r"\s+$", 2),
        (r"^\s+|\s+$", 2),
        (r"^\d+\d+$", 2),
        (r"^a*a*a*$", 3),
        (r"foo.*bar.*baz", 3),
        (r"(?s).*?<a>.*?</a>", 3),
        (r"</?(\w+)(\s*\w*\s*=\s*x)*|/?>", 2),
        (r"0|[1-9][0-9]*$", 2),
        (r"(.*)\1x", 3),
        (r"(?<=\${)[^']*?(?=})", 2),
        (r"a{0,100000}b", 2),
        (r"(x+x+){10}y", 21),
    ] {
        assert_eq!(complexity(pattern), of_degree(degree), "{pattern}");
    }
}

#[test]
fn linear_patterns_raise_no_alarm() {
    for pattern in [
        r"",
        r"timeout",
        r"^a*b",
        r"^(?:a|[ab])*$",
        r"^(?:\w|\d)*$",
        r#"^"(?:[^"\\]|\\.)*"$"#,
        r"^(\d{1,3}){1,10}$",
        r"(a+)+",
        r"(?:a|a)*",
        r"^(?:.*?)*",
        r"(socket hang up|ECONNRESET|ETIMEDOUT|EAI_AGAIN)",
        r"^(?=.*[a-z])(?=.*\d).{8,}$",
        r"[a-z]{2,5}x",
    ] {
        assert_eq!(python(pattern), Analysis::Linear, "{pattern}");
    }
}

#[test]
fn look_around_and_atomic_groups_at_the_edges_are_decided() {
    for pattern in [
        "a++",
        "x(?>a+)",
        "(?>x++)",
        "(?:ab)++",
        r"(?<!\d)\d+ of",
        r"(?<=id=)\w+",
        r"^\d+(?!\d)",
        r"(?<!\w)error|(?<!\w)\d+(?=:|;)",
    ] {
        assert_eq!(python(pattern), Analysis::Linear, "{pattern}");
    }
    for pattern in ["[a-z]+(?=:)", r"(?<=x)x*(?=:)", r"\d+(?!\d)x", r"^(?:a?-\s*,?\s*){63}"] {
        assert_eq!(complexity(pattern), of_degree(2), "{pattern}");
    }
    assert_eq!(python(r"(?<!x)(?:a+)+(?!a)"), Analysis::Linear);
    assert_eq!(complexity(r"(?<!x)(?:a+)+(?=b)"), Some(Complexity::Exponential));
}

#[test]
fn a_report_proves_itself() {
    let Analysis::Vulnerable(found) = python(r"^key=(\w+\s?)+;") else { panic!("no attack") };
    let Vulnerability { complexity, attack, culprit, seconds } = found;
    assert_eq!(complexity, Complexity::Exponential);
    assert_eq!(attack.pumps.len(), 1);
    assert!(attack.text(3).starts_with("key="));
    assert_eq!(attack.text(3).len() + attack.pumps[0].text.len(), attack.text(4).len());
    assert!(attack.expression().starts_with("'key=' + '"), "{}", attack.expression());
    assert_eq!(culprit, 5..14);
    assert!(seconds > 1e6, "{seconds}");
}

#[test]
fn an_attack_works_whether_case_is_ignored_or_not() {
    let flags = Flags { ignore_case: true, ..Flags::default() };
    let analysis = analyse("^(X+)+$", Dialect::Python, flags, &Budget::default());
    assert_eq!(analysis.vulnerability().unwrap().attack.pumps[0].text, "X");
}

#[test]
fn only_what_backtracks_counts_under_rust() {
    let rust = |pattern| analyse(pattern, Dialect::Rust, Flags::default(), &Budget::default());
    assert_eq!(rust("^(a+)+$"), Analysis::Linear);
    let found = rust("^(a+)+$(?!b)");
    assert_eq!(found.vulnerability().unwrap().complexity, Complexity::Exponential);
}

#[test]
fn what_cannot_be_told_is_said() {
    let undecided = |pattern, dialect, budget: &Budget| match analyse(
        pattern,
        dialect,
        Flags::default(),
        budget,
    ) {
        Analysis::Undecided(reason) => reason,
        analysis => panic!("{pattern}: {analysis:?}"),
    };
    let (python, budget) = (Dialect::Python, Budget::default());
    assert_eq!(
        undecided("(?<n>a+)+$", python, &budget),
        Undecided::Rejected { at: 2, message: "unknown extension ?<".into() }
    );
    assert_eq!(
        undecided("(?R)", Dialect::Pcre2, &budget),
        Undecided::Unsupported { at: 0, feature: "recursion and callouts" }
    );
    assert_eq!(undecided("^(?>a+)+$", python, &budget), Undecided::Unconfirmed);
    let none = Budget { steps: 0, states: 0, ..budget };
    assert_eq!(undecided("^(a+)+$", python, &none), Undecided::OutOfBudget);
}

fn small_budget() -> Budget {
    Budget { steps: 100_000, states: 20_000, ..Budget::default() }
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(&Dialect::ALL[..])
}

/// Texts made of what patterns are made of.
fn pattern_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "é",
        ".",
        "\\w",
        "\\d",
        "\\b",
        "^",
        "$",
        "(",
        ")",
        "(?:",
        "(?=",
        "(?!",
        "(?<=",
        "(?P<n>",
        "(?<n>",
        "(?>",
        "(?i)",
        "(?x)",
        "(?(1)",
        "|",
        "*",
        "+",
        "?",
        "*?",
        "++",
        "{2}",
        "{0,9}",
        "{3,}",
        "{",
        "}",
        "[",
        "]",
        "[^",
        "-",
        "\\1",
        "\\",
        "\\x4",
        "[:alpha:]",
        "&&",
        "\n",
        "\\p{L}",
        "#",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn check(pattern: &str, dialect: Dialect, ignore_case: bool) {
    let flags = Flags { ignore_case, ..Flags::default() };
    let budget = small_budget();
    let analysis = analyse(pattern, dialect, flags, &budget);
    if let Some(Vulnerability { attack, culprit, .. }) = analysis.vulnerability() {
        assert!(!pattern[culprit.clone()].is_empty());
        assert!(attack.pumps.iter().all(|pump| !pump.text.is_empty()) && attack.repeats > 0);
    }
    if let Some(rewrite) = rewrite(pattern, dialect, flags, &budget, &analysis) {
        assert_ne!(rewrite.pattern, pattern);
        assert!(rewrite.complexity < analysis.vulnerability().map(|found| found.complexity));
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(pattern in ".{0,60}", dialect in dialects(), fold: bool) {
        check(&pattern, dialect, fold);
    }

    #[test]
    fn pattern_like_text_never_panics(pattern in pattern_like(), dialect in dialects(), fold: bool) {
        check(&pattern, dialect, fold);
    }
}

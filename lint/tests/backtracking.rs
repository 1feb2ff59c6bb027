//! What `sigcheck` says about patterns whose growth is known.

use proptest::prelude::*;
use sigcheck::backtracking::{Analysis, Budget, Engine, Flags, Reason, Verdict, analyse, rewrite};

fn python(pattern: &str) -> Analysis {
    analyse(pattern, Engine::Python, Flags::default(), &Budget::default())
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
        let analysis = python(pattern);
        assert_eq!(analysis.verdict, Verdict::Exponential, "{pattern}: {analysis:?}");
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
        let analysis = python(pattern);
        assert_eq!(analysis.verdict, Verdict::Polynomial { degree }, "{pattern}: {analysis:?}");
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
        assert_eq!(python(pattern).verdict, Verdict::Linear, "{pattern}");
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
        assert_eq!(python(pattern).verdict, Verdict::Linear, "{pattern}");
    }
    for pattern in ["[a-z]+(?=:)", r"(?<=x)x*(?=:)", r"\d+(?!\d)x", r"^(?:a?-\s*,?\s*){63}"] {
        assert_eq!(python(pattern).verdict, Verdict::Polynomial { degree: 2 }, "{pattern}");
    }
    assert_eq!(python(r"(?<!x)(?:a+)+(?!a)").verdict, Verdict::Linear);
    assert_eq!(python(r"(?<!x)(?:a+)+(?=b)").verdict, Verdict::Exponential);
}

#[test]
fn a_report_proves_itself() {
    let analysis = python(r"^key=(\w+\s?)+;");
    assert_eq!(analysis.verdict, Verdict::Exponential);
    let attack = analysis.attack.unwrap();
    assert_eq!(attack.pumps.len(), 1);
    assert!(attack.text(3).starts_with("key="));
    assert_eq!(attack.text(3).len() + attack.pumps[0].text.len(), attack.text(4).len());
    assert!(attack.expression().starts_with("'key=' + '"), "{}", attack.expression());
    assert_eq!(analysis.culprit, Some(5..14));
    assert!(analysis.cost.unwrap().seconds > 1e6);
}

#[test]
fn an_attack_works_whether_case_is_ignored_or_not() {
    let flags = Flags { ignore_case: true, ..Flags::default() };
    let analysis = analyse("^(X+)+$", Engine::Python, flags, &Budget::default());
    assert_eq!(analysis.attack.unwrap().pumps[0].text, "X");
}

#[test]
fn only_what_backtracks_counts_under_rust() {
    let rust =
        |pattern| analyse(pattern, Engine::Rust, Flags::default(), &Budget::default()).verdict;
    assert_eq!(rust("^(a+)+$"), Verdict::Linear);
    assert_eq!(rust("^(a+)+$(?!b)"), Verdict::Exponential);
}

#[test]
fn what_cannot_be_told_is_said() {
    let undecided =
        |pattern, engine, budget: &Budget| match analyse(pattern, engine, Flags::default(), budget)
            .verdict
        {
            Verdict::Undecided(reason) => reason,
            verdict => panic!("{pattern}: {verdict:?}"),
        };
    let (python, budget) = (Engine::Python, Budget::default());
    assert_eq!(
        undecided("(?<n>a+)+$", python, &budget),
        Reason::Rejected { at: 2, message: "unknown extension ?<".into() }
    );
    assert_eq!(
        undecided("(?R)", Engine::Pcre2, &budget),
        Reason::Unsupported { at: 0, feature: "recursion and callouts" }
    );
    assert_eq!(undecided("^(?>a+)+$", python, &budget), Reason::Unconfirmed);
    let none = Budget { steps: 0, states: 0, ..budget };
    assert_eq!(undecided("^(a+)+$", python, &none), Reason::OutOfBudget);
}

fn small_budget() -> Budget {
    Budget { steps: 100_000, states: 20_000, ..Budget::default() }
}

fn engines() -> impl Strategy<Value = Engine> {
    prop_oneof![
        Just(Engine::Python),
        Just(Engine::Pcre2),
        Just(Engine::JavaScript),
        Just(Engine::Rust),
    ]
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

fn check(pattern: &str, engine: Engine, ignore_case: bool) {
    let flags = Flags { ignore_case, ..Flags::default() };
    let budget = small_budget();
    let analysis = analyse(pattern, engine, flags, &budget);
    let harmful = matches!(analysis.verdict, Verdict::Exponential | Verdict::Polynomial { .. });
    assert_eq!(analysis.attack.is_some(), harmful);
    if let Some(span) = analysis.culprit.clone() {
        assert!(!pattern[span].is_empty());
    }
    if let Some(rewrite) = rewrite(pattern, engine, flags, &budget, &analysis) {
        assert_ne!(rewrite.pattern, pattern);
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(pattern in ".{0,60}", engine in engines(), fold: bool) {
        check(&pattern, engine, fold);
    }

    #[test]
    fn pattern_like_text_never_panics(pattern in pattern_like(), engine in engines(), fold: bool) {
        check(&pattern, engine, fold);
    }
}

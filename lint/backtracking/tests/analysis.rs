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
fn what_follows_a_loop_does_not_change_its_growth() {
    for pattern in [
        r"^(\w+\s?)*: lost connection$",
        r"(\w+\s?)+=[0-9a-f]{32}",
        r"(\w+|.+)*: failed",
        r"(\S+|.+)+ timed out",
        r"(?:\w+\s?){6,}: failed",
        r"(?:\w+.*|)*?b?: failed",
        r"^(a|a)*: connection refused by upstream",
        r"(a+)+b{300}",
        r"(a+)+b{5000}",
    ] {
        assert_eq!(complexity(pattern), Some(Complexity::Exponential), "{pattern}");
    }
    assert_eq!(complexity("[a-z]{1000,}y"), of_degree(2));
}

/// CVE-2021-3795 (semver-regex 3.1.2) and CVE-2021-33502 (normalize-url 6.0.0), and what
/// Python cannot say.
#[test]
fn attacks_are_found_in_the_syntax_of_other_engines() {
    let of = |pattern: &str, dialect| {
        let analysis = analyse(pattern, dialect, Flags::default(), &Budget::default());
        analysis.vulnerability().map(|vulnerability| vulnerability.complexity)
    };
    let (js, pcre2) = (Dialect::JavaScript, Dialect::Pcre2);
    for (pattern, dialect, expected) in [
        (
            r"(?<=^v?|\sv?)(?:(?:0|[1-9]\d*)\.){2}(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|[\da-z-]*[a-z-][\da-z-]*)(?:\.(?:0|[1-9]\d*|[\da-z-]*[a-z-][\da-z-]*))*)?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?(?=$|\s)",
            js,
            Some(Complexity::Exponential),
        ),
        (r"^data:(?<type>.*?),(?<data>.*?)(?:#(?<hash>.*))?$", js, of_degree(3)),
        (r"^data:(?<type>.*?),(?<data>.*?)(?:#(?<hash>.*))?$", pcre2, of_degree(3)),
        (r"(?<=x+)(b+)+c", js, Some(Complexity::Exponential)),
        (r"(\p{L}+)+!", pcre2, Some(Complexity::Exponential)),
        (r"x(?-i)(a+)+$", pcre2, Some(Complexity::Exponential)),
        (r"[-a-z0-9@:%._+~#=]{2,256}\.[a-z]{2,6}\b([-a-z0-9@:%_+.~#?&/=]*)", js, None),
    ] {
        assert_eq!(of(pattern, dialect), expected, "{pattern}");
    }
}

#[test]
fn branches_that_lead_nowhere_hide_nothing() {
    for pattern in [r"(aa$|aa|[a-k]\w)+b", r"(?: ^|aa[ab]|[ab]aa)*x", r"(?:\b\B|a|a)*x"] {
        assert_eq!(complexity(pattern), Some(Complexity::Exponential), "{pattern}");
    }
}

#[test]
fn what_precedes_a_loop_does_not_change_its_growth() {
    for pattern in [r"^[0-9a-f]{200}(a+)+$", r"^(\w+ ){300}(a|aa)+$", r"^a{40}(a+)+$"] {
        assert_eq!(complexity(pattern), Some(Complexity::Exponential), "{pattern}");
    }
    assert_eq!(python(r"^(\w+ ){3000}(a|aa)+$"), Analysis::Undecided(Undecided::ManyTurns));
}

/// A match may end at each letter that follows a letter: only with a sign after each
/// letter do all ways fail.
#[test]
fn a_pump_may_need_what_few_classes_hold() {
    let flags = Flags { ignore_case: true, ..Flags::default() };
    let pattern = r"^([A-Z][a-z']+)+ ?[A-Z][a-z]+";
    let analysis = analyse(pattern, Dialect::Python, flags, &Budget::default());
    assert_eq!(analysis.vulnerability().unwrap().complexity, Complexity::Exponential);
    assert_eq!(python(pattern), Analysis::Linear);
}

/// CPython does not even try a text that is shorter than every match.
#[test]
fn an_attack_is_as_long_as_a_match() {
    for pattern in [r"(\w+\s?)+=[0-9a-f]{32}", r"(a+)+b{300}", r"(a+)+b{5000}"] {
        let analysis = python(pattern);
        let attack = &analysis.vulnerability().unwrap().attack;
        let least = pattern.rsplit(['{', '}']).nth(1).unwrap().parse::<usize>().unwrap();
        assert!(attack.text(attack.repeats).len() > least, "{pattern}: {attack:?}");
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

/// Patterns of known growth, in a group of their own.
fn of_known_growth() -> impl Strategy<Value = (&'static str, Option<Complexity>)> {
    let exponential = Some(Complexity::Exponential);
    prop::sample::select(vec![
        (r"(?:(\d+)+;)", exponential),
        (r"(?:(?:\d|\d\d)*;)", exponential),
        (r"(?:(?:\d+,?)+;)", exponential),
        (r"(?:(?:\d*)*?;)", exponential),
        (r"(?:\d+;)", of_degree(2)),
        (r"(?:\d*\d*;)", of_degree(3)),
        (r"(?:x\d{2};)", None),
    ])
}

/// What may stand before or after, and reads no digit: the growth stays as it is. Only
/// a square that comes of searching from each digit on needs to have nothing before it.
fn without_digits() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        ": connection refused",
        "[a-f]{32}",
        "x{200}",
        " ?",
        "(?:foo|bar|bazbaz)",
        "(?:ab|cd){3}",
        "(?:aa|a^)",
        "(?:-|-$-)",
        r"\s",
        "#{5,9}",
        "y?y?y?",
    ]);
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_surroundings_do_not_change_the_growth(
        (pattern, growth) in of_known_growth(),
        before in without_digits(),
        after in without_digits(),
    ) {
        let before = if matches!(growth, Some(Complexity::Polynomial { .. })) { "" } else { &before };
        let pattern = format!("{before}{pattern}{after}");
        prop_assert_eq!(complexity(&pattern), growth, "{}", pattern);
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

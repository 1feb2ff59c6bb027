//! The matcher against the plain loop, on random taxonomies and lines.
//!
//! Patterns are put together from pieces that share letters, so that literals
//! overlap; lines are words of the patterns' own languages, near misses of
//! them, and their fragments. `MATCHER_TAXONOMIES` sets how many taxonomies
//! are tried, for a longer run; each is searched in two hundred lines.

mod random;

use std::env;

use random::Random;
use signatures_matcher::{Matcher, Pattern, Scan, Search};

const WORDS: [&str; 32] = [
    "error",
    "timeout",
    "kill",
    "disk",
    "socket",
    "ssl",
    "oom",
    "499",
    "5",
    "ks",
    "s",
    "K",
    "refused",
    "conn",
    "connection",
    "reset",
    " by ",
    "peer",
    "[",
    "{",
    "_",
    "x_x",
    "tion",
    "ion ",
    "über",
    "ошибка",
    "\u{212A}",
    "\u{17F}",
    "k\u{212A}s\u{17F}",
    "日本",
    "@",
    "`",
];

/// A pattern, and with it a text that it matches where it can.
fn pattern(random: &mut Random, depth: usize) -> (String, String) {
    if depth == 0 {
        return piece(random);
    }
    let (one, like_one) = pattern(random, depth - 1);
    let (two, like_two) = pattern(random, depth - 1);
    let first = random.below(2) == 0;
    match random.below(12) {
        0..=3 => (format!("{one}{two}"), format!("{like_one}{like_two}")),
        4 | 5 => (format!("(?:{one}|{two})"), if first { like_one } else { like_two }),
        6 => (format!("{one}.*{two}"), format!("{like_one} … {like_two}")),
        7 => (
            format!("(?:{one})?{two}"),
            if first { format!("{like_one}{like_two}") } else { like_two },
        ),
        8 => (format!("(?:{one})+"), format!("{like_one}{like_one}")),
        9 => (format!("(?:{one}){{2}}"), format!("{like_one}{like_one}")),
        10 => (format!("(?:{one})*{two}"), format!("{like_one}{like_one}{like_two}")),
        _ => (format!("(?-i:{one})"), like_one),
    }
}

fn piece(random: &mut Random) -> (String, String) {
    const PLACES: [(&str, &str); 18] = [
        ("^", ""),
        ("$", ""),
        ("(?m:^)", "\n"),
        ("(?mR:$)", "\r\n"),
        (r"\d{1,3}", "7"),
        (".{0,6}", " … "),
        (r"(?-u:\b)", "-"),
        ("(?:no |)", ""),
        (r"\b", " "),
        (r"\d+", "42"),
        (r"\w", "k"),
        ("[ks]", "\u{17F}"),
        ("[^a-f]", "z"),
        (".", "s"),
        (r"\s*", " "),
        ("[0-9]", "7"),
        (r"(?-u:\w)", "k"),
        (r"\B", ""),
    ];
    if random.below(3) == 0 {
        let (pattern, like) = PLACES[random.below(PLACES.len())];
        return (pattern.into(), like.into());
    }
    let word = random.of(&WORDS);
    (word.replace('[', r"\[").replace('{', r"\{"), word.into())
}

/// Patterns that only the backtracking engine can read.
fn backtracking(random: &mut Random) -> (String, String) {
    let (word, other) = (piece(random), piece(random));
    match random.below(4) {
        0 => (format!("(?<!{})error", random.of(&["no ", "k", "s"])), "an error".into()),
        1 => (format!("(?=.*{}){}", word.0, other.0), format!("{}{}", other.1, word.1)),
        2 => (format!("({}) \\1", random.of(&["kill", "s+", "x_x"])), "kill kill".into()),
        _ => (format!("{}(?!{})", word.0, random.of(&["ed", "s"])), word.1),
    }
}

fn taxonomy(random: &mut Random) -> (Vec<Pattern>, Vec<String>) {
    let size = [1, 2, 5, 12, 40, 120][random.below(6)];
    let mut likes = Vec::new();
    let mut patterns = Vec::new();
    while patterns.len() < size {
        let depth = 1 + random.below(3);
        let (source, like) =
            if random.below(12) == 0 { backtracking(random) } else { pattern(random, depth) };
        // A repeat of a place (`^*`) is refused; so be it.
        if let Ok(pattern) = Pattern::compile(&source) {
            // Few that match nearly everything, or the others are never asked.
            let everywhere = pattern.search("filler s k 5 42 z \u{E9}") == Search::Found;
            if everywhere && random.below(20) > 0 {
                continue;
            }
            patterns.push(pattern);
            likes.push(like);
        }
    }
    (patterns, likes)
}

fn line(random: &mut Random, likes: &[String]) -> String {
    let mut line = String::new();
    for _ in 0..random.below(5) {
        let like = likes[random.below(likes.len())].clone();
        match random.below(5) {
            0 => line.push_str(&like.to_uppercase()),
            1 => line.push_str(&like.chars().skip(random.below(3)).collect::<String>()),
            2 => line.extend(like.chars().map(|c| match c {
                's' | 'S' => '\u{17F}',
                'k' | 'K' => '\u{212A}',
                c => c,
            })),
            _ => line.push_str(&like),
        }
        line.push_str(random.of(&["", " ", "-", "k", "\u{E9}", "filler filler filler filler "]));
    }
    if random.below(40) == 0 {
        line = line.repeat(1 + random.below(60));
    }
    // Far from both ends, and at times past what is a long text.
    match random.below(20) {
        0 => format!("{0}{line}{0}", "filler ".repeat(random.below(20))),
        1 => format!("{line}{}{line}", "filler ".repeat(800)),
        _ => line,
    }
}

/// The reference: every pattern in turn until one matches.
fn plain_loop(patterns: &[Pattern], text: &str) -> Scan {
    let mut step_limit_hits = 0;
    for (index, pattern) in patterns.iter().enumerate() {
        match pattern.search(text) {
            Search::Found => return Scan { first: Some(index), step_limit_hits },
            Search::Absent => {}
            Search::StepLimit => step_limit_hits += 1,
        }
    }
    Scan { first: None, step_limit_hits }
}

#[test]
fn the_matcher_says_what_the_plain_loop_says() {
    let taxonomies = env::var("MATCHER_TAXONOMIES").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let mut random = Random(0x0051_6E41_7035);
    let (mut lines, mut matches) = (0, 0);
    for _ in 0..taxonomies {
        let (patterns, likes) = taxonomy(&mut random);
        let matcher = Matcher::new(patterns);
        for _ in 0..200 {
            let line = line(&mut random, &likes);
            let (expected, found) = (plain_loop(matcher.patterns(), &line), matcher.scan(&line));
            assert_eq!(
                found.first,
                expected.first,
                "{line:?}\nexpected {:?}\nfound {:?}",
                expected.first.map(|at| &matcher.patterns()[at]),
                found.first.map(|at| &matcher.patterns()[at]),
            );
            // It may be spared what the loop is not, but not the other way round.
            assert!(found.step_limit_hits <= expected.step_limit_hits, "{line:?}");
            lines += 1;
            matches += usize::from(found.first.is_some());
        }
    }
    println!("{taxonomies} taxonomies, {lines} lines, {matches} matches");
    assert!(matches > lines / 10 && matches < lines, "the lines must both match and not");
}

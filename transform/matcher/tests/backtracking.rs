//! Patterns that need backtracking against the crate `fancy-regex` by itself.
//!
//! Before such a pattern is run, its literals are looked for; they are those of an
//! expression that is to match wherever the pattern does. So no match that
//! `fancy-regex` finds may be missed, whatever the pattern is made of: classes,
//! flags, look-around and the rest, in each other. Texts are put together along
//! with the patterns. `MATCHER_BACKTRACKING` sets how many patterns are tried.

mod random;

use std::env;

use fancy_regex::{Regex, RegexBuilder};
use random::Random;
use regex_automata::meta;
use signatures_matcher::{Matcher, Pattern, Search};

const WORDS: [&str; 24] = [
    "error", "timeout", "A", "ok", "s", "ſ", "K", "\u{212A}", "é", "É", "ß", "ẞ", "σ", "ς", "Σ",
    "ı", "İ", "ǆ", "ǅ", "499", " ", "_", "\n", "-",
];

/// What stands for a class.
const CHARACTERS: [&str; 24] = [
    "a", "A", "k", "K", "\u{212A}", "s", "S", "ſ", "é", "É", "σ", "Σ", "ß", "ǅ", "1", "٣", "_",
    " ", "\n", "\r", "-", "z", "😀", "\u{85}",
];

/// A pattern, and with it a text that it may match.
type Made = (String, String);

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => r"\n".to_owned(),
            ' ' => r"\x20".to_owned(),
            '-' | '_' => c.to_string(),
            c if c.is_ascii_punctuation() => format!(r"\{c}"),
            c => c.to_string(),
        })
        .collect()
}

/// The text in another case here and there.
fn recased(random: &mut Random, text: &str) -> String {
    text.chars()
        .flat_map(|c| -> Vec<char> {
            match random.below(4) {
                0 => c.to_uppercase().collect(),
                1 => c.to_lowercase().collect(),
                _ => vec![c],
            }
        })
        .collect()
}

/// `nested`: how deeply classes stand in each other. What is negated inside a class
/// has a million characters, of which each is folded: such are few, or this takes
/// hours.
fn class(random: &mut Random, nested: usize) -> String {
    const SMALL: [&str; 27] = [
        "a-z",
        "A-Z",
        "k-s",
        "K",
        "s",
        "ſ",
        "é",
        "É",
        "0-9",
        "Α-Ω",
        "σ",
        "_",
        " ",
        r"\n",
        r"\d",
        r"\s",
        r"\p{Lt}",
        r"\p{Greek}",
        "[:alpha:]",
        "[:lower:]",
        "[:upper:]",
        "[:digit:]",
        "[:punct:]",
        r"\x41",
        r"\u00e9",
        r"\h",
        r"\-",
    ];
    const LARGE: [&str; 13] = [
        r"\D",
        r"\w",
        r"\W",
        r"\S",
        r"\p{L}",
        r"\P{L}",
        r"\p{Lu}",
        r"\P{Lu}",
        r"\p{Ll}",
        r"\p{^Ll}",
        "[:^alpha:]",
        "[:^lower:]",
        "[:^upper:]",
    ];
    let item = |random: &mut Random| match nested {
        0 => random.of(&SMALL),
        _ if random.below(2) == 0 => random.of(&SMALL),
        _ => random.of(&LARGE),
    };
    let mut text = String::from(if random.below(3) == 0 { "[^" } else { "[" });
    for _ in 0..=random.below(3) {
        text += &match nested > 0 && random.below(3) == 0 {
            true => class(random, nested - 1),
            false => item(random).to_owned(),
        };
        if random.below(4) == 0 {
            text += random.of(&["&&", "&&", "--", "~~"]);
            text += &match nested > 0 && random.below(2) == 0 {
                true => class(random, nested - 1),
                false => item(random).to_owned(),
            };
        }
    }
    text + "]"
}

fn atom(random: &mut Random) -> Made {
    const PLACES: [(&str, &str); 26] = [
        (".", "x"),
        (".", "\n"),
        (r"\N", "y"),
        (r"\O", "\n"),
        (r"\R", "\r\n"),
        (r"\d+", "17"),
        (r"\w", "k"),
        (r"\W", "-"),
        (r"\s*", " "),
        (r"\h", "f"),
        (r"\H", "g"),
        (r"\p{Lu}", "A"),
        (r"\P{Lu}", "a"),
        (r"\pL", "é"),
        (r"\x41", "a"),
        (r"\u00E9", "É"),
        (r"\x{1F600}", "😀"),
        (r"\e?", "\u{1b}"),
        ("^", ""),
        ("$", "\n"),
        (r"\A", ""),
        (r"\z", ""),
        (r"\Z", "\n"),
        (r"\b", ""),
        (r"\B", ""),
        (r"\G", ""),
    ];
    match random.below(8) {
        0..=2 => {
            let word = random.of(&WORDS);
            (escaped(word), recased(random, word))
        }
        3..=5 => {
            let nested = if random.below(6) == 0 { 2 } else { 0 };
            (class(random, nested), random.of(&CHARACTERS).to_owned())
        }
        _ => {
            let (pattern, like) = PLACES[random.below(PLACES.len())];
            (pattern.to_owned(), like.to_owned())
        }
    }
}

/// `groups`: how many groups capture by their number so far.
fn pattern(random: &mut Random, depth: usize, groups: &mut usize) -> Made {
    if depth == 0 {
        return atom(random);
    }
    let (one, like_one) = pattern(random, depth - 1, groups);
    match random.below(30) {
        0 | 1 => {
            let flags = random.of(&["-i", "i", "s", "m", "x", "-i", "s-i", "im", "R", "mR", "U"]);
            (format!("(?{flags}:{one})"), recased(random, &like_one))
        }
        2 => {
            let flags = random.of(&["-i", "i", "s", "m", "-i", "U"]);
            (format!("(?{flags}){one}"), recased(random, &like_one))
        }
        3 => {
            let quantifier = random.of(&["?", "*", "+", "{2}", "{0}", "{1,2}", "{,2}", "+?", "*?"]);
            let times = random.below(3);
            (format!("(?:{one}){quantifier}"), like_one.repeat(times))
        }
        4 => {
            let quantifier = random.of(&["?+", "*+", "++", "{2}+", "{1,2}+"]);
            (format!("(?:{one}){quantifier}"), like_one.repeat(random.below(3)))
        }
        5 => (format!("(?>{one})"), like_one),
        6 => (format!("(?!{one})"), String::new()),
        7 => (format!("(?={one})"), like_one),
        8 => (format!("(?<={one})"), String::new()),
        9 => (format!("(?<!{one})"), String::new()),
        10 => {
            *groups += 1;
            let like = format!("{like_one}{}", recased(random, &like_one));
            (format!(r"({one})\{groups}"), like)
        }
        11 => {
            *groups += 1;
            (format!("({one})"), like_one)
        }
        12 if *groups > 0 => (format!(r"\{}{one}", 1 + random.below(*groups)), like_one),
        13 if *groups > 0 => {
            let (other, like_other) = pattern(random, depth - 1, groups);
            let group = 1 + random.below(*groups);
            let like = if random.below(2) == 0 { like_one } else { like_other };
            (format!("(?({group}){one}|{other})"), like)
        }
        14 if *groups > 0 => (format!(r"{one}\g<{}>", 1 + random.below(*groups)), like_one),
        15 => (format!(r"{one}\K"), like_one),
        16 => (format!("(?~{one})"), random.of(&WORDS).to_owned()),
        17 => {
            let (other, like_other) = pattern(random, depth - 1, groups);
            (format!("(?({one}){other}|)"), format!("{like_one}{like_other}"))
        }
        18 => (format!("(?x: {one} # note\n )"), like_one),
        19..=22 => {
            let (two, like_two) = pattern(random, depth - 1, groups);
            let like = if random.below(2) == 0 { like_one } else { like_two };
            (format!("(?:{one}|{two})"), like)
        }
        _ => {
            let (two, like_two) = pattern(random, depth - 1, groups);
            (format!("{one}{two}"), format!("{like_one}{like_two}"))
        }
    }
}

/// The text as it is, in other case, with something around it, or damaged.
fn text(random: &mut Random, like: &str) -> String {
    let like = if random.below(2) == 0 { like.to_owned() } else { recased(random, like) };
    let (before, after) =
        (random.of(&["", "", "x ", "A17 ", "\n", "é"]), random.of(&["", " ok", "\n", "z"]));
    let whole = format!("{before}{like}{after}");
    match random.below(64) {
        0..=9 => whole.chars().skip(random.below(3)).collect(),
        // Texts so long are searched by another program.
        10 => format!("{whole}{}", " .".repeat(2100)),
        _ => whole,
    }
}

struct Tried {
    pattern: Pattern,
    alone: Regex,
    over: Option<meta::Regex>,
    like: String,
}

/// A pattern that needs backtracking, if this is one.
fn tried((source, like): Made) -> Option<Tried> {
    if regex_syntax::parse(&source).is_ok() {
        return None;
    }
    let pattern = Pattern::compile(&source).ok().filter(Pattern::is_backtracking)?;
    let alone = RegexBuilder::new(&source)
        .case_insensitive(true)
        .seek(false)
        .optimize(false)
        .backtrack_limit(20_000)
        .build()
        .ok()?;
    let over =
        pattern.overapproximate().and_then(|hir| meta::Builder::new().build_from_hir(&hir).ok());
    Some(Tried { pattern, alone, over, like })
}

#[test]
fn no_match_of_the_backtracking_engine_by_itself_is_missed() {
    let count = env::var("MATCHER_BACKTRACKING").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let seed = env::var("MATCHER_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0x5EED_0A17);
    let mut random = Random(seed);
    let (mut patterns, mut texts, mut matches, mut with_literals) = (0, 0, 0, 0);
    while patterns < count {
        let mut group = Vec::new();
        while group.len() < 4 {
            let depth = 1 + random.below(4);
            group.extend(tried(pattern(&mut random, depth, &mut 0)));
        }
        let matcher = Matcher::new(group.iter().map(|tried| tried.pattern.clone()).collect());
        for Tried { pattern, alone, over, like } in &group {
            with_literals += usize::from(pattern.has_literals());
            for _ in 0..8 {
                let text = text(&mut random, like);
                texts += 1;
                if !alone.is_match(text.as_str()).unwrap_or(false) {
                    continue;
                }
                matches += 1;
                let search = pattern.search(&text);
                assert_ne!(search, Search::Absent, "{pattern:?} on {text:?}");
                let scan = matcher.scan(&text);
                let found = scan.first.is_some() || scan.step_limit_hits > 0;
                assert!(found, "the matcher misses {pattern:?} on {text:?}");
                if let Some(over) = over {
                    assert!(
                        over.is_match(&text),
                        "{pattern:?} does not overapproximate on {text:?}"
                    );
                }
            }
        }
        patterns += group.len();
    }
    println!(
        "{patterns} patterns, {with_literals} with literals, {texts} texts, {matches} matches"
    );
    assert!(matches > texts / 10 && with_literals > patterns / 20, "too few say anything");
}

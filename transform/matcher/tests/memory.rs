//! What automata take is bounded together, whoever writes patterns and logs, and
//! however many threads read these. A process of its own, since it is asked what all
//! of it takes.

use signatures_matcher::{AUTOMATA_LIMIT, Matcher, Pattern, automata};

/// Patterns of which each may fill its own cache.
const PATTERNS: usize = 240;

/// What is in use is not discarded: in each of two threads one automaton.
const IN_USE: usize = 4 << 20;

fn word(index: usize) -> String {
    let digits = [index / 676 % 26, index / 26 % 26, index % 26];
    digits.iter().map(|digit| char::from(b'a' + *digit as u8)).chain("qzx".chars()).collect()
}

/// A text that has the automaton of one pattern build states until it has no more
/// room for them; every other one matches.
fn text(index: usize) -> String {
    let mut state = index as u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if state >> 40 & 1 == 1 { 'a' } else { 'b' }
    });
    let noise: String = noise.take(3000).collect();
    let end = if index.is_multiple_of(2) { "abbbbbbbbbbbbby" } else { "x" };
    format!("{} {noise}{end}", word(index))
}

/// How much memory the process has, in bytes, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? << 10)
}

fn read_all(source: impl Fn(usize) -> String, count: usize) {
    let patterns: Result<Vec<_>, _> = (0..count).map(|i| Pattern::compile(&source(i))).collect();
    let matcher = Matcher::new(patterns.expect("patterns"));
    let read = || {
        for index in 0..count {
            let first = matcher.scan(&text(index)).first;
            assert_eq!(first, index.is_multiple_of(2).then_some(index), "{index}");
            assert!(automata().bytes < AUTOMATA_LIMIT + IN_USE, "{:?}", automata());
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(read))));
}

/// Patterns without literals are one automaton that stays: it is outside the bound, and
/// its matcher tells it; only the states that it builds are within.
fn assert_what_stays_is_told() {
    let patterns = (0..40).map(|n| Pattern::compile(&format!(r"\w{{{}}}\d", 20 + n)).unwrap());
    let patterns: Vec<_> = patterns.collect();
    let matcher = Matcher::new(patterns.clone());
    let kept = matcher.memory_usage();
    assert!(kept > 1 << 20, "{kept}");
    // No more than the patterns come to one by one, which a taxonomy bounds.
    let alone: usize =
        patterns.into_iter().map(|pattern| Matcher::new(vec![pattern]).memory_usage()).sum();
    assert!(kept <= alone, "{kept} of {alone}");
    let text = |index: usize| format!("{}{}", "é".repeat(index % 90), "ab1".repeat(index % 30));
    let scanned = automata().bytes;
    (0..500).for_each(|index| _ = matcher.scan(&text(index)));
    assert!(automata().bytes > scanned, "states count");
    assert!(automata().bytes < AUTOMATA_LIMIT + IN_USE, "{:?}", automata());
    assert_eq!(matcher.memory_usage(), kept);
}

#[test]
fn all_automata_of_a_process_have_one_bound() {
    let before = resident();
    read_all(|index| format!("{}.*a[^x]{{13}}y", word(index)), PATTERNS);
    let linear = automata();
    assert!(linear.discarded > 0, "{linear:?}");
    assert_eq!(linear.bytes, 0, "what is dropped gives back what it took");
    if let (Some(before), Some(after)) = (before, resident()) {
        let more = after.saturating_sub(before);
        assert!(more < 2 * AUTOMATA_LIMIT, "{} MiB more", more >> 20);
    }
    read_all(|index| format!("{}.*a[^x]{{13}}y(?!z)", word(index)), 8);
    assert_eq!(automata().bytes, 0);
    assert_what_stays_is_told();
}

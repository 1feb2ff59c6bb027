//! Whether a pattern can be attacked, and what to write instead.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sigcheck_backtracking::{
    Analysis, Attack, Budget, Complexity, Dialect, Flags, Pump, Undecided, Vulnerability, analyse,
    rewrite,
};

use super::folder::Cache;

/// What is found out sooner than this is not worth a file.
const WORTH_KEEPING: Duration = Duration::from_millis(2);

/// An [`Analysis`], but for those that say why the pattern could not be read.
#[derive(Serialize, Deserialize)]
enum Kept {
    Linear,
    Exponential(KeptAttack),
    Polynomial(u32, KeptAttack),
    TooLarge,
    ManyTurns,
    Ambiguous,
    OutOfBudget,
    Unconfirmed,
}

#[derive(Serialize, Deserialize)]
struct KeptAttack {
    /// Each prefix and pump.
    pumps: Vec<(String, String)>,
    suffix: String,
    repeats: usize,
    culprit: (usize, usize),
    /// The bits of a number, which JSON would round, or not take.
    seconds: u64,
}

impl Cache {
    /// What [`analyse`] says.
    pub(crate) fn analysis(
        &self,
        pattern: &str,
        dialect: Dialect,
        flags: Flags,
        budget: &Budget,
    ) -> Analysis {
        let key = key("analysis", pattern, dialect, flags, budget);
        let known = self.get(&key).and_then(|answer| serde_json::from_str(&answer).ok());
        if let Some(analysis) = known.and_then(|kept| restored(kept, pattern)) {
            return analysis;
        }
        let begun = Instant::now();
        let analysis = analyse(pattern, dialect, flags, budget);
        if begun.elapsed() >= WORTH_KEEPING
            && let Some(kept) = kept(&analysis)
            && let Ok(answer) = serde_json::to_string(&kept)
        {
            self.put(&key, &answer);
        }
        analysis
    }

    /// The pattern that [`rewrite`] offers.
    pub(crate) fn rewritten(
        &self,
        pattern: &str,
        dialect: Dialect,
        flags: Flags,
        budget: &Budget,
        analysis: &Analysis,
    ) -> Option<String> {
        // What the analysis says depends on the same.
        let key = key("rewrite", pattern, dialect, flags, budget);
        let known = self.get(&key).and_then(|answer| serde_json::from_str(&answer).ok());
        known.unwrap_or_else(|| {
            let rewrite = rewrite(pattern, dialect, flags, budget, analysis);
            let better = rewrite.map(|rewrite| rewrite.pattern);
            self.put(&key, &serde_json::Value::from(better.clone()).to_string());
            better
        })
    }
}

fn key(what: &str, pattern: &str, dialect: Dialect, flags: Flags, budget: &Budget) -> String {
    format!("{what}\n{}\n{dialect} {flags:?} {budget:?}\n{pattern}", super::folder::program())
}

fn kept(analysis: &Analysis) -> Option<Kept> {
    Some(match analysis {
        Analysis::Linear => Kept::Linear,
        Analysis::Vulnerable(found) => {
            let attack = KeptAttack {
                pumps: { &found.attack.pumps }
                    .iter()
                    .map(|pump| (pump.prefix.clone(), pump.text.clone()))
                    .collect(),
                suffix: found.attack.suffix.clone(),
                repeats: found.attack.repeats,
                culprit: (found.culprit.start, found.culprit.end),
                seconds: found.seconds.to_bits(),
            };
            match found.complexity {
                Complexity::Exponential => Kept::Exponential(attack),
                Complexity::Polynomial { degree } => Kept::Polynomial(degree, attack),
            }
        }
        Analysis::Undecided(undecided) => match undecided {
            Undecided::TooLarge => Kept::TooLarge,
            Undecided::ManyTurns => Kept::ManyTurns,
            Undecided::Ambiguous => Kept::Ambiguous,
            Undecided::OutOfBudget => Kept::OutOfBudget,
            Undecided::Unconfirmed => Kept::Unconfirmed,
            // These take no time.
            Undecided::Rejected { .. } | Undecided::Unsupported { .. } => return None,
        },
    })
}

/// The analysis that was kept, if it can be one of the pattern.
fn restored(kept: Kept, pattern: &str) -> Option<Analysis> {
    let undecided = |undecided| Some(Analysis::Undecided(undecided));
    let (complexity, attack) = match kept {
        Kept::Linear => return Some(Analysis::Linear),
        Kept::TooLarge => return undecided(Undecided::TooLarge),
        Kept::ManyTurns => return undecided(Undecided::ManyTurns),
        Kept::Ambiguous => return undecided(Undecided::Ambiguous),
        Kept::OutOfBudget => return undecided(Undecided::OutOfBudget),
        Kept::Unconfirmed => return undecided(Undecided::Unconfirmed),
        Kept::Exponential(attack) => (Complexity::Exponential, attack),
        Kept::Polynomial(degree, attack) => (Complexity::Polynomial { degree }, attack),
    };
    let culprit = attack.culprit.0..attack.culprit.1;
    pattern.get(culprit.clone())?;
    let pumps = attack.pumps.into_iter().map(|(prefix, text)| Pump { prefix, text });
    Some(Analysis::Vulnerable(Vulnerability {
        complexity,
        attack: Attack { pumps: pumps.collect(), suffix: attack.suffix, repeats: attack.repeats },
        culprit,
        seconds: f64::from_bits(attack.seconds),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 9] = [
        r"^(a+)+$",
        r"(\w+\s?)+=[0-9a-f]{32}",
        r"foo.*bar.*baz",
        r"\s+$",
        "timeout",
        r"^(\w+ ){3000}(a|aa)+$",
        r"(?=a*b)(x|x)*y",
        "(",
        r"é(?:a|ab|b)*\n",
    ];

    #[test]
    fn what_was_kept_is_what_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()));
        let flags = Flags { ignore_case: true, ..Flags::default() };
        let budget = Budget { steps: 400_000, states: 40_000, ..Budget::default() };
        for pattern in PATTERNS {
            let analysis = analyse(pattern, Dialect::Python, flags, &budget);
            let restored_again = kept(&analysis).and_then(|kept| {
                let text = serde_json::to_string(&kept).unwrap();
                restored(serde_json::from_str(&text).unwrap(), pattern)
            });
            let is_kept = !matches!(analysis, Analysis::Undecided(Undecided::Rejected { .. }));
            assert_eq!(restored_again, is_kept.then(|| analysis.clone()), "{pattern}");
            let better = rewrite(pattern, Dialect::Python, flags, &budget, &analysis);
            for _ in 0..2 {
                let found = cache.analysis(pattern, Dialect::Python, flags, &budget);
                assert_eq!(found, analysis, "{pattern}");
                let found = cache.rewritten(pattern, Dialect::Python, flags, &budget, &analysis);
                assert_eq!(found, better.as_ref().map(|better| better.pattern.clone()));
            }
        }
    }

    #[test]
    fn what_cannot_be_of_the_pattern_is_not_taken() {
        let culprit = |culprit| {
            let (pumps, suffix) = (Vec::new(), String::new());
            Kept::Exponential(KeptAttack { pumps, suffix, repeats: 1, culprit, seconds: 0 })
        };
        assert!(restored(culprit((0, 2)), "é+").is_some());
        for wrong in [(0, 9), (1, 2), (3, 2)] {
            assert_eq!(restored(culprit(wrong), "é+"), None);
        }
    }
}

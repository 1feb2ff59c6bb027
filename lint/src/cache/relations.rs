//! What the patterns of a taxonomy have to do with each other.

use serde::{Deserialize, Serialize};
use sigcheck_language::{Relations, Touch};

use super::folder::{Cache, program};

#[derive(Serialize, Deserialize)]
struct Kept {
    touches: Vec<KeptTouch>,
    undecided: Vec<(usize, usize)>,
    opaque: Vec<usize>,
    unfinished: Option<usize>,
}

/// The fields of a [`Touch`] in their order.
type KeptTouch = (usize, usize, usize, usize, Option<bool>, bool, String);

impl Cache {
    /// The relations of patterns that are asked in their order, but so many of the last
    /// before the first; `compare` finds them out.
    pub(crate) fn relations(
        &self,
        patterns: &[&str],
        turned: usize,
        compare: impl FnOnce() -> Relations,
    ) -> Relations {
        let all = serde_json::Value::from(patterns).to_string();
        let key = format!("relations\n{}\n{turned}\n{all}", program());
        let known = self.get(&key).and_then(|answer| serde_json::from_str(&answer).ok());
        if let Some(relations) = known.and_then(|kept| restored(kept, patterns.len())) {
            return relations;
        }
        let relations = compare();
        if let Ok(answer) = serde_json::to_string(&kept(&relations)) {
            self.put(&key, &answer);
        }
        relations
    }
}

fn kept(relations: &Relations) -> Kept {
    let touch = |touch: &Touch| {
        let &Touch { text_of, branch, branches, found, always, special, ref witness } = touch;
        (text_of, branch, branches, found, always, special, witness.clone())
    };
    Kept {
        touches: relations.touches.iter().map(touch).collect(),
        undecided: relations.undecided.clone(),
        opaque: relations.opaque.clone(),
        unfinished: relations.unfinished,
    }
}

/// The relations that were kept, if they can be those of so many patterns.
fn restored(kept: Kept, count: usize) -> Option<Relations> {
    let touch = |(text_of, branch, branches, found, always, special, witness)| Touch {
        text_of,
        branch,
        branches,
        found,
        always,
        special,
        witness,
    };
    let Kept { touches, undecided, opaque, unfinished } = kept;
    let touches: Vec<Touch> = touches.into_iter().map(touch).collect();
    let pairs = touches.iter().map(|touch| (touch.text_of, touch.found));
    let pairs = pairs.chain(undecided.iter().copied());
    let alone = opaque.iter().copied().chain(unfinished);
    let possible = pairs.flat_map(|(one, other)| [one, other]).chain(alone).all(|i| i < count)
        && touches.is_sorted_by_key(|touch| touch.text_of);
    possible.then_some(Relations { touches, undecided, opaque, unfinished })
}

#[cfg(test)]
mod tests {
    use signatures_matcher::Pattern;

    use super::*;

    #[test]
    fn what_was_kept_is_what_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()));
        let patterns =
            ["reset", "connection reset|timeout", r"x code (?!0)\d", "x code 0", "(c)(?(1)a|b)"];
        let compiled = patterns.map(|pattern| Pattern::compile(pattern).unwrap());
        let relations = || Relations::of(&compiled);
        let never = || panic!("it is known");
        assert_eq!(cache.relations(&patterns, 0, relations), relations());
        assert_eq!(cache.relations(&patterns, 0, never), relations());
        assert!(!relations().touches.is_empty() && !relations().undecided.is_empty());
        // Another order, or other patterns, is another question.
        let nothing = Relations::default;
        assert_eq!(cache.relations(&patterns, 2, nothing), nothing());
        assert_eq!(cache.relations(&patterns[..1], 0, nothing), nothing());
    }

    #[test]
    fn what_names_patterns_that_are_not_there_is_not_taken() {
        let compiled = ["reset", "connection reset"].map(|p| Pattern::compile(p).unwrap());
        let relations = Relations::of(&compiled);
        assert_eq!(restored(kept(&relations), 2), Some(Relations::of(&compiled)));
        assert_eq!(restored(kept(&relations), 1), None);
    }
}

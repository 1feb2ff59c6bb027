//! Which signatures are hidden by those before them.

use std::collections::BTreeSet;

use regex_syntax::hir::Hir;
use sigcheck_language::{Relations, Touch};
use signatures_engine::Taxonomy;
use signatures_matcher::Pattern;

use crate::pattern::relation;

/// What hides a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shadow {
    /// The patterns that find all that it finds, one or together.
    pub(super) earlier: Vec<usize>,
    /// A text that it and they find.
    pub(super) witness: String,
}

/// More patterns than this are not put together.
const MOST_TOGETHER: usize = 16;

/// So many signatures are held against some others together.
const MOST_ASKED: usize = 200;

/// For each signature what hides it, if anything does; `comes_first` says whether a
/// pattern is asked before a signature.
pub(super) fn shadows(
    taxonomy: &Taxonomy,
    relations: &Relations,
    comes_first: impl Fn(usize, usize) -> bool,
) -> Vec<Option<Shadow>> {
    let patterns: Vec<&Pattern> = taxonomy
        .signatures
        .iter()
        .map(|s| &s.pattern)
        .chain(taxonomy.noise_allowlist.iter().map(|e| &e.pattern))
        .collect();
    let count = taxonomy.signatures.len();
    let mut asked = 0;
    let shadow = |index| {
        let found = relations.found_in(index);
        let touches: Vec<_> =
            found.into_iter().filter(|(other, _)| comes_first(*other, index)).collect();
        let finds_all = |touches: &[&Touch]| {
            touches.len() == touches[0].branches
                && touches.iter().all(|touch| touch.always == Some(true))
        };
        // What finds all its lines may miss a text of several.
        let one = touches.iter().find(|(other, touches)| {
            finds_all(touches) && find_all(&[patterns[*other]], patterns[index])
        });
        if let Some((other, touches)) = one {
            return Some(Shadow { earlier: vec![*other], witness: touches[0].witness.clone() });
        }
        let branches: BTreeSet<_> =
            touches.iter().flat_map(|(_, touches)| touches.iter().map(|t| t.branch)).collect();
        let all = touches.first()?.1[0].branches;
        if touches.len() < 2 || touches.len() > MOST_TOGETHER || branches.len() < all {
            return None;
        }
        asked += 1;
        let earlier: Vec<usize> = touches.iter().map(|(other, _)| *other).collect();
        let others: Vec<_> = earlier.iter().map(|other| patterns[*other]).collect();
        let is_hidden = asked <= MOST_ASKED && find_all(&others, patterns[index]);
        is_hidden.then(|| Shadow {
            earlier: needed(&patterns, earlier, index),
            witness: touches[0].1[0].witness.clone(),
        })
    };
    (0..count).map(shadow).collect()
}

/// Whether some patterns together find every text that one finds.
fn find_all(finders: &[&Pattern], one: &Pattern) -> bool {
    let finders: Option<Vec<_>> = finders.iter().map(|finder| finder.hir()).collect();
    let (Some(finders), Some(one)) = (finders, one.overapproximate()) else { return false };
    let relation = relation(&one, &Hir::alternation(finders));
    relation.is_some_and(|relation| relation.only_first.is_none())
}

/// Those of some patterns without which they would not find all: the first that do.
fn needed(patterns: &[&Pattern], mut earlier: Vec<usize>, index: usize) -> Vec<usize> {
    for other in earlier.clone().into_iter().rev() {
        let rest: Vec<_> = earlier.iter().copied().filter(|one| *one != other).collect();
        let others: Vec<_> = rest.iter().map(|other| patterns[*other]).collect();
        if !rest.is_empty() && find_all(&others, patterns[index]) {
            earlier = rest;
        }
    }
    earlier
}

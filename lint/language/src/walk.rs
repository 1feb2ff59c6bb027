//! Two automata read the same text.

use std::collections::{HashMap, VecDeque};

use crate::{
    alphabet::{Alphabet, Symbol},
    budget::{OutOfBudget, Steps},
    subsets::{LazySubsets, SetId},
};

/// Walks two automata side by side, breadth first, to the nearest goal: the
/// text on the way there, if there is a goal.
pub(super) fn shortest(
    pair: &mut [LazySubsets<'_>; 2],
    alphabet: &Alphabet,
    may_lead: impl Fn(&[LazySubsets<'_>; 2], [SetId; 2]) -> bool,
    is_goal: impl Fn(&[LazySubsets<'_>; 2], [SetId; 2]) -> bool,
) -> Result<Option<String>, OutOfBudget> {
    let start = [pair[0].start(), pair[1].start()];
    // Where each place was first come to from, and by which symbol.
    let mut from: HashMap<[SetId; 2], Option<([SetId; 2], Symbol)>> = [(start, None)].into();
    let mut open = VecDeque::from([start]);
    let mut steps = Steps::default();
    while let Some(sets) = open.pop_front() {
        if is_goal(pair, sets) {
            return Ok(Some(text(&from, sets, alphabet)));
        }
        for symbol in 0..alphabet.characters.len() {
            // Signatures are looked for line by line.
            if alphabet.neighbours[symbol].line_feed {
                continue;
            }
            steps.take()?;
            let next = [pair[0].step(sets[0], symbol), pair[1].step(sets[1], symbol)];
            if may_lead(pair, next) && !from.contains_key(&next) {
                from.insert(next, Some((sets, symbol)));
                open.push_back(next);
            }
        }
    }
    Ok(None)
}

fn text(
    from: &HashMap<[SetId; 2], Option<([SetId; 2], Symbol)>>,
    mut sets: [SetId; 2],
    alphabet: &Alphabet,
) -> String {
    let mut characters = Vec::new();
    while let Some(Some((before, symbol))) = from.get(&sets) {
        characters.push(alphabet.characters[*symbol]);
        sets = *before;
    }
    characters.iter().rev().collect()
}

//! Shortest words along paths through an automaton or a product of several.

use std::collections::{HashMap, VecDeque, hash_map::Entry};
use std::hash::Hash;

use super::fuel::{Fuel, Fueled};
use super::mixing::Mixing;
use crate::alphabet::Symbol;

/// The word along a shortest path, at least one step long: breadth-first, until `goal`
/// is reached.
pub(super) fn shortest<Key: Copy + Eq + Hash>(
    start: Key,
    goal: impl Fn(&Key) -> bool,
    fuel: &mut Fuel,
    expand: impl Fn(&Key, Option<Symbol>, &mut dyn FnMut(Key, Symbol)),
) -> Fueled<Option<Vec<Symbol>>> {
    let mut came_from: HashMap<Key, (Key, Symbol), Mixing> = HashMap::default();
    let mut queue = VecDeque::from([(start, None)]);
    let mut end = None;
    while let Some((key, last)) = queue.pop_front() {
        let mut seen = 1;
        expand(&key, last, &mut |next, symbol| {
            seen += 1;
            if end.is_none()
                && let Entry::Vacant(vacant) = came_from.entry(next)
            {
                vacant.insert((key, symbol));
                queue.push_back((next, Some(symbol)));
                if goal(&next) {
                    end = Some(next);
                }
            }
        });
        fuel.burn(seen)?;
        if end.is_some() {
            break;
        }
    }
    let Some(mut at) = end else { return Ok(None) };
    let mut word = Vec::new();
    loop {
        let (before, symbol) = came_from[&at];
        word.push(symbol);
        if before == start {
            break;
        }
        at = before;
    }
    word.reverse();
    Ok(Some(word))
}

/// The shortest word that `word` is a power of: repeated, it makes the same
/// texts.
pub(super) fn primitive(mut word: Vec<Symbol>) -> Vec<Symbol> {
    let period = (1..word.len()).find(|period| {
        word.len().is_multiple_of(*period)
            && word.iter().skip(*period).eq(word.iter().take(word.len() - period))
    });
    word.truncate(period.unwrap_or(word.len()));
    word
}

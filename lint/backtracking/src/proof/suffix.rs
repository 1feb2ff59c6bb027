//! What to put after the pumps so that the match fails and every way is tried.

use std::collections::{HashSet, VecDeque};

use crate::alphabet::{Alphabet, Sort, Symbol};
use crate::ambiguity::Suspect;
use crate::nfa::{Nfa, SEARCH};

/// A suffix is at most this long.
const LENGTH_LIMIT: usize = 6;
/// Sets of states looked at for one suffix.
const SET_LIMIT: usize = 400;
/// How often each pump is read before the suffix is sought. The states reached
/// have settled by then in all but contrived automata, and the matcher's run
/// has the last word.
const PUMPS: usize = 4;

/// A text to put after the pumps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suffix {
    pub(crate) word: Vec<Symbol>,
    /// Whether, as far as the automaton tells, the whole search fails after it.
    pub(crate) fails_search: bool,
}

/// What a search for suffixes came to.
pub(crate) struct Suffixes {
    pub(crate) found: Vec<Suffix>,
    /// Whether there may be others: the search for them was cut short.
    pub(crate) cut: bool,
}

/// Suffixes after which, as far as the automaton tells, no match is found. Which
/// ways must fail for that is up to each [`Origin`] in turn.
pub(crate) fn suffixes(
    nfa: &Nfa,
    alphabet: &Alphabet,
    suspect: &Suspect,
    steps_left: &mut u64,
) -> Suffixes {
    let mut subsets = Subsets { nfa, alphabet, steps_left, cut: false };
    let mut found: Vec<Suffix> = Vec::new();
    for origin in [Origin::Search, Origin::FirstCharacter, Origin::Ambiguity, Origin::LastLoop] {
        let set = subsets.after(suspect, origin);
        let suffix = set.and_then(|set| subsets.rejecting(set));
        if let Some(word) = suffix
            && !found.iter().any(|known| known.word == word)
        {
            found.push(Suffix { word, fails_search: origin == Origin::Search });
        }
    }
    Suffixes { found, cut: subsets.cut }
}

/// Where the ways begin that must all fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// At any character: the whole search fails.
    Search,
    /// At the first character.
    FirstCharacter,
    /// At the loop of the first pump.
    Ambiguity,
    /// At the loop of the last pump.
    LastLoop,
}

/// States that a match may be in, and the sort of symbol just read.
type Subset = (Vec<usize>, Sort);

struct Subsets<'a> {
    nfa: &'a Nfa,
    alphabet: &'a Alphabet,
    /// One is taken for each transition looked at.
    steps_left: &'a mut u64,
    /// Whether something was left out.
    cut: bool,
}

impl Subsets<'_> {
    /// The states after the pumps, or nothing if a match was found by then.
    fn after(&mut self, suspect: &Suspect, origin: Origin) -> Option<Subset> {
        let mut set: Subset = (vec![SEARCH], Sort::Edge);
        let mut begun = matches!(origin, Origin::Search | Origin::FirstCharacter);
        let mut before = None;
        let count = suspect.stretches.len();
        for (index, stretch) in suspect.stretches.iter().enumerate() {
            for symbol in &stretch.prefix {
                before = Some(*symbol);
                if begun {
                    set = self.step(&set, *symbol, origin)?;
                }
            }
            let last = index + 1 == count;
            if !begun && (origin == Origin::Ambiguity && suspect.from != SEARCH || last) {
                begun = true;
                let state = if origin == Origin::LastLoop || suspect.from == SEARCH {
                    suspect.to
                } else {
                    suspect.from
                };
                let sort = before.or(stretch.pump.last().copied());
                let sort = sort.map_or(Sort::Edge, |s| self.alphabet.sorts[usize::from(s)]);
                set = (vec![state], sort);
            }
            for symbol in stretch.pump.iter().cycle().take(PUMPS * stretch.pump.len()) {
                before = Some(*symbol);
                if begun {
                    set = self.step(&set, *symbol, origin)?;
                }
            }
        }
        Some(set)
    }

    /// The shortest word after which nothing has matched.
    fn rejecting(&mut self, start: Subset) -> Option<Vec<Symbol>> {
        let order = self.alphabet.by_strangeness();
        let mut seen = HashSet::from([start.clone()]);
        let mut queue = VecDeque::from([(start, Vec::new())]);
        while let Some((set, word)) = queue.pop_front() {
            // Before a newline at the end, `$` may match.
            let open_end = set.1 == Sort::Newline;
            if !open_end && !self.accepts(&set, Sort::Edge) {
                return Some(word);
            }
            if word.len() == LENGTH_LIMIT {
                self.cut = true;
                continue;
            }
            for &symbol in &order {
                let Some(next) = self.step(&set, symbol, Origin::Search) else { continue };
                if seen.len() >= SET_LIMIT {
                    self.cut |= !seen.contains(&next);
                } else if seen.insert(next.clone()) {
                    let longer = word.iter().copied().chain([symbol]).collect();
                    queue.push_back((next, longer));
                }
            }
        }
        None
    }

    /// The states after one more symbol, or nothing if a match ended before it
    /// or no steps are left.
    fn step(
        &mut self,
        (states, before): &Subset,
        symbol: Symbol,
        origin: Origin,
    ) -> Option<Subset> {
        let transitions: usize = states.iter().map(|s| self.nfa.states[*s].transitions.len()).sum();
        *self.steps_left = self.steps_left.checked_sub(transitions as u64 + 1)?;
        let after = self.alphabet.sorts[usize::from(symbol)];
        if self.accepts(&(states.clone(), *before), after) {
            return None;
        }
        let mut next: Vec<usize> = states
            .iter()
            .flat_map(|state| &self.nfa.states[*state].transitions)
            .filter(|m| m.allows(*before, after))
            .filter(|m| m.to != SEARCH || origin == Origin::Search)
            .filter(|m| self.nfa.states[m.to].reads.contains(symbol))
            .map(|m| m.to)
            .collect();
        next.sort_unstable();
        next.dedup();
        Some((next, after))
    }

    fn accepts(&self, (states, before): &Subset, after: Sort) -> bool {
        states.iter().any(|state| self.nfa.states[*state].accepts(*before, after))
    }
}

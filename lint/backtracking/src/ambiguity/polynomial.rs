//! Polynomial ambiguity (IDA): words that loop in two places and lead from one to
//! the other.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::iter::successors;

use super::examination::{Examination, LOOP_SAMPLE};
use super::fuel::{Fuel, Fueled};
use super::palette::Palette;
use super::paths::{primitive, shortest};
use super::suspect::{Stretch, Suspect};
use crate::alphabet::{Sort, Symbol};
use crate::complexity::Complexity;
use crate::nfa::SEARCH;

/// At most this many pairs are looked for.
const PAIR_LIMIT: usize = 300;

/// At most this many chains of pairs are looked at.
const CHAIN_LIMIT: usize = 6;

/// A word that makes `from` and `to` a pair (IDA).
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) word: Vec<Symbol>,
}

impl Examination<'_> {
    /// All pairs of loops such that one word goes round in each and leads from the
    /// first to the second.
    pub(crate) fn pairs(&self, palette: &Palette, fuel: &mut Fuel) -> Fueled<Vec<Pair>> {
        let mut pairs = Vec::new();
        let looping: Vec<usize> = (0..self.components.members.len())
            .rev()
            .filter(|component| self.components.loops[*component])
            .collect();
        for &from in &looping {
            for &to in &looping {
                fuel.burn(1)?;
                if from != to
                    && pairs.len() < PAIR_LIMIT
                    && self.components.reaches[from].contains(to)
                    && let Some(pair) = self.pair(from, to, palette, fuel)?
                {
                    pairs.push(pair);
                }
            }
        }
        Ok(pairs)
    }

    /// Chains of pairs, each as one suspect: for each pair the longest chain that
    /// ends with it, the longest of all first.
    pub(crate) fn chains(&self, pairs: &[Pair], fuel: &mut Fuel) -> Fueled<Vec<Suspect>> {
        let chains = self.longest_chains(pairs);
        let suspects = chains.iter().map(|chain| self.suspect(chain, fuel));
        suspects.filter_map(Fueled::transpose).collect()
    }

    /// One pair by itself.
    pub(crate) fn single(&self, pair: &Pair, fuel: &mut Fuel) -> Fueled<Option<Suspect>> {
        self.suspect(&[pair], fuel)
    }

    fn longest_chains<'p>(&self, pairs: &'p [Pair]) -> Vec<Vec<&'p Pair>> {
        let component = |state: usize| self.components.of[state];
        // Later components have lower numbers, so this order sees a chain's start first.
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&i| Reverse((component(pairs[i].from), component(pairs[i].to))));
        // The length of the longest chain that ends with a pair, and the pair
        // before it there.
        let mut best: HashMap<usize, (usize, Option<usize>)> = HashMap::new();
        for &i in &order {
            let before = order
                .iter()
                .filter(|&&j| {
                    best.contains_key(&j) && component(pairs[j].to) != component(pairs[i].to)
                })
                .filter(|&&j| {
                    self.components.reaches[component(pairs[j].to)]
                        .contains(component(pairs[i].from))
                })
                .max_by_key(|&&j| (best[&j].0, pairs[j].word == pairs[i].word));
            let length = before.map_or(0, |j| best[j].0) + 1;
            best.insert(i, (length, before.copied()));
        }
        order.sort_by_key(|i| Reverse(best[i].0));
        order.truncate(CHAIN_LIMIT);
        let chain = |end: usize| {
            let mut chain: Vec<&Pair> =
                successors(Some(end), |i| best[i].1).map(|i| &pairs[i]).collect();
            chain.reverse();
            chain
        };
        order.into_iter().map(chain).collect()
    }

    fn suspect(&self, chain: &[&Pair], fuel: &mut Fuel) -> Fueled<Option<Suspect>> {
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return Ok(None) };
        let Some(prefix) = self.path_from_start(first.from, fuel)? else { return Ok(None) };
        let mut stretches = vec![Stretch::new(prefix, first.word.clone())];
        for (before, pair) in chain.iter().zip(&chain[1..]) {
            let Some(prefix) = self.path(before.to, self.sort_of(&before.word), pair.from, fuel)?
            else {
                return Ok(None);
            };
            if !prefix.is_empty() || before.word != pair.word {
                stretches.push(Stretch::new(prefix, pair.word.clone()));
            }
        }
        let mut looping: Vec<usize> = Vec::new();
        for pair in chain {
            for state in [pair.from, pair.to] {
                looping.extend(&self.components.members[self.components.of[state]]);
            }
        }
        looping.sort_unstable();
        looping.dedup();
        looping.retain(|state| *state != SEARCH);
        let degree = chain.len() as u32 + 1;
        let (from, to) = (first.from, last.to);
        Ok(Some(Suspect {
            complexity: Complexity::Polynomial { degree },
            stretches,
            from,
            to,
            looping,
        }))
    }

    /// The shortest word that makes a pair of two components.
    fn pair(
        &self,
        from: usize,
        to: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Pair>> {
        let reads = &self.components.reads;
        if palette.pick(&reads[from].and(&reads[to])).is_none() {
            return Ok(None);
        }
        let mut best: Option<Pair> = None;
        for &p in self.components.members[from].iter().take(LOOP_SAMPLE) {
            for &q in self.components.members[to].iter().take(LOOP_SAMPLE) {
                if let Some(word) = self.pair_word(p, q, palette, fuel)?
                    && best.as_ref().is_none_or(|best| word.len() < best.word.len())
                {
                    let word = primitive(word);
                    best = Some(Pair { from: p, to: q, word });
                }
            }
            if best.as_ref().is_some_and(|best| best.word.len() == 1) {
                break;
            }
        }
        Ok(best)
    }

    /// A word that loops at `p`, loops at `q` and leads from `p` to `q`: a path
    /// from (p, p, q) to (p, q, q) in the cube of the automaton.
    fn pair_word(
        &self,
        p: usize,
        q: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        let (p_component, q_component) = (self.components.of[p], self.components.of[q]);
        for &sort in self.sorts_for(palette) {
            let possible = self.of_sort(sort);
            let reads = |state: usize| self.nfa.states[state].reads.and(&possible);
            if palette.pick(&reads(p).and(&reads(q))).is_none() {
                continue;
            }
            let start = (p, p, q, sort);
            let goal = |key: &(usize, usize, usize, Sort)| *key == (p, q, q, sort);
            let path = shortest(start, goal, fuel, |&(x, y, z, before), last, visit| {
                for a in self.transitions_within(p_component, x) {
                    for c in self.transitions_within(q_component, z) {
                        let outer = self.nfa.states[a.to].reads.and(&self.nfa.states[c.to].reads);
                        if outer.and(&palette.allowed).first().is_none() {
                            continue;
                        }
                        for b in &self.nfa.states[y].transitions {
                            if !self.components.reaches[self.components.of[b.to]]
                                .contains(q_component)
                            {
                                continue;
                            }
                            let all = outer.and(&self.nfa.states[b.to].reads);
                            self.each_sort(
                                palette,
                                last,
                                &all,
                                before,
                                &[a, b, c],
                                |after, symbol| {
                                    visit((a.to, b.to, c.to, after), symbol);
                                },
                            );
                        }
                    }
                }
            })?;
            if path.is_some() {
                return Ok(path);
            }
        }
        Ok(None)
    }
}

//! Exponential ambiguity (EDA): words on which a state returns to itself in two
//! ways.

use super::examination::{Examination, LOOP_SAMPLE};
use super::fuel::{Fuel, Fueled};
use super::palette::Palette;
use super::paths::{primitive, shortest};
use super::suspect::{Stretch, Suspect};
use crate::alphabet::{Sort, Symbol};
use crate::complexity::Complexity;
use crate::nfa::{SEARCH, Transition};

/// Where there are assertions, so many states without two cycles say nothing about
/// the next.
const ASSERTING_MISSES: usize = 2;

impl Examination<'_> {
    /// The loops that can be gone through in two ways.
    pub(crate) fn exponential(&self, palette: &Palette, fuel: &mut Fuel) -> Fueled<Vec<Suspect>> {
        let mut suspects = Vec::new();
        for component in (0..self.components.members.len()).rev() {
            if !self.components.loops[component] || self.components.of[SEARCH] == component {
                continue;
            }
            for (state, pump) in self.double_cycles(component, palette, fuel)? {
                if let Some(prefix) = self.path_from_start(state, fuel)? {
                    suspects.push(Suspect {
                        complexity: Complexity::Exponential,
                        stretches: vec![Stretch::new(prefix, pump)],
                        from: state,
                        to: state,
                        looping: self.components.members[component].clone(),
                    });
                }
            }
        }
        Ok(suspects)
    }

    /// States of the component that return to themselves by two paths on one word,
    /// with the word.
    fn double_cycles(
        &self,
        component: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Vec<(usize, Vec<Symbol>)>> {
        let mut found = Vec::new();
        let inside = |m: &&Transition| self.components.of[m.to] == component;
        for &state in &self.components.members[component] {
            for double in
                self.nfa.states[state].transitions.iter().filter(|m| m.many).filter(inside)
            {
                let Some(symbol) = self.symbol_of(state, double, palette) else { continue };
                let sort = self.alphabet.sorts[usize::from(symbol)];
                let back = self.path_within(component, double.to, sort, state, fuel)?;
                if let Some(back) = back {
                    let mut word = vec![symbol];
                    word.extend(back);
                    found.push((state, word));
                    break;
                }
            }
            if found.len() >= 2 {
                return Ok(found);
            }
        }
        // If one state has two cycles, all of its component have: one tells for all,
        // the others may have a shorter word. Assertions make exceptions.
        let mut misses = 0;
        for &state in self.components.members[component].iter().take(LOOP_SAMPLE) {
            match self.double_cycle_at(component, state, palette, fuel)? {
                Some(word) => found.push((state, primitive(word))),
                None if self.nfa.asserts && misses < ASSERTING_MISSES => misses += 1,
                None => break,
            }
        }
        found.sort_by_key(|(_, word)| word.len());
        found.truncate(3);
        Ok(found)
    }

    /// A symbol that the transition reads after `state` has read something.
    fn symbol_of(&self, state: usize, m: &Transition, palette: &Palette) -> Option<Symbol> {
        let reads = &self.nfa.states[m.to].reads;
        let before = &self.nfa.states[state].reads;
        self.sorts().iter().find_map(|after| {
            let possible =
                |b: &Sort| m.allows(*b, *after) && before.and(&self.of_sort(*b)).first().is_some();
            let symbol = palette.pick(&reads.and(&self.of_sort(*after)));
            symbol.filter(|_| self.sorts().iter().any(possible))
        })
    }

    /// The shortest word on which `state` returns to itself in two ways: a path
    /// through the component's square that begins and ends at (state, state) and has
    /// left the diagonal in between.
    fn double_cycle_at(
        &self,
        component: usize,
        state: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        for &sort in self.sorts_for(palette) {
            if self.nfa.states[state].reads.and(&self.of_sort(sort)).first().is_none() {
                continue;
            }
            // The flag says whether the two paths have parted.
            let start = (state, state, sort, false);
            let goal = |key: &(usize, usize, Sort, bool)| *key == (state, state, sort, true);
            let path = shortest(start, goal, fuel, |&(p, q, before, parted), last, visit| {
                for a in self.transitions_within(component, p) {
                    let reads = &self.nfa.states[a.to].reads;
                    for b in self.transitions_within(component, q) {
                        if !parted && p == q && b.to < a.to {
                            continue;
                        }
                        let both = reads.and(&self.nfa.states[b.to].reads);
                        let apart = parted || a.to != b.to || p == q && a.many;
                        self.each_sort(palette, last, &both, before, &[a, b], |after, symbol| {
                            visit((a.to, b.to, after, apart), symbol);
                        });
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

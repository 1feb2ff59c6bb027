//! The subset construction, a set at a time.

use std::{collections::HashMap, rc::Rc};

use crate::{
    alphabet::{Alphabet, ClassId, EDGE, Kind, Symbol, Symbols},
    budget::{OutOfBudget, Steps},
    places::{AFTER_MATCH, Automaton, Place, START},
};

/// A deterministic state: the places to go on from, and what was read last.
type Set = (Box<[Place]>, Kind);

/// The index of a [`Set`].
pub(super) type SetId = usize;

/// The set in which a search has found its pattern.
pub(super) const FOUND: SetId = 0;

/// A set that some symbols lead to.
pub(super) type Successor = (SetId, Symbols);

/// An automaton made deterministic where a question leads.
pub(super) struct LazySubsets<'a> {
    automaton: &'a Automaton,
    alphabet: &'a Alphabet,
    sets: Vec<Rc<Set>>,
    ids: HashMap<Rc<Set>, SetId>,
    next: Vec<Option<Rc<[Successor]>>>,
}

impl<'a> LazySubsets<'a> {
    pub(super) fn new(automaton: &'a Automaton, alphabet: &'a Alphabet) -> Self {
        let mut subsets =
            Self { automaton, alphabet, sets: Vec::new(), ids: HashMap::new(), next: Vec::new() };
        subsets.intern((Box::new([AFTER_MATCH]), EDGE));
        subsets
    }

    pub(super) fn start(&mut self) -> SetId {
        self.intern((Box::new([START]), EDGE))
    }

    /// Whether a text that ends here is taken.
    pub(super) fn accepts(&self, set: SetId) -> bool {
        set == FOUND || self.is_match(set, EDGE)
    }

    /// Whether whatever leads on from `one` leads on from `other`, too.
    pub(super) fn is_within(&self, one: SetId, other: SetId) -> bool {
        let ((one, one_last), (other, other_last)) = (&*self.sets[one], &*self.sets[other]);
        one_last == other_last
            && one.len() <= other.len()
            && one.iter().all(|state| other.binary_search(state).is_ok())
    }

    /// The sets after one more symbol of a line, those first that lower symbols lead
    /// to. What it costs is taken from the steps.
    pub(super) fn successors(
        &mut self,
        set: SetId,
        steps: &mut Steps,
    ) -> Result<Rc<[Successor]>, OutOfBudget> {
        if let Some(known) = &self.next[set] {
            return Ok(Rc::clone(known));
        }
        let mut leads: Vec<(SetId, Vec<Symbol>)> = Vec::new();
        for kind in self.alphabet.kinds_for(self.automaton.looks) {
            self.leads(set, kind, &mut leads, steps)?;
        }
        leads.sort_by_key(|(_, symbols)| symbols[0]);
        let all = self.alphabet.characters.len();
        let successors: Rc<[Successor]> =
            leads.into_iter().map(|(to, symbols)| (to, Symbols::of(&symbols, all))).collect();
        self.next[set] = Some(Rc::clone(&successors));
        Ok(successors)
    }

    /// Where the symbols of one kind lead. Symbols that all classes at hand treat alike
    /// lead to the same set.
    fn leads(
        &mut self,
        set: SetId,
        kind: Kind,
        leads: &mut Vec<(SetId, Vec<Symbol>)>,
        steps: &mut Steps,
    ) -> Result<(), OutOfBudget> {
        let of_kind = &self.alphabet.kinds[kind].1;
        let symbols = (0..self.alphabet.characters.len()).filter(|s| of_kind.contains(*s));
        let (places, before) = &*Rc::clone(&self.sets[set]);
        steps.take_many(places.len())?;
        if set == FOUND || self.automaton.is_search() && self.is_match(set, kind) {
            add(leads, FOUND, symbols);
            return Ok(());
        }
        let reads = places.iter().flat_map(|place| self.automaton.reads(*place, *before, kind));
        let reads: Vec<(ClassId, Place)> = reads.map(|read| (read.class(), read.to)).collect();
        let mut classes: Vec<ClassId> = reads.iter().map(|(class, _)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        let mut alike: HashMap<Vec<u64>, SetId> = HashMap::new();
        for symbol in symbols {
            steps.take_many(classes.len() / 16)?;
            let mut within = vec![0_u64; classes.len().div_ceil(64)];
            for (bit, class) in classes.iter().enumerate() {
                let member = self.alphabet.members[*class].contains(symbol);
                within[bit / 64] |= u64::from(member) << (bit % 64);
            }
            let next = match alike.get(&within) {
                Some(next) => *next,
                None => {
                    steps.take_many(reads.len())?;
                    let members = &self.alphabet.members;
                    let taken = reads.iter().filter(|(class, _)| members[*class].contains(symbol));
                    let mut places: Vec<Place> = taken.map(|(_, to)| *to).collect();
                    places.sort_unstable();
                    places.dedup();
                    let next = self.intern((places.into(), kind));
                    alike.insert(within, next);
                    next
                }
            };
            add(leads, next, [symbol].into_iter());
        }
        Ok(())
    }

    fn intern(&mut self, set: Set) -> SetId {
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        let set = Rc::new(set);
        self.sets.push(Rc::clone(&set));
        self.next.push(None);
        self.ids.insert(set, self.sets.len() - 1);
        self.sets.len() - 1
    }

    /// Whether a match may end here, given what comes next.
    fn is_match(&self, set: SetId, after: Kind) -> bool {
        let (places, before) = &*self.sets[set];
        places.iter().any(|place| self.automaton.accepts(*place, *before, after))
    }
}

/// Notes that more symbols lead to a set.
fn add(leads: &mut Vec<(SetId, Vec<Symbol>)>, to: SetId, symbols: impl Iterator<Item = Symbol>) {
    match leads.iter_mut().find(|(known, _)| *known == to) {
        Some((_, known)) => known.extend(symbols),
        None => {
            let symbols: Vec<_> = symbols.collect();
            if !symbols.is_empty() {
                leads.push((to, symbols));
            }
        }
    }
}

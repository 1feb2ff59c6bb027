//! The strongly connected components of an automaton, and what leads where.

use crate::alphabet::Symbols;
use crate::nfa::{Nfa, SEARCH};

/// A set of components.
pub(super) struct ComponentSet(Vec<u64>);

impl ComponentSet {
    fn insert(&mut self, component: usize) {
        self.0[component / 64] |= 1 << (component % 64);
    }

    pub(super) fn contains(&self, component: usize) -> bool {
        self.0[component / 64] & 1 << (component % 64) != 0
    }

    fn add_all(&mut self, other: &ComponentSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }
}

/// The strongly connected components of the automaton.
pub(super) struct Components {
    /// The component of each state.
    pub(super) of: Vec<usize>,
    /// The states of each component. Components are in reverse topological order:
    /// what one leads to comes before it.
    pub(super) members: Vec<Vec<usize>>,
    /// Whether each component has a loop.
    pub(super) loops: Vec<bool>,
    /// For each component the components that it leads to, itself included.
    pub(super) reaches: Vec<ComponentSet>,
    /// For each component all that its states read.
    pub(super) reads: Vec<Symbols>,
}

impl Components {
    /// Tarjan's algorithm, without recursion.
    pub(super) fn of(nfa: &Nfa) -> Components {
        let count = nfa.states.len();
        let mut of = vec![usize::MAX; count];
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut index = vec![usize::MAX; count];
        let mut low = vec![0; count];
        let mut stack = Vec::new();
        let mut next_index = 0;
        let mut work = vec![(SEARCH, 0)];
        while let Some((state, tried)) = work.pop() {
            if tried == 0 {
                index[state] = next_index;
                low[state] = next_index;
                next_index += 1;
                stack.push(state);
            }
            if let Some(m) = nfa.states[state].transitions.get(tried) {
                work.push((state, tried + 1));
                if index[m.to] == usize::MAX {
                    work.push((m.to, 0));
                } else if of[m.to] == usize::MAX {
                    low[state] = low[state].min(index[m.to]);
                }
                continue;
            }
            if low[state] == index[state] {
                let mut component = Vec::new();
                while let Some(member) = stack.pop() {
                    of[member] = members.len();
                    component.push(member);
                    if member == state {
                        break;
                    }
                }
                component.reverse();
                members.push(component);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[state]);
            }
        }
        Components::with(nfa, of, members)
    }

    fn with(nfa: &Nfa, mut of: Vec<usize>, mut members: Vec<Vec<usize>>) -> Components {
        // A state that nothing leads to is a component of its own.
        for (state, component) in of.iter_mut().enumerate() {
            if *component == usize::MAX {
                *component = members.len();
                members.push(vec![state]);
            }
        }
        let mut reaches: Vec<ComponentSet> = Vec::new();
        let mut loops = Vec::new();
        for (component, states) in members.iter().enumerate() {
            let mut reached = ComponentSet(vec![0; members.len().div_ceil(64)]);
            reached.insert(component);
            let mut looping = false;
            for m in states.iter().flat_map(|state| &nfa.states[*state].transitions) {
                let target = of[m.to];
                looping |= target == component;
                if target != component
                    && let Some(further) = reaches.get(target)
                {
                    reached.add_all(further);
                }
            }
            reaches.push(reached);
            loops.push(looping);
        }
        let reads = members.iter().map(|states| {
            let reads = states.iter().map(|state| nfa.states[*state].reads);
            reads.reduce(|a, b| a.or(&b)).unwrap_or_default()
        });
        Components { reads: reads.collect(), of, members, loops, reaches }
    }
}

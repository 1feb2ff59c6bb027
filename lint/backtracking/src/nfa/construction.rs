//! Builds the automaton of a pattern.

use std::{collections::HashMap, ops::Range};

use super::automaton::{Nfa, SEARCH, State, TooLarge, Transition};
use super::contexts::{ANY_CONTEXT, where_holds};
use super::epsilon::{Step, StepId, Walk};
use crate::alphabet::{Alphabet, Sort, Symbols};
use crate::syntax::{Assertion, Kind, Node};

/// The most states that an automaton may have.
const STATE_LIMIT: usize = 1_500;
/// The most steps on empty paths, from all states together.
const PATH_LIMIT: usize = 150_000;
/// A counted repeat is written out up to this many states.
const UNROLL_LIMIT: usize = 256;
/// The same with [`Shape::all_turns`].
const ALL_TURNS_UNROLL_LIMIT: usize = 1_200;
/// The same when the automaton would be too large otherwise.
const COMPACT_UNROLL_LIMIT: usize = 16;
/// Of a repeat that is not written out, up to this many turns are: with a single
/// one the automaton would accept where the pattern wants more, and no text could be
/// seen to fail.
const FEWEST_COPIES: u32 = 2;

/// Look-around of up to this many states is read as text.
const LOOK_LIMIT: usize = 16;

/// Which simplification of the pattern's repeats the automaton shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape {
    /// Repeats with a high bound are taken as if they had none: what is
    /// exponential up to the bound is harmful enough.
    pub(crate) unbounded: bool,
    /// This many levels of loops around loops turn once only: an ambiguity inside
    /// one turn does not show where every turn may end the match.
    pub(crate) single_turns: usize,
    /// What look-around asks for is read as text, where it is short: what is
    /// looked back at stands in front of the rest, and what is looked ahead at
    /// is how the rest begins.
    pub(crate) read_looks: bool,
    /// The turns that a repeat must take are written out, however many: what
    /// comes after them is reached by no shorter text.
    pub(crate) all_turns: bool,
    /// Counted repeats are written out only when they are short.
    pub(crate) compact: bool,
}

impl Nfa {
    /// The automaton of the pattern in that shape, compact if need be.
    pub(crate) fn new(root: &Node, alphabet: &Alphabet, shape: Shape) -> Result<Nfa, TooLarge> {
        Self::build(root, alphabet, shape)
            .or_else(|TooLarge| Self::build(root, alphabet, Shape { compact: true, ..shape }))
    }

    fn build(root: &Node, alphabet: &Alphabet, shape: Shape) -> Result<Nfa, TooLarge> {
        let mut groups = HashMap::new();
        collect_groups(root, &mut groups);
        let mut builder = Builder {
            alphabet,
            shape,
            open_loops: 0,
            groups,
            open_references: 0,
            steps: Vec::new(),
            reads: vec![(alphabet.all, 0..0)],
            loops: 0,
            bounded: HashMap::new(),
            folded: false,
        };
        let accept = builder.step(Step::Accept)?;
        let start = builder.node(root, accept)?;
        builder.finish(start)
    }
}

struct Builder<'a> {
    alphabet: &'a Alphabet,
    shape: Shape,
    /// Loops around loops that the step under construction stands in.
    open_loops: usize,
    groups: HashMap<u32, &'a Node>,
    open_references: usize,
    steps: Vec<Step>,
    /// For each state what it reads; the first is [`SEARCH`].
    reads: Vec<(Symbols, Range<usize>)>,
    loops: usize,
    bounded: HashMap<usize, u32>,
    folded: bool,
}

type Build<T> = Result<T, TooLarge>;

impl<'a> Builder<'a> {
    fn step(&mut self, step: Step) -> Build<StepId> {
        if self.steps.len() > 8 * STATE_LIMIT {
            return Err(TooLarge);
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    /// The step where `node` begins when `next` follows it.
    fn node(&mut self, node: &'a Node, next: StepId) -> Build<StepId> {
        match &node.kind {
            Kind::Empty => Ok(next),
            Kind::Set(class) => {
                let reads = self.alphabet.sets[self.alphabet.set_id(class)];
                let state = self.reads.len();
                if state >= STATE_LIMIT {
                    return Err(TooLarge);
                }
                self.reads.push((reads, node.span.clone()));
                self.step(Step::Read { state, next })
            }
            Kind::Concat(nodes) => {
                nodes.iter().rev().try_fold(next, |next, node| self.node(node, next))
            }
            Kind::Alternate(branches) => {
                let starts = branches.iter().map(|branch| self.node(branch, next));
                let starts = starts.collect::<Build<Vec<_>>>()?;
                self.step(Step::Fork(starts))
            }
            Kind::Repeat { node, min, max, .. } => self.repeat(node, *min, *max, next),
            Kind::Capture { node, .. } | Kind::Atomic(node) => self.node(node, next),
            Kind::Look { behind, negative: false, node }
                if self.shape.read_looks && is_readable(node, *behind) =>
            {
                self.node(node, next)
            }
            Kind::Look { behind: true, .. } => Ok(next),
            Kind::Look { negative, node, .. } => {
                let end = self.step(Step::Accept)?;
                let inside = self.node(node, end)?;
                let next = match leading_assertion(node).filter(|_| !negative) {
                    Some(assertion) => {
                        self.step(Step::Assert { contexts: where_holds(assertion), next })?
                    }
                    None => next,
                };
                self.step(Step::Fork(vec![inside, next]))
            }
            Kind::Backreference { group, .. } => self.reference(*group, next),
            Kind::Conditional { yes, no, .. } => {
                let (yes, no) = (self.node(yes, next)?, self.node(no, next)?);
                self.step(Step::Fork(vec![yes, no]))
            }
            Kind::Assert(assertion) => {
                self.step(Step::Assert { contexts: where_holds(*assertion), next })
            }
        }
    }

    /// A copy of the group, which reads all that the reference could.
    fn reference(&mut self, group: u32, next: StepId) -> Build<StepId> {
        let Some(node) = self.groups.get(&group).copied() else { return Ok(next) };
        if self.open_references >= 3 {
            return Ok(next);
        }
        self.open_references += 1;
        let start = self.node(node, next);
        self.open_references -= 1;
        let start = start?;
        self.step(Step::Fork(vec![start, next]))
    }

    fn repeat(
        &mut self,
        node: &'a Node,
        min: u32,
        max: Option<u32>,
        next: StepId,
    ) -> Build<StepId> {
        if self.open_loops < self.shape.single_turns
            && max.is_none_or(|max| max > 1)
            && node.has_loop()
        {
            self.open_loops += 1;
            let turn = self.node(node, next);
            self.open_loops -= 1;
            let turn = turn?;
            return if min > 0 { Ok(turn) } else { self.step(Step::Fork(vec![turn, next])) };
        }
        let size = node.size().max(1);
        let most = if self.shape.compact { COMPACT_UNROLL_LIMIT } else { UNROLL_LIMIT };
        let fits = |count: u32, most: usize| (count as usize).saturating_mul(size) <= most;
        let least = match self.shape {
            Shape { all_turns: true, compact: false, .. } => ALL_TURNS_UNROLL_LIMIT,
            _ => most,
        };
        let copies = if fits(min, least) { min } else { min.min(FEWEST_COPIES) };
        let Some(max) = max else {
            self.folded |= copies < min;
            return self.at_least(node, copies, None, next);
        };
        if max == 0 {
            return Ok(next);
        }
        let written_out = if min == max { fits(max, least) } else { fits(max, most) };
        let dropped = self.shape.unbounded && max >= 8 || !written_out;
        if dropped && max > 1 {
            self.folded |= copies < min;
            return self.at_least(node, copies, Some(max), next);
        }
        let mut start = next;
        for _ in min..max {
            let turn = self.node(node, start)?;
            start = self.step(Step::Fork(vec![turn, next]))?;
        }
        (0..min).try_fold(start, |next, _| self.node(node, next))
    }

    /// `min` copies, the last of which loops.
    fn at_least(
        &mut self,
        node: &'a Node,
        min: u32,
        bound: Option<u32>,
        next: StepId,
    ) -> Build<StepId> {
        let id = self.loops;
        self.loops += 1;
        let until = self.step(Step::Until { id, body: next, next })?;
        let first = self.reads.len();
        let body = self.node(node, until)?;
        if let Some(bound) = bound {
            self.bounded.extend((first..self.reads.len()).map(|state| (state, bound)));
        }
        self.steps[until] = Step::Until { id, body, next };
        let enter = self.step(Step::Enter { id, next: if min == 0 { until } else { body } })?;
        (1..min).try_fold(enter, |next, _| self.node(node, next))
    }

    fn sorts_in(&self, reads: &Symbols) -> Vec<Sort> {
        let holds =
            |sort: &Sort| reads.and(&self.alphabet.of_sort[*sort as usize]).first().is_some();
        Sort::ALL.into_iter().filter(holds).collect()
    }

    fn finish(self, start: StepId) -> Build<Nfa> {
        let mut after = vec![start; self.reads.len()];
        for step in &self.steps {
            if let Step::Read { state, next } = step {
                after[*state] = *next;
            }
        }
        let mut states = Vec::with_capacity(self.reads.len());
        let mut asserts = false;
        let mut left = PATH_LIMIT;
        let possible: Vec<_> = self.reads.iter().map(|(reads, _)| self.sorts_in(reads)).collect();
        for (index, (reads, span)) in self.reads.iter().enumerate() {
            let mut walk = Walk::new(&self.steps, left);
            walk.from(after[index], ANY_CONTEXT)?;
            left = walk.left;
            let before = match index {
                SEARCH => Sort::ALL.to_vec(),
                _ => possible[index].clone(),
            };
            walk.transitions.retain(|m| m.allows_any(&before, &possible[m.to]));
            if index == SEARCH {
                walk.transitions.push(Transition {
                    to: SEARCH,
                    contexts: ANY_CONTEXT,
                    many: false,
                });
            }
            asserts |= walk.transitions.iter().any(|m| m.contexts != ANY_CONTEXT);
            let (transitions, accepts) = (walk.transitions, walk.accepts);
            states.push(State { reads: *reads, span: span.clone(), transitions, accepts });
        }
        Ok(Nfa { states, asserts, bounded: self.bounded, folded: self.folded })
    }
}

/// What the node asserts before it reads anything: a look-ahead that begins with
/// an anchor anchors what follows it, too.
fn leading_assertion(node: &Node) -> Option<Assertion> {
    match &node.kind {
        Kind::Assert(assertion) => Some(*assertion),
        Kind::Concat(nodes) => leading_assertion(nodes.first()?),
        Kind::Capture { node, .. } | Kind::Atomic(node) => leading_assertion(node),
        _ => None,
    }
}

/// Whether what a look-around asks for can be read as text: what is looked back at
/// stands before the rest, whatever it is.
fn is_readable(node: &Node, behind: bool) -> bool {
    node.size() <= LOOK_LIMIT && (behind || !node.has_loop())
}

/// Whether [`Shape::read_looks`] makes a difference.
pub(crate) fn has_readable_looks(root: &Node) -> bool {
    root.any(&|node| match &node.kind {
        Kind::Look { behind, negative: false, node } => {
            is_readable(node, *behind) && node.size() > 0
        }
        _ => false,
    })
}

fn collect_groups<'a>(node: &'a Node, groups: &mut HashMap<u32, &'a Node>) {
    if let Kind::Capture { group, node } = &node.kind {
        groups.insert(*group, node);
    }
    for child in node.children() {
        collect_groups(child, groups);
    }
}

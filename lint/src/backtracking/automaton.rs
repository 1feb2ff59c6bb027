//! A pattern as a nondeterministic automaton without empty moves.
//!
//! A state is a place in the pattern that reads one symbol (Glushkov's
//! construction); a move knows whether more than one empty path leads along it,
//! and between which sorts of symbol its assertions allow it. Empty paths are
//! those that a backtracking matcher walks: a loop takes no further turn once a
//! turn took nothing.
//!
//! What no finite automaton can express is taken too widely: look-around may or
//! may not hold, a back-reference reads anything its group can, an atomic group
//! may give back. An attack found here is therefore only a suspicion, until the
//! matcher has run it.

use std::collections::HashMap;

use super::Span;
use super::alphabet::{Alphabet, Sort, Symbols};
use super::syntax::{Assertion, Kind, Node};

/// More states than this are not built.
const STATE_LIMIT: usize = 1_500;
/// Places passed on empty paths, from all states together.
const PATH_LIMIT: usize = 150_000;
/// Empty paths are not followed further than this.
const DEPTH_LIMIT: usize = 4_000;
/// A counted repeat is written out up to this many states.
const UNROLL_LIMIT: usize = 256;
/// The same when the automaton would be too large otherwise.
const COMPACT_UNROLL_LIMIT: usize = 16;
/// Of what is not written out so many turns are: with a single one the automaton
/// would accept where the pattern wants more, and no text could be seen to fail.
const FEWEST_COPIES: u32 = 2;

/// Look-around is short up to this many states.
const LOOK_LIMIT: usize = 16;

/// The state before a match: it reads anything, as a search skips ahead.
pub(super) const SEARCH: usize = 0;

/// Between which sorts of symbols a move may go: a bit for each pair.
pub(super) type Between = u16;

const ANYWHERE: Between = u16::MAX;

fn between(before: Sort, after: Sort) -> Between {
    1 << (4 * before as u16 + after as u16)
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) reads: Symbols,
    /// What it stands for in the pattern.
    pub(super) span: Span,
    /// Where it leads once it has read.
    pub(super) moves: Vec<Move>,
    /// Where a match may end right after it.
    pub(super) accepts: Between,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) to: usize,
    pub(super) between: Between,
    /// Whether more than one empty path leads here.
    pub(super) many: bool,
}

impl Move {
    pub(super) fn allows(&self, before: Sort, after: Sort) -> bool {
        self.between & between(before, after) != 0
    }
}

impl State {
    pub(super) fn accepts(&self, before: Sort, after: Sort) -> bool {
        self.accepts & between(before, after) != 0
    }
}

/// Which simplification of the pattern's repeats the automaton shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shape {
    /// Repeats with a high bound are taken as if they had none: what is
    /// exponential up to the bound is harmful enough.
    pub(super) unbounded: bool,
    /// So many levels of loops around loops turn once only. An ambiguity that
    /// one turn of a loop has in itself is not seen when each turn may accept.
    pub(super) single_turns: usize,
    /// What look-around asks for is read as text, where it is short: what is
    /// looked back at stands in front of the rest, and what is looked ahead at
    /// is how the rest begins.
    pub(super) read_looks: bool,
    /// Counted repeats are written out only when they are short.
    pub(super) compact: bool,
}

#[derive(Debug)]
pub(super) struct Automaton {
    pub(super) states: Vec<State>,
    /// Whether some move depends on the symbols around it.
    pub(super) asserts: bool,
    /// The states in a repeat whose bound was dropped, and that bound.
    pub(super) bounded: HashMap<usize, u32>,
}

/// The pattern needs a larger automaton than is ever built.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Automaton {
    /// The automaton of the pattern in that shape, compact if need be.
    pub(super) fn new(
        root: &Node,
        alphabet: &Alphabet,
        shape: Shape,
    ) -> Result<Automaton, TooLarge> {
        Self::build(root, alphabet, shape)
            .or_else(|TooLarge| Self::build(root, alphabet, Shape { compact: true, ..shape }))
    }

    fn build(root: &Node, alphabet: &Alphabet, shape: Shape) -> Result<Automaton, TooLarge> {
        let mut groups = HashMap::new();
        collect_groups(root, &mut groups);
        let mut builder = Builder {
            alphabet,
            shape,
            open_loops: 0,
            groups,
            open_references: 0,
            places: Vec::new(),
            reads: vec![(alphabet.all, 0..0)],
            loops: 0,
            bounded: HashMap::new(),
        };
        let accept = builder.place(Place::Accept)?;
        let start = builder.node(root, accept)?;
        builder.finish(start)
    }
}

type PlaceId = usize;

/// A place of Thompson's construction, before empty moves are taken out.
enum Place {
    Read { state: usize, next: PlaceId },
    Fork(Vec<PlaceId>),
    Assert { between: Between, next: PlaceId },
    Enter { id: usize, next: PlaceId },
    Until { id: usize, body: PlaceId, next: PlaceId },
    Accept,
}

struct Builder<'a> {
    alphabet: &'a Alphabet,
    shape: Shape,
    /// Loops around loops that the place under construction stands in.
    open_loops: usize,
    groups: HashMap<u32, &'a Node>,
    open_references: usize,
    places: Vec<Place>,
    /// For each state what it reads; the first is [`SEARCH`].
    reads: Vec<(Symbols, Span)>,
    loops: usize,
    bounded: HashMap<usize, u32>,
}

type Build<T> = Result<T, TooLarge>;

impl<'a> Builder<'a> {
    fn place(&mut self, place: Place) -> Build<PlaceId> {
        if self.places.len() > 8 * STATE_LIMIT {
            return Err(TooLarge);
        }
        self.places.push(place);
        Ok(self.places.len() - 1)
    }

    /// The place where `node` begins when `next` follows it.
    fn node(&mut self, node: &'a Node, next: PlaceId) -> Build<PlaceId> {
        match &node.kind {
            Kind::Empty => Ok(next),
            Kind::Set(class) => {
                let reads = self.alphabet.sets[self.alphabet.set_id(class)];
                let state = self.reads.len();
                if state >= STATE_LIMIT {
                    return Err(TooLarge);
                }
                self.reads.push((reads, node.span.clone()));
                self.place(Place::Read { state, next })
            }
            Kind::Concat(nodes) => {
                nodes.iter().rev().try_fold(next, |next, node| self.node(node, next))
            }
            Kind::Alternate(branches) => {
                let starts = branches.iter().map(|branch| self.node(branch, next));
                let starts = starts.collect::<Build<Vec<_>>>()?;
                self.place(Place::Fork(starts))
            }
            Kind::Repeat { node, min, max, .. } => self.repeat(node, *min, *max, next),
            Kind::Capture { node, .. } | Kind::Atomic(node) => self.node(node, next),
            Kind::Look { negative: false, node, .. } if self.shape.read_looks && is_small(node) => {
                self.node(node, next)
            }
            Kind::Look { behind: true, .. } => Ok(next),
            Kind::Look { negative, node, .. } => {
                let end = self.place(Place::Accept)?;
                let inside = self.node(node, end)?;
                let next = match leading_assertion(node).filter(|_| !negative) {
                    Some(assertion) => {
                        self.place(Place::Assert { between: allowed(assertion), next })?
                    }
                    None => next,
                };
                self.place(Place::Fork(vec![inside, next]))
            }
            Kind::Backreference { group, .. } => self.reference(*group, next),
            Kind::Conditional { yes, no, .. } => {
                let (yes, no) = (self.node(yes, next)?, self.node(no, next)?);
                self.place(Place::Fork(vec![yes, no]))
            }
            Kind::Assert(assertion) => {
                self.place(Place::Assert { between: allowed(*assertion), next })
            }
        }
    }

    /// A copy of the group, which reads all that the reference could.
    fn reference(&mut self, group: u32, next: PlaceId) -> Build<PlaceId> {
        let Some(node) = self.groups.get(&group).copied() else { return Ok(next) };
        if self.open_references >= 3 {
            return Ok(next);
        }
        self.open_references += 1;
        let start = self.node(node, next);
        self.open_references -= 1;
        let start = start?;
        self.place(Place::Fork(vec![start, next]))
    }

    fn repeat(
        &mut self,
        node: &'a Node,
        min: u32,
        max: Option<u32>,
        next: PlaceId,
    ) -> Build<PlaceId> {
        if self.open_loops < self.shape.single_turns && max.is_none_or(|max| max > 1) && loops(node)
        {
            self.open_loops += 1;
            let turn = self.node(node, next);
            self.open_loops -= 1;
            let turn = turn?;
            return if min > 0 { Ok(turn) } else { self.place(Place::Fork(vec![turn, next])) };
        }
        let size = states_of(node).max(1);
        let most = if self.shape.compact { COMPACT_UNROLL_LIMIT } else { UNROLL_LIMIT };
        let fits = |count: u32| (count as usize).saturating_mul(size) <= most;
        let Some(max) = max else {
            let copies = if fits(min) { min } else { min.min(FEWEST_COPIES) };
            return self.at_least(node, copies, None, next);
        };
        if max == 0 {
            return Ok(next);
        }
        let dropped = self.shape.unbounded && max >= 8 || !fits(max);
        if dropped && max > 1 {
            return self.at_least(node, min.min(FEWEST_COPIES), Some(max), next);
        }
        let mut start = next;
        for _ in min..max {
            let turn = self.node(node, start)?;
            start = self.place(Place::Fork(vec![turn, next]))?;
        }
        (0..min).try_fold(start, |next, _| self.node(node, next))
    }

    /// `min` copies, the last of which loops.
    fn at_least(
        &mut self,
        node: &'a Node,
        min: u32,
        bound: Option<u32>,
        next: PlaceId,
    ) -> Build<PlaceId> {
        let id = self.loops;
        self.loops += 1;
        let until = self.place(Place::Until { id, body: next, next })?;
        let first = self.reads.len();
        let body = self.node(node, until)?;
        if let Some(bound) = bound {
            self.bounded.extend((first..self.reads.len()).map(|state| (state, bound)));
        }
        self.places[until] = Place::Until { id, body, next };
        let enter = self.place(Place::Enter { id, next: if min == 0 { until } else { body } })?;
        (1..min).try_fold(enter, |next, _| self.node(node, next))
    }

    fn finish(self, start: PlaceId) -> Build<Automaton> {
        let mut after = vec![start; self.reads.len()];
        for place in &self.places {
            if let Place::Read { state, next } = place {
                after[*state] = *next;
            }
        }
        let mut states = Vec::with_capacity(self.reads.len());
        let mut asserts = false;
        let mut left = PATH_LIMIT;
        for (index, (reads, span)) in self.reads.iter().enumerate() {
            let mut walk = Walk::new(&self.places, left);
            walk.from(after[index], ANYWHERE)?;
            left = walk.left;
            if index == SEARCH {
                walk.moves.push(Move { to: SEARCH, between: ANYWHERE, many: false });
            }
            asserts |= walk.moves.iter().any(|m| m.between != ANYWHERE);
            let (moves, accepts) = (walk.moves, walk.accepts);
            states.push(State { reads: *reads, span: span.clone(), moves, accepts });
        }
        Ok(Automaton { states, asserts, bounded: self.bounded })
    }
}

/// The empty paths from one place.
struct Walk<'a> {
    places: &'a [Place],
    moves: Vec<Move>,
    by_state: HashMap<usize, usize>,
    accepts: Between,
    /// The loops that have begun a turn on the path under way.
    turned: Vec<usize>,
    /// How often a place was reached in the same circumstances.
    visits: HashMap<(PlaceId, Between, Vec<usize>), u8>,
    left: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn new(places: &'a [Place], left: usize) -> Self {
        Walk {
            places,
            moves: Vec::new(),
            by_state: HashMap::new(),
            accepts: 0,
            turned: Vec::new(),
            visits: HashMap::new(),
            left,
            depth: 0,
        }
    }

    fn from(&mut self, place: PlaceId, between: Between) -> Build<()> {
        self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
        if self.depth > DEPTH_LIMIT {
            return Err(TooLarge);
        }
        if between == 0 {
            return Ok(());
        }
        self.depth += 1;
        let end = self.on_from(place, between);
        self.depth -= 1;
        end
    }

    fn on_from(&mut self, place: PlaceId, between: Between) -> Build<()> {
        match &self.places[place] {
            Place::Read { state, .. } => self.arrive(*state, between),
            Place::Accept => self.accepts |= between,
            Place::Assert { between: allowed, next } => self.from(*next, between & allowed)?,
            Place::Fork(branches) => {
                if self.seen_twice(place, between) {
                    return Ok(());
                }
                for branch in branches {
                    self.from(*branch, between)?;
                }
            }
            Place::Enter { id, next } => {
                let outer = self.turned.clone();
                self.turned.retain(|turned| turned != id);
                self.from(*next, between)?;
                self.turned = outer;
            }
            Place::Until { id, body, next } => {
                if self.seen_twice(place, between) {
                    return Ok(());
                }
                if !self.turned.contains(id) {
                    self.turned.push(*id);
                    self.from(*body, between)?;
                    self.turned.pop();
                }
                self.from(*next, between)?;
            }
        }
        Ok(())
    }

    /// Two ways are as good as many, so a third visit tells nothing new.
    fn seen_twice(&mut self, place: PlaceId, between: Between) -> bool {
        let visits = self.visits.entry((place, between, self.turned.clone())).or_default();
        *visits += 1;
        *visits > 2
    }

    fn arrive(&mut self, state: usize, between: Between) {
        match self.by_state.get(&state) {
            Some(index) => {
                let known = &mut self.moves[*index];
                known.many |= known.between & between != 0;
                known.between |= between;
            }
            None => {
                self.by_state.insert(state, self.moves.len());
                self.moves.push(Move { to: state, between, many: false });
            }
        }
    }
}

/// Between which sorts an assertion holds. That a newline may be the last thing
/// in the text is left out of account.
fn allowed(assertion: Assertion) -> Between {
    let mut allowed = 0;
    for before in Sort::ALL {
        for after in Sort::ALL {
            let (word_before, word_after) = (before == Sort::Word, after == Sort::Word);
            let holds = match assertion {
                Assertion::TextStart => before == Sort::Edge,
                Assertion::LineStart => matches!(before, Sort::Edge | Sort::Newline),
                Assertion::TextEnd | Assertion::TextEndOrFinalNewline => after == Sort::Edge,
                Assertion::LineEnd => matches!(after, Sort::Edge | Sort::Newline),
                Assertion::WordBoundary => word_before != word_after,
                Assertion::NotWordBoundary => word_before == word_after,
                Assertion::WordStart => !word_before && word_after,
                Assertion::WordEnd => word_before && !word_after,
            };
            if holds {
                allowed |= between(before, after);
            }
        }
    }
    allowed
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

/// Whether the node holds a loop.
pub(super) fn loops(node: &Node) -> bool {
    node.any(&|node| matches!(&node.kind, Kind::Repeat { max: None, .. }))
}

/// Whether what a look-around asks for can be read as text.
fn is_small(node: &Node) -> bool {
    states_of(node) <= LOOK_LIMIT && !loops(node)
}

/// Whether [`Shape::read_looks`] makes a difference.
pub(super) fn has_readable_looks(root: &Node) -> bool {
    root.any(&|node| match &node.kind {
        Kind::Look { negative: false, node, .. } => is_small(node) && states_of(node) > 0,
        _ => false,
    })
}

/// How many states a node takes when its counted repeats are written out.
fn states_of(node: &Node) -> usize {
    match &node.kind {
        Kind::Set(_) => 1,
        Kind::Repeat { node, min, max, .. } => {
            let copies = max.unwrap_or((*min).max(1)) as usize;
            states_of(node).saturating_mul(copies)
        }
        _ => node.children().into_iter().map(states_of).fold(0, usize::saturating_add),
    }
}

fn collect_groups<'a>(node: &'a Node, groups: &mut HashMap<u32, &'a Node>) {
    if let Kind::Capture { group, node } = &node.kind {
        groups.insert(*group, node);
    }
    for child in node.children() {
        collect_groups(child, groups);
    }
}

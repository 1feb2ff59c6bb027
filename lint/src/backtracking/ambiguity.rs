//! Where an automaton can read the same text in several ways, and how many.
//!
//! The criteria are those of Weber and Seidl ("On the degree of ambiguity of
//! finite automata", 1991), as Weideman et al. ("Analyzing matching time
//! behavior of backtracking regular expression matchers by using ambiguity of
//! NFA", CIAA 2016) carry them over to backtracking:
//!
//! - *exponential* (EDA): some state returns to itself along two different
//!   paths that read the same word;
//! - *polynomial* (IDA): some word loops at a state `p`, loops at a state `q`,
//!   and leads from `p` to `q`. Each such pair adds one to the degree, and pairs
//!   add up along a path through the automaton.
//!
//! The state before the match is one of the states, so what an unanchored
//! search adds is found like any other pair.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::iter::successors;

use super::alphabet::{Alphabet, Sort, Symbol, Symbols};
use super::automaton::{Automaton, Move, SEARCH};

/// Work that may still be done, in states of products visited.
#[derive(Debug)]
pub(super) struct Fuel(pub(super) u64);

/// Out of [`Fuel`].
#[derive(Debug)]
pub(super) struct OutOfFuel;

impl Fuel {
    fn burn(&mut self, amount: u64) -> Result<(), OutOfFuel> {
        self.0 = self.0.checked_sub(amount).ok_or(OutOfFuel)?;
        Ok(())
    }
}

/// How the number of ways grows with the pumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    Exponential,
    /// The degree of the matching time: one more than that of the ambiguity.
    Polynomial(u32),
}

/// A word that goes in front of a pump, and the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) prefix: Vec<Symbol>,
    pub(super) pump: Vec<Symbol>,
}

impl Stretch {
    /// The stretch; what the prefix has of the pump at its end is left to the
    /// repeats.
    fn new(mut prefix: Vec<Symbol>, pump: Vec<Symbol>) -> Stretch {
        while prefix.ends_with(&pump) {
            prefix.truncate(prefix.len() - pump.len());
        }
        Stretch { prefix, pump }
    }
}

/// An ambiguity, with the text that shows it up to its suffix.
#[derive(Debug, Clone)]
pub(super) struct Suspect {
    pub(super) ways: Ways,
    pub(super) stretches: Vec<Stretch>,
    /// The state that the first pump loops at.
    pub(super) from: usize,
    /// The state that the last pump loops at.
    pub(super) to: usize,
    /// The states of the loops concerned.
    pub(super) hot: Vec<usize>,
}

/// Words of pairs are looked for from this many states of a loop.
const LOOP_SAMPLE: usize = 12;

/// So many pairs are looked for.
const PAIR_LIMIT: usize = 300;

/// So many chains of pairs are looked at.
const CHAIN_LIMIT: usize = 6;

/// A set of parts.
struct PartSet(Vec<u64>);

impl PartSet {
    fn insert(&mut self, part: usize) {
        self.0[part / 64] |= 1 << (part % 64);
    }

    fn contains(&self, part: usize) -> bool {
        self.0[part / 64] & 1 << (part % 64) != 0
    }

    fn add_all(&mut self, other: &PartSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }
}

/// The strongly connected parts of the automaton.
struct Parts {
    of: Vec<usize>,
    /// The states of each part that loops; parts are in reverse topological
    /// order of what leads where.
    members: Vec<Vec<usize>>,
    loops: Vec<bool>,
    /// For each part the parts that it leads to, itself included.
    reaches: Vec<PartSet>,
    /// For each part all that its states read.
    reads: Vec<Symbols>,
}

/// An automaton under examination.
pub(super) struct Examination<'a> {
    pub(super) automaton: &'a Automaton,
    alphabet: &'a Alphabet,
    parts: Parts,
}

/// Which symbols pumps are made of, the preferred ones first. A pump of one
/// symbol may be followed by nothing that fails where another may.
#[derive(Debug, Clone)]
pub(super) struct Palette {
    allowed: Symbols,
    order: Option<Vec<Symbol>>,
    /// Whether the same symbol again is preferred: the shortest pump has but one.
    repeats: bool,
}

impl Palette {
    /// All symbols, readable ones first.
    pub(super) fn readable(alphabet: &Alphabet, repeats: bool) -> Palette {
        Palette { allowed: alphabet.all, order: None, repeats }
    }

    /// All but those in `words`, those first that the fewest classes hold.
    pub(super) fn strange(alphabet: &Alphabet, words: &HashSet<Symbol>) -> Palette {
        let order = alphabet.by_strangeness().into_iter().filter(|s| !words.contains(s));
        let order: Vec<Symbol> = order.collect();
        let mut allowed = Symbols::default();
        order.iter().for_each(|symbol| allowed.insert(*symbol));
        Palette { allowed, order: Some(order), repeats: false }
    }

    /// A symbol of the set to follow `before`.
    fn pick_after(&self, before: Option<Symbol>, symbols: &Symbols) -> Option<Symbol> {
        let again =
            before.filter(|s| self.repeats && symbols.contains(*s) && self.allowed.contains(*s));
        again.or_else(|| self.pick(symbols))
    }

    fn pick(&self, symbols: &Symbols) -> Option<Symbol> {
        match &self.order {
            None => symbols.first(),
            Some(order) => order.iter().copied().find(|symbol| symbols.contains(*symbol)),
        }
    }
}

type Fueled<T> = Result<T, OutOfFuel>;

/// A word that makes `from` and `to` a pair (IDA).
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) word: Vec<Symbol>,
}

impl<'a> Examination<'a> {
    pub(super) fn new(automaton: &'a Automaton, alphabet: &'a Alphabet) -> Self {
        Examination { automaton, alphabet, parts: Parts::of(automaton) }
    }

    /// The loops that can be gone through in two ways.
    pub(super) fn exponential(&self, palette: &Palette, fuel: &mut Fuel) -> Fueled<Vec<Suspect>> {
        let mut suspects = Vec::new();
        for part in (0..self.parts.members.len()).rev() {
            if !self.parts.loops[part] || self.parts.of[SEARCH] == part {
                continue;
            }
            for (state, pump) in self.double_cycles(part, palette, fuel)? {
                if let Some(prefix) = self.path_from_start(state, fuel)? {
                    suspects.push(Suspect {
                        ways: Ways::Exponential,
                        stretches: vec![Stretch::new(prefix, pump)],
                        from: state,
                        to: state,
                        hot: self.parts.members[part].clone(),
                    });
                }
            }
        }
        Ok(suspects)
    }

    /// All pairs of loops that one word goes round in and leads between.
    pub(super) fn pairs(&self, palette: &Palette, fuel: &mut Fuel) -> Fueled<Vec<Pair>> {
        let mut pairs = Vec::new();
        let looping: Vec<usize> =
            (0..self.parts.members.len()).rev().filter(|part| self.parts.loops[*part]).collect();
        for &from in &looping {
            for &to in &looping {
                fuel.burn(1)?;
                if from != to
                    && pairs.len() < PAIR_LIMIT
                    && self.parts.reaches[from].contains(to)
                    && let Some(pair) = self.pair(from, to, palette, fuel)?
                {
                    pairs.push(pair);
                }
            }
        }
        Ok(pairs)
    }

    /// Chains of pairs, each as one suspect: for each place where one may end
    /// the longest, the longest of all first.
    pub(super) fn chains(&self, pairs: &[Pair], fuel: &mut Fuel) -> Fueled<Vec<Suspect>> {
        let chains = self.longest_chains(pairs);
        let suspects = chains.iter().map(|chain| self.suspect(chain, fuel));
        suspects.filter_map(Fueled::transpose).collect()
    }

    /// One pair by itself.
    pub(super) fn single(&self, pair: &Pair, fuel: &mut Fuel) -> Fueled<Option<Suspect>> {
        self.suspect(&[pair], fuel)
    }

    fn longest_chains<'p>(&self, pairs: &'p [Pair]) -> Vec<Vec<&'p Pair>> {
        let part = |state: usize| self.parts.of[state];
        // Later parts have lower numbers, so this order sees a chain's start first.
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&i| Reverse((part(pairs[i].from), part(pairs[i].to))));
        // The length of the longest chain that ends with a pair, and the pair
        // before it there.
        let mut best: HashMap<usize, (usize, Option<usize>)> = HashMap::new();
        for &i in &order {
            let before = order
                .iter()
                .filter(|&&j| best.contains_key(&j) && part(pairs[j].to) != part(pairs[i].to))
                .filter(|&&j| self.parts.reaches[part(pairs[j].to)].contains(part(pairs[i].from)))
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
        let mut hot: Vec<usize> = Vec::new();
        for pair in chain {
            for state in [pair.from, pair.to] {
                hot.extend(&self.parts.members[self.parts.of[state]]);
            }
        }
        hot.sort_unstable();
        hot.dedup();
        hot.retain(|state| *state != SEARCH);
        let degree = chain.len() as u32 + 1;
        let (from, to) = (first.from, last.to);
        Ok(Some(Suspect { ways: Ways::Polynomial(degree), stretches, from, to, hot }))
    }

    /// States of the part that return to themselves by two paths on one word,
    /// with the word.
    fn double_cycles(
        &self,
        part: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Vec<(usize, Vec<Symbol>)>> {
        let mut found = Vec::new();
        let inside = |m: &&Move| self.parts.of[m.to] == part;
        for &state in &self.parts.members[part] {
            for double in
                self.automaton.states[state].moves.iter().filter(|m| m.many).filter(inside)
            {
                let Some(symbol) = self.symbol_of(state, double, palette) else { continue };
                let sort = self.alphabet.sorts[usize::from(symbol)];
                let back = self.path_within(part, double.to, sort, state, fuel)?;
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
        // If one state has two cycles, all of its part have: one tells for all,
        // the others may have a shorter word.
        for &state in self.parts.members[part].iter().take(LOOP_SAMPLE) {
            match self.double_cycle_at(part, state, palette, fuel)? {
                Some(word) => found.push((state, primitive(word))),
                None => break,
            }
        }
        found.sort_by_key(|(_, word)| word.len());
        found.truncate(3);
        Ok(found)
    }

    /// A symbol that the move reads after `state` has read something.
    fn symbol_of(&self, state: usize, m: &Move, palette: &Palette) -> Option<Symbol> {
        let reads = &self.automaton.states[m.to].reads;
        let before = &self.automaton.states[state].reads;
        self.sorts().iter().find_map(|after| {
            let possible =
                |b: &Sort| m.allows(*b, *after) && before.and(&self.of_sort(*b)).first().is_some();
            let symbol = palette.pick(&reads.and(&self.of_sort(*after)));
            symbol.filter(|_| self.sorts().iter().any(possible))
        })
    }

    /// The shortest word on which `state` returns to itself in two ways: in the
    /// square of the part, from the diagonal, off it, and back to the same state.
    fn double_cycle_at(
        &self,
        part: usize,
        state: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        for &sort in self.sorts() {
            if self.automaton.states[state].reads.and(&self.of_sort(sort)).first().is_none() {
                continue;
            }
            // The flag says whether the two paths have parted.
            let start = (state, state, sort, false);
            let goal = |key: &(usize, usize, Sort, bool)| *key == (state, state, sort, true);
            let path = shortest(start, goal, fuel, |&(p, q, before, parted), last, visit| {
                for a in self.moves_within(part, p) {
                    let reads = &self.automaton.states[a.to].reads;
                    for b in self.moves_within(part, q) {
                        if !parted && p == q && b.to < a.to {
                            continue;
                        }
                        let both = reads.and(&self.automaton.states[b.to].reads);
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

    /// The shortest word that makes a pair of two parts.
    fn pair(
        &self,
        from: usize,
        to: usize,
        palette: &Palette,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Pair>> {
        let reads = &self.parts.reads;
        if palette.pick(&reads[from].and(&reads[to])).is_none() {
            return Ok(None);
        }
        let mut best: Option<Pair> = None;
        for &p in self.parts.members[from].iter().take(LOOP_SAMPLE) {
            for &q in self.parts.members[to].iter().take(LOOP_SAMPLE) {
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
        let (p_part, q_part) = (self.parts.of[p], self.parts.of[q]);
        for &sort in self.sorts() {
            let possible = self.of_sort(sort);
            let reads = |state: usize| self.automaton.states[state].reads.and(&possible);
            if palette.pick(&reads(p).and(&reads(q))).is_none() {
                continue;
            }
            let start = (p, p, q, sort);
            let goal = |key: &(usize, usize, usize, Sort)| *key == (p, q, q, sort);
            let path = shortest(start, goal, fuel, |&(x, y, z, before), last, visit| {
                for a in self.moves_within(p_part, x) {
                    for c in self.moves_within(q_part, z) {
                        let outer = self.automaton.states[a.to]
                            .reads
                            .and(&self.automaton.states[c.to].reads);
                        if outer.and(&palette.allowed).first().is_none() {
                            continue;
                        }
                        for b in &self.automaton.states[y].moves {
                            if !self.parts.reaches[self.parts.of[b.to]].contains(q_part) {
                                continue;
                            }
                            let all = outer.and(&self.automaton.states[b.to].reads);
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

    /// The shortest text after which a match may stand at `state`.
    fn path_from_start(&self, state: usize, fuel: &mut Fuel) -> Fueled<Option<Vec<Symbol>>> {
        if state == SEARCH {
            return Ok(Some(Vec::new()));
        }
        self.path(SEARCH, Sort::Edge, state, fuel)
    }

    fn path(
        &self,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        self.path_by(from, sort, to, fuel, |m| {
            self.parts.reaches[self.parts.of[m.to]].contains(self.parts.of[to])
        })
    }

    fn path_within(
        &self,
        part: usize,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        self.path_by(from, sort, to, fuel, |m| self.parts.of[m.to] == part)
    }

    fn path_by(
        &self,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
        may_go: impl Fn(&Move) -> bool,
    ) -> Fueled<Option<Vec<Symbol>>> {
        if from == to {
            return Ok(Some(Vec::new()));
        }
        let goal = |key: &(usize, Sort)| key.0 == to;
        shortest((from, sort), goal, fuel, |&(state, before), _, visit| {
            for m in self.automaton.states[state].moves.iter().filter(|m| may_go(m)) {
                let reads = &self.automaton.states[m.to].reads;
                for after in [Sort::Word, Sort::Other, Sort::Newline] {
                    let symbols = reads.and(&self.alphabet.of_sort[after as usize]);
                    if let Some(symbol) = symbols.first().filter(|_| m.allows(before, after)) {
                        visit((m.to, after), symbol);
                    }
                }
            }
        })
    }

    fn moves_within(&self, part: usize, state: usize) -> impl Iterator<Item = &Move> {
        let moves = self.automaton.states[state].moves.iter();
        moves.filter(move |m| self.parts.of[m.to] == part)
    }

    /// The sorts that need telling apart: one stands for all when nothing asks.
    fn sorts(&self) -> &'static [Sort] {
        if self.automaton.asserts {
            &[Sort::Word, Sort::Other, Sort::Newline]
        } else {
            &[Sort::Word]
        }
    }

    fn of_sort(&self, sort: Sort) -> Symbols {
        if self.automaton.asserts {
            self.alphabet.of_sort[sort as usize]
        } else {
            self.alphabet.all
        }
    }

    fn sort_of(&self, word: &[Symbol]) -> Sort {
        word.last().map_or(Sort::Edge, |symbol| self.alphabet.sorts[usize::from(*symbol)])
    }

    fn each_sort(
        &self,
        palette: &Palette,
        last: Option<Symbol>,
        symbols: &Symbols,
        before: Sort,
        moves: &[&Move],
        mut visit: impl FnMut(Sort, Symbol),
    ) {
        for &after in self.sorts() {
            if let Some(symbol) = palette.pick_after(last, &symbols.and(&self.of_sort(after)))
                && (!self.automaton.asserts || moves.iter().all(|m| m.allows(before, after)))
            {
                visit(after, symbol);
            }
        }
    }
}

/// The word along a shortest path, at least one step long.
fn shortest<Key: Copy + Eq + Hash>(
    start: Key,
    goal: impl Fn(&Key) -> bool,
    fuel: &mut Fuel,
    expand: impl Fn(&Key, Option<Symbol>, &mut dyn FnMut(Key, Symbol)),
) -> Fueled<Option<Vec<Symbol>>> {
    let mut came_from: HashMap<Key, (Key, Symbol)> = HashMap::new();
    let mut queue = VecDeque::from([(start, None)]);
    let mut end = None;
    while let Some((key, last)) = queue.pop_front() {
        let mut seen = 1;
        expand(&key, last, &mut |next, symbol| {
            seen += 1;
            if end.is_none() && !came_from.contains_key(&next) {
                came_from.insert(next, (key, symbol));
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
fn primitive(mut word: Vec<Symbol>) -> Vec<Symbol> {
    let period = (1..word.len()).find(|period| {
        word.len().is_multiple_of(*period)
            && word.iter().skip(*period).eq(word.iter().take(word.len() - period))
    });
    word.truncate(period.unwrap_or(word.len()));
    word
}

impl Parts {
    /// Tarjan's algorithm, without recursion.
    fn of(automaton: &Automaton) -> Parts {
        let count = automaton.states.len();
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
            if let Some(m) = automaton.states[state].moves.get(tried) {
                work.push((state, tried + 1));
                if index[m.to] == usize::MAX {
                    work.push((m.to, 0));
                } else if of[m.to] == usize::MAX {
                    low[state] = low[state].min(index[m.to]);
                }
                continue;
            }
            if low[state] == index[state] {
                let mut part = Vec::new();
                while let Some(member) = stack.pop() {
                    of[member] = members.len();
                    part.push(member);
                    if member == state {
                        break;
                    }
                }
                part.reverse();
                members.push(part);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[state]);
            }
        }
        Parts::with(automaton, of, members)
    }

    fn with(automaton: &Automaton, mut of: Vec<usize>, mut members: Vec<Vec<usize>>) -> Parts {
        // A state that nothing leads to is a part of its own.
        for (state, part) in of.iter_mut().enumerate() {
            if *part == usize::MAX {
                *part = members.len();
                members.push(vec![state]);
            }
        }
        let mut reaches: Vec<PartSet> = Vec::new();
        let mut loops = Vec::new();
        for (part, states) in members.iter().enumerate() {
            let mut reached = PartSet(vec![0; members.len().div_ceil(64)]);
            reached.insert(part);
            let mut looping = false;
            for m in states.iter().flat_map(|state| &automaton.states[*state].moves) {
                let target = of[m.to];
                looping |= target == part;
                if target != part
                    && let Some(further) = reaches.get(target)
                {
                    reached.add_all(further);
                }
            }
            reaches.push(reached);
            loops.push(looping);
        }
        let reads = members.iter().map(|states| {
            let reads = states.iter().map(|state| automaton.states[*state].reads);
            reads.reduce(|a, b| a.or(&b)).unwrap_or_default()
        });
        Parts { reads: reads.collect(), of, members, loops, reaches }
    }
}

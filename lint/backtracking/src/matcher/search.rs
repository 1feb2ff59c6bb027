//! A backtracking matcher that counts what it does.
//!
//! It searches as CPython's `re.search` does, start after start, and takes its
//! decisions in the same order, so that its count grows as CPython's time does.
//! CPython gives up where less is left than any match takes. That is left out
//! here: what follows a loop would hide how a short text's effort grows.

use super::program::{Address, Instruction, Program};
use crate::alphabet::{Alphabet, Sort, Symbol, Symbols};
use crate::syntax::{Assertion, Mode};

/// What a search cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Instructions, and characters that a [`Instruction::Run`] took.
    pub(crate) steps: u64,
    /// About the nanoseconds that CPython takes on a current machine.
    pub(crate) nanoseconds: u64,
    /// Whether the step limit cut the search short.
    pub(crate) cut: bool,
    pub(crate) matched: bool,
}

/// Nanoseconds of one instruction of CPython 3.11; its dispatch and, for most,
/// a frame on its own stack.
const INSTRUCTION_COST: u64 = 8;

/// Searches `text` for the program's pattern, at most `limit` steps long.
pub(crate) fn search(
    program: &Program,
    alphabet: &Alphabet,
    text: &[Symbol],
    limit: u64,
) -> Effort {
    let mut matcher = Matcher {
        program,
        alphabet,
        text,
        limit,
        steps: 0,
        nanoseconds: 0,
        frames: Vec::new(),
        counters: vec![Counter::default(); program.counters],
        slots: vec![None; program.slots],
    };
    let mut matched = false;
    let mut cut = false;
    for start in 0..=text.len() {
        match matcher.run(0, start) {
            Ok(None) => {}
            Ok(Some(_)) => matched = true,
            Err(Cut) => cut = true,
        }
        if matched || cut {
            break;
        }
    }
    Effort { steps: matcher.steps, nanoseconds: matcher.nanoseconds, cut, matched }
}

/// The step limit was reached.
struct Cut;

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    count: u32,
    /// Where the last turn began.
    last: Option<usize>,
}

/// What to go back to, or to undo on the way.
enum Frame {
    Choice {
        at: Address,
        position: usize,
    },
    /// One more turn of a lazy loop.
    Turn {
        until: Address,
        position: usize,
    },
    /// A greedy run that may give back down to `least`.
    Shrink {
        at: Address,
        least: usize,
        position: usize,
    },
    /// A lazy run that may take up to `left` more.
    Grow {
        at: Address,
        set: usize,
        position: usize,
        left: u32,
    },
    Counter {
        counter: usize,
        old: Counter,
    },
    Slot {
        slot: usize,
        old: Option<usize>,
    },
}

struct Matcher<'a> {
    program: &'a Program,
    alphabet: &'a Alphabet,
    text: &'a [Symbol],
    limit: u64,
    steps: u64,
    nanoseconds: u64,
    frames: Vec<Frame>,
    counters: Vec<Counter>,
    slots: Vec<Option<usize>>,
}

impl Matcher<'_> {
    /// Matches from an address to the end of the program or of the fence that
    /// it stands in; returns where the match ends.
    fn run(&mut self, mut at: Address, mut position: usize) -> Result<Option<usize>, Cut> {
        let base = self.frames.len();
        loop {
            self.steps += 1;
            self.nanoseconds += INSTRUCTION_COST;
            if self.steps > self.limit {
                return Err(Cut);
            }
            let program = self.program;
            let went_on = match &program.code[at] {
                Instruction::Match | Instruction::End => {
                    self.forget_choices(base);
                    return Ok(Some(position));
                }
                instruction => self.step(instruction, at, position)?,
            };
            let Some(next) = went_on.or_else(|| self.back_up(base)) else {
                return Ok(None);
            };
            (at, position) = next;
        }
    }

    /// One instruction: where to go on, or nothing when it fails.
    fn step(
        &mut self,
        instruction: &Instruction,
        at: Address,
        position: usize,
    ) -> Result<Option<(Address, usize)>, Cut> {
        let next = at + 1;
        Ok(match *instruction {
            Instruction::Read(set) => self.holds(set, position).then_some((next, position + 1)),
            Instruction::Assert(assertion) => {
                self.asserted(assertion, position).then_some((next, position))
            }
            Instruction::Try { otherwise } => {
                self.frames.push(Frame::Choice { at: otherwise, position });
                Some((next, position))
            }
            Instruction::Jump(target) => Some((target, position)),
            Instruction::Save(slot) => {
                let old = self.slots[slot].replace(position);
                self.frames.push(Frame::Slot { slot, old });
                Some((next, position))
            }
            Instruction::Run { set, min, max, mode } => {
                self.run_of(set, min, max, mode, next, position)
            }
            Instruction::Enter { counter } => {
                let old = std::mem::take(&mut self.counters[counter]);
                self.frames.push(Frame::Counter { counter, old });
                Some((next, position))
            }
            Instruction::Until { counter, body, min, max, lazy } => {
                self.until(counter, body, min, max, lazy, next, position)
            }
            Instruction::Atomic { next: after } => {
                self.run(next, position)?.map(|end| (after, end))
            }
            Instruction::Look { next: after, negative, behind } => {
                let found = match behind {
                    None => self.look(next, position, None, negative)?,
                    Some(width) => self.look_behind(next, position, width, negative)?,
                };
                (found != negative).then_some((after, position))
            }
            Instruction::Backreference { group, fold } => {
                self.backreference(group, fold, position).map(|end| (next, end))
            }
            Instruction::Unless { group, otherwise } => {
                let set = self.slots[2 * group + 1].is_some();
                Some((if set { next } else { otherwise }, position))
            }
            // Handled by `run`.
            Instruction::Match | Instruction::End => None,
        })
    }

    fn holds(&self, set: usize, position: usize) -> bool {
        self.text.get(position).is_some_and(|symbol| self.alphabet.sets[set].contains(*symbol))
    }

    fn run_of(
        &mut self,
        set: usize,
        min: u32,
        max: u32,
        mode: Mode,
        next: Address,
        position: usize,
    ) -> Option<(Address, usize)> {
        let most = if mode == Mode::Lazy { min } else { max };
        let symbols: Symbols = self.alphabet.sets[set];
        let rest = &self.text[position..];
        let rest = &rest[..rest.len().min(most as usize)];
        let taken = rest.iter().position(|s| !symbols.contains(*s)).unwrap_or(rest.len());
        self.steps += taken as u64;
        self.nanoseconds += taken as u64;
        if taken < min as usize {
            return None;
        }
        let (least, end) = (position + min as usize, position + taken);
        match mode {
            Mode::Greedy if end > least => {
                self.frames.push(Frame::Shrink { at: next, least, position: end - 1 });
            }
            Mode::Lazy if max > min => {
                self.frames.push(Frame::Grow { at: next, set, position: end, left: max - min });
            }
            _ => {}
        }
        Some((next, end))
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one instruction")]
    fn until(
        &mut self,
        counter: usize,
        body: Address,
        min: u32,
        max: u32,
        lazy: bool,
        next: Address,
        position: usize,
    ) -> Option<(Address, usize)> {
        self.nanoseconds += 3 * INSTRUCTION_COST;
        let old = self.counters[counter];
        let again = Counter { count: old.count.saturating_add(1), last: Some(position) };
        if old.count < min {
            self.frames.push(Frame::Counter { counter, old });
            self.counters[counter] = again;
            return Some((body, position));
        }
        let may_turn = old.count < max && old.last != Some(position);
        if !may_turn {
            return Some((next, position));
        }
        if lazy {
            self.frames.push(Frame::Turn { until: next - 1, position });
            return Some((next, position));
        }
        self.frames.push(Frame::Choice { at: next, position });
        self.frames.push(Frame::Counter { counter, old });
        self.counters[counter] = again;
        Some((body, position))
    }

    /// Takes the turn that a lazy loop had put off.
    fn late_turn(&mut self, until: Address, position: usize) -> Option<(Address, usize)> {
        let Instruction::Until { counter, body, .. } = self.program.code[until] else {
            return None;
        };
        let old = self.counters[counter];
        self.frames.push(Frame::Counter { counter, old });
        let count = old.count.saturating_add(1);
        self.counters[counter] = Counter { count, last: Some(position) };
        Some((body, position))
    }

    fn look(
        &mut self,
        body: Address,
        start: usize,
        end: Option<usize>,
        negative: bool,
    ) -> Result<bool, Cut> {
        let base = self.frames.len();
        let found = self.run(body, start)?.is_some_and(|at| end.is_none_or(|end| at == end));
        if negative || !found {
            self.undo(base);
        }
        Ok(found)
    }

    /// Engines with look-behind of any width walk backwards; trying each start
    /// finds the same, and only the first way that each start matches.
    fn look_behind(
        &mut self,
        body: Address,
        end: usize,
        (least, most): (u64, Option<u64>),
        negative: bool,
    ) -> Result<bool, Cut> {
        let most = most.unwrap_or(u64::MAX).min(end as u64);
        for width in least..=most {
            // At most `end`, which is a usize.
            if self.look(body, end - width as usize, Some(end), negative)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn backreference(&mut self, group: usize, fold: bool, position: usize) -> Option<usize> {
        let (Some(start), Some(end)) = (self.slots[2 * group], self.slots[2 * group + 1]) else {
            return self.program.unset_matches_empty.then_some(position);
        };
        let wanted = self.text.get(start..end)?;
        let found = self.text.get(position..position + wanted.len())?;
        let same = |a: Symbol, b: Symbol| {
            let folded = &self.alphabet.folded;
            a == b || fold && folded[usize::from(a)] == folded[usize::from(b)]
        };
        let equal = wanted.iter().zip(found).take_while(|(a, b)| same(**a, **b)).count();
        self.steps += equal as u64;
        self.nanoseconds += equal as u64;
        (equal == wanted.len()).then_some(position + equal)
    }

    fn sort_before(&self, position: usize) -> Sort {
        match position.checked_sub(1) {
            Some(before) => self.alphabet.sorts[usize::from(self.text[before])],
            None => Sort::Edge,
        }
    }

    fn sort_after(&self, position: usize) -> Sort {
        self.text.get(position).map_or(Sort::Edge, |s| self.alphabet.sorts[usize::from(*s)])
    }

    fn asserted(&self, assertion: Assertion, position: usize) -> bool {
        let (before, after) = (self.sort_before(position), self.sort_after(position));
        let (word_before, word_after) = (before == Sort::Word, after == Sort::Word);
        match assertion {
            Assertion::TextStart => before == Sort::Edge,
            Assertion::LineStart => matches!(before, Sort::Edge | Sort::Newline),
            Assertion::TextEnd => after == Sort::Edge,
            Assertion::TextEndOrFinalNewline => {
                after == Sort::Edge || after == Sort::Newline && position + 1 == self.text.len()
            }
            Assertion::LineEnd => matches!(after, Sort::Edge | Sort::Newline),
            Assertion::WordBoundary => word_before != word_after,
            Assertion::NotWordBoundary => word_before == word_after,
            Assertion::WordStart => !word_before && word_after,
            Assertion::WordEnd => word_before && !word_after,
        }
    }

    /// Undoes frames down to the newest choice above `base` and takes it.
    fn back_up(&mut self, base: usize) -> Option<(Address, usize)> {
        while self.frames.len() > base {
            self.nanoseconds += 1;
            match self.frames.pop()? {
                Frame::Turn { until, position } => return self.late_turn(until, position),
                Frame::Choice { at, position } => return Some((at, position)),
                Frame::Shrink { at, least, position } => {
                    if position > least {
                        self.frames.push(Frame::Shrink { at, least, position: position - 1 });
                    }
                    return Some((at, position));
                }
                Frame::Grow { at, set, position, left } => {
                    if self.holds(set, position) {
                        if left > 1 {
                            let left = if left == u32::MAX { left } else { left - 1 };
                            self.frames.push(Frame::Grow { at, set, position: position + 1, left });
                        }
                        return Some((at, position + 1));
                    }
                }
                Frame::Counter { counter, old } => self.counters[counter] = old,
                Frame::Slot { slot, old } => self.slots[slot] = old,
            }
        }
        None
    }

    /// Gives up the choices above `base`, and keeps what must be undone if an
    /// earlier one is taken.
    fn forget_choices(&mut self, base: usize) {
        let mut kept = base;
        for index in base..self.frames.len() {
            if matches!(self.frames[index], Frame::Counter { .. } | Frame::Slot { .. }) {
                self.frames.swap(kept, index);
                kept += 1;
            }
        }
        self.frames.truncate(kept);
    }

    fn undo(&mut self, base: usize) {
        while self.frames.len() > base {
            match self.frames.pop() {
                Some(Frame::Counter { counter, old }) => self.counters[counter] = old,
                Some(Frame::Slot { slot, old }) => self.slots[slot] = old,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, flags::Flags, parser::parse};

    /// Whether the pattern is found, and in how many steps.
    fn find(pattern: &str, dialect: Dialect, text: &str) -> (bool, u64) {
        let parsed = parse(pattern, dialect, Flags::default()).unwrap();
        let alphabet = Alphabet::new(&[&parsed.root]).unwrap();
        let unset_matches_empty = dialect == Dialect::JavaScript;
        let program = Program::new(&parsed.root, parsed.groups, &alphabet, unset_matches_empty);
        let text: Vec<Symbol> = text.chars().map(|c| alphabet.symbol(c).unwrap()).collect();
        let effort = search(&program, &alphabet, &text, 1_000_000);
        assert!(!effort.cut);
        (effort.matched, effort.steps)
    }

    /// Expectations are what CPython 3.11 answers.
    #[test]
    fn finds_what_cpython_finds() {
        for (pattern, text, expected) in [
            ("^a{2,3}$", "aaa", true),
            ("^a{2,3}$", "aaaa", false),
            ("^(?:ab){2}$", "abab", true),
            ("^(a|ab)(c|bcd)$", "abcd", true),
            (r"^(.+)-\1$", "ab-ab", true),
            (r"^(.+)-\1$", "ab-a", false),
            (r"\bb", "ab b", true),
            (r"\Bb", "b", false),
            ("a$", "a\n", true),
            (r"a\Z", "a\n", false),
            ("(?m)^b$", "a\nb\nc", true),
            ("(?<=a)b", "cb", false),
            ("(?<!a)b", "cb", true),
            ("a(?=b)", "ac", false),
            ("^(?!.*x)", "aax", false),
            ("^(?>a+)a", "aaa", false),
            ("^a++a", "aaa", false),
            ("^(?:a|b)*?c$", "abac", true),
            ("^(?:a?)*?b$", "aab", true),
            ("^(?:a*)*$", "aab", false),
            ("^(a)?(?(1)b|c)$", "ab", true),
            ("^(a)?(?(1)b|c)$", "b", false),
            ("^(?:(a)|b)*$", "abab", true),
            ("^.a", "\na", false),
            ("(?s)^.a", "\na", true),
        ] {
            assert_eq!(find(pattern, Dialect::Python, text).0, expected, "{pattern} in {text:?}");
        }
    }

    #[test]
    fn javascript_matches_an_unset_group_as_empty() {
        assert!(find(r"^(a)?\1b$", Dialect::JavaScript, "b").0);
        assert!(!find(r"^(a)?\1b$", Dialect::Python, "b").0);
    }

    #[test]
    fn steps_grow_as_backtracking_does() {
        let steps = |n| find("^(a+)+$", Dialect::Python, &("a".repeat(n) + "b")).1;
        assert!(steps(12) > 15 * steps(8), "exponential");
        let steps = |n| find("a*b", Dialect::Python, &"a".repeat(n)).1;
        assert!(steps(800) > 3 * steps(400) && steps(800) < 5 * steps(400), "quadratic");
        let steps = |n| find("^a*b", Dialect::Python, &"a".repeat(n)).1;
        assert!(steps(800) < 3 * steps(400), "linear");
    }
}

//! The empty paths (epsilon moves) of Thompson's construction.
//!
//! They are those that a backtracking matcher walks: a loop takes no further turn
//! once a turn took nothing.

use std::collections::HashMap;

use super::automaton::{TooLarge, Transition};
use super::contexts::Contexts;

/// Empty paths are not followed further than this.
const DEPTH_LIMIT: usize = 4_000;

pub(crate) type StepId = usize;

/// A step of Thompson's construction, before empty transitions are taken out.
pub(crate) enum Step {
    Read { state: usize, next: StepId },
    Fork(Vec<StepId>),
    Assert { contexts: Contexts, next: StepId },
    Enter { id: usize, next: StepId },
    Until { id: usize, body: StepId, next: StepId },
    Accept,
}

/// The empty paths from one step to the states that read.
pub(crate) struct Walk<'a> {
    steps: &'a [Step],
    pub(crate) transitions: Vec<Transition>,
    by_state: HashMap<usize, usize>,
    pub(crate) accepts: Contexts,
    /// The loops that have begun a turn on the path under way.
    turned: Vec<usize>,
    /// How often a step was reached in the same circumstances.
    visits: HashMap<(StepId, Contexts, Vec<usize>), u8>,
    pub(crate) left: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(steps: &'a [Step], left: usize) -> Self {
        Walk {
            steps,
            transitions: Vec::new(),
            by_state: HashMap::new(),
            accepts: 0,
            turned: Vec::new(),
            visits: HashMap::new(),
            left,
            depth: 0,
        }
    }

    pub(crate) fn from(&mut self, step: StepId, contexts: Contexts) -> Result<(), TooLarge> {
        self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
        if self.depth > DEPTH_LIMIT {
            return Err(TooLarge);
        }
        if contexts == 0 {
            return Ok(());
        }
        self.depth += 1;
        let end = self.on_from(step, contexts);
        self.depth -= 1;
        end
    }

    fn on_from(&mut self, step: StepId, contexts: Contexts) -> Result<(), TooLarge> {
        match &self.steps[step] {
            Step::Read { state, .. } => self.arrive(*state, contexts),
            Step::Accept => self.accepts |= contexts,
            Step::Assert { contexts: allowed, next } => self.from(*next, contexts & allowed)?,
            Step::Fork(branches) => {
                if self.seen_twice(step, contexts) {
                    return Ok(());
                }
                for branch in branches {
                    self.from(*branch, contexts)?;
                }
            }
            Step::Enter { id, next } => {
                let outer = self.turned.clone();
                self.turned.retain(|turned| turned != id);
                self.from(*next, contexts)?;
                self.turned = outer;
            }
            Step::Until { id, body, next } => {
                if self.seen_twice(step, contexts) {
                    return Ok(());
                }
                if !self.turned.contains(id) {
                    self.turned.push(*id);
                    self.from(*body, contexts)?;
                    self.turned.pop();
                }
                self.from(*next, contexts)?;
            }
        }
        Ok(())
    }

    /// Two ways are as good as many, so a third visit tells nothing new.
    fn seen_twice(&mut self, step: StepId, contexts: Contexts) -> bool {
        let visits = self.visits.entry((step, contexts, self.turned.clone())).or_default();
        *visits += 1;
        *visits > 2
    }

    fn arrive(&mut self, state: usize, contexts: Contexts) {
        match self.by_state.get(&state) {
            Some(index) => {
                let known = &mut self.transitions[*index];
                known.many |= known.contexts & contexts != 0;
                known.contexts |= contexts;
            }
            None => {
                self.by_state.insert(state, self.transitions.len());
                self.transitions.push(Transition { to: state, contexts, many: false });
            }
        }
    }
}

//! What a backtracking pattern is made of, told before it is compiled.

use std::collections::HashMap;

use fancy_regex::Expr;
use regex_syntax::{ParserBuilder, escape, hir::Hir};

use crate::{
    error::PatternError,
    limits::{BACKTRACKING_SIZE_LIMIT, CALLED_GROUPS_LIMIT, NEST_LIMIT},
    size_bound::close_size_bound,
};

/// What a backtracking pattern is made of.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// How many groups it has.
    groups: usize,
    /// The highest number of a group that it asks for.
    asked: usize,
    /// Whether it calls groups, as by `\g<1>`.
    calls: bool,
    /// No less than what its automata take, in bytes.
    pub(super) bytes: usize,
}

impl Survey {
    /// Looks at a pattern, if it can be read at all: nesting is bounded by who
    /// reads it.
    pub(super) fn of(source: &str) -> Option<Self> {
        let tree = Expr::parse_tree(source).ok()?;
        let mut survey = Self::default();
        survey.bytes = survey.visit(&tree.expr, &mut HashMap::new());
        Some(survey)
    }

    /// Refuses what the engine would compile, and should not.
    ///
    /// # Errors
    /// When it asks for a group that is not there, where the engine panics; when
    /// it calls groups and has many, for each that is called is compiled once more
    /// within who calls it, up to nineteen deep; when it would take too much
    /// memory.
    pub(super) fn check(&self, source: &str) -> Result<(), PatternError> {
        if self.asked > self.groups {
            let message = format!("there is no group {} to ask for", self.asked);
            return Err(PatternError::syntax(message, 0..source.len()));
        }
        if self.calls && self.groups > CALLED_GROUPS_LIMIT {
            let message =
                format!("a pattern that calls groups may have {CALLED_GROUPS_LIMIT} of them");
            return Err(PatternError::too_large(source, message));
        }
        if self.bytes > BACKTRACKING_SIZE_LIMIT {
            return Err(PatternError::larger_than(source, BACKTRACKING_SIZE_LIMIT));
        }
        Ok(())
    }

    /// Takes note of a part, and says what its automata take.
    fn visit(&mut self, expr: &Expr, known: &mut HashMap<String, usize>) -> usize {
        const INSTRUCTION: usize = 64;
        match expr {
            Expr::Group(_) => self.groups += 1,
            Expr::BackrefExistsCondition { group, .. } => self.asked = (*group).max(self.asked),
            Expr::SubroutineCall(_) => self.calls = true,
            _ => {}
        }
        let inner = expr.children_iter().map(|child| self.visit(child, known));
        let inner = inner.fold(INSTRUCTION, usize::saturating_add);
        match expr {
            Expr::Literal { val, .. } => inner.saturating_add(bytes_of(&escape(val))),
            Expr::Delegate { inner: source, .. } => match known.get(source) {
                Some(bytes) => inner.saturating_add(*bytes),
                None => {
                    let bytes = bytes_of(source);
                    known.insert(source.clone(), bytes);
                    inner.saturating_add(bytes)
                }
            },
            // One copy each, and one more for what repeats without end.
            Expr::Repeat { lo, hi, .. } => {
                let most = if *hi == usize::MAX { *lo } else { *hi };
                inner.saturating_mul(most.max(1).saturating_add(1))
            }
            _ => inner,
        }
    }
}

/// No less than what the automaton of a part takes that needs no backtracking.
fn bytes_of(source: &str) -> usize {
    let parser = ParserBuilder::new().case_insensitive(true).nest_limit(NEST_LIMIT).build();
    // What cannot be read here is told by the engine.
    { parser }.parse(source).as_ref().map_or(0, |hir: &Hir| close_size_bound(hir))
}

//! Flags in a pattern: `(?i)`, `(?i-s:…)`.

use super::{
    cursor::{Parser, Term},
    error::Parse,
    grammar::{BareFlags, FlagSet},
};

impl Parser<'_> {
    /// What follows `(?` where it is flags.
    pub(super) fn flags(
        &mut self,
        start: usize,
        depth: usize,
        sequence_start: usize,
    ) -> Parse<Term> {
        let groups = &self.grammar.groups;
        let mut scope = self.scope;
        let mut on = true;
        loop {
            let here = self.at;
            let c = self.bump().ok_or_else(|| self.rejected(here, "missing -, : or )"))?;
            match c {
                ':' => return self.scoped(scope, start, depth),
                ')' if groups.bare_flags != BareFlags::Nowhere => {
                    if groups.bare_flags == BareFlags::AtTheStart {
                        let at_the_start = sequence_start == 0 && depth == 0;
                        self.check_global_flags(on, at_the_start, start, here)?;
                    }
                    self.scope = scope;
                    return Ok(Term::Nothing);
                }
                '-' if on => on = false,
                'i' => scope.fold = on,
                'm' => scope.multi_line = on,
                's' => scope.dot_all = on,
                _ => match (groups.set_flag)(c, on, &mut scope) {
                    FlagSet::Done => {}
                    FlagSet::Unknown => return Err(self.rejected(here, "unknown flag")),
                    FlagSet::Unsupported(feature) => return self.unsupported(here, feature),
                },
            }
        }
    }

    /// Flags for the whole pattern can be turned on only, and at its start only.
    fn check_global_flags(
        &self,
        on: bool,
        at_the_start: bool,
        start: usize,
        here: usize,
    ) -> Parse<()> {
        if !on {
            return Err(self.rejected(here, "missing :"));
        }
        if !at_the_start || !self.only_flags_before(start) {
            return Err(self.rejected(start, "global flags not at the start of the expression"));
        }
        Ok(())
    }

    /// Whether nothing but other global flags, and what `x` ignores, stands
    /// before `end`.
    fn only_flags_before(&self, end: usize) -> bool {
        let mut rest = &self.text[..end];
        while let Some(inner) = rest.strip_prefix("(?") {
            let Some((letters, after)) = inner.split_once(')') else { return false };
            if !letters.chars().all(|c| c.is_ascii_lowercase()) && !letters.starts_with('#') {
                return false;
            }
            rest = after;
        }
        rest.is_empty() || self.scope.extended && rest.trim().is_empty()
    }
}

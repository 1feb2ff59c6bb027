//! How a group comes about, from the text to its name.

use std::{collections::BTreeSet, io::Write};

use serde::Serialize;
use signatures_alerts::legible::one_line;
use signatures_engine::grouping::GroupSteps;

/// The steps from a text to a group.
#[derive(Serialize)]
pub(super) struct Why<'a> {
    basis: &'static str,
    taken: Vec<Taken<'a>>,
    identity: &'a str,
    by: Vec<Value<'a>>,
    hashed: &'a str,
}

/// What was taken out of the text, and by which rule.
#[derive(Serialize)]
struct Taken<'a> {
    shape: &'static str,
    text: &'a str,
    reason: &'static str,
}

/// What the event says in a field that tells errors apart.
#[derive(Serialize)]
struct Value<'a> {
    field: &'a str,
    value: &'a str,
}

impl<'a> Why<'a> {
    pub(super) fn new(steps: &'a GroupSteps) -> Self {
        let taken = steps.taken.iter().map(|step| Taken {
            shape: step.shape.name(),
            text: &step.text,
            reason: step.shape.reason(),
        });
        let by = steps.values.iter().map(|(field, value)| Value { field, value });
        Self {
            basis: steps.basis.as_str(),
            taken: taken.collect(),
            identity: &steps.identity,
            by: by.collect(),
            hashed: &steps.hashed,
        }
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "  why")?;
        let mut row = |name: &str, value: &str| {
            writeln!(out, "    {name:<14}{}", one_line(value, usize::MAX))
        };
        for taken in &self.taken {
            row(taken.shape, taken.text)?;
        }
        row("basis", self.basis)?;
        row("identity", self.identity)?;
        for by in &self.by {
            row(&format!("by {}", by.field), by.value)?;
        }
        row("hashed", &self.hashed.replace('\u{1f}', " ␟ "))?;
        let mut told = BTreeSet::new();
        for taken in self.taken.iter().filter(|taken| told.insert(taken.shape)) {
            writeln!(out, "    {}: {}", taken.shape, taken.reason)?;
        }
        Ok(())
    }
}

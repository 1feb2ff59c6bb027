//! What a pattern makes use of, as the analysis needs to know it.

use super::node::{Kind, Mode, Node};

impl Node {
    /// Whether it has what no automaton can express.
    pub(crate) fn needs_backtracking(&self) -> bool {
        self.any(&|node| match &node.kind {
            Kind::Look { .. }
            | Kind::Backreference { .. }
            | Kind::Atomic(_)
            | Kind::Conditional { .. } => true,
            Kind::Repeat { mode, .. } => *mode == Mode::Possessive,
            _ => false,
        })
    }

    /// Whether what it matches depends on what a group has captured.
    pub(crate) fn refers_to_groups(&self) -> bool {
        self.any(&|node| matches!(node.kind, Kind::Backreference { .. } | Kind::Conditional { .. }))
    }

    /// Whether anything may repeat more than twice.
    pub(crate) fn has_repeats(&self) -> bool {
        self.any(
            &|node| matches!(&node.kind, Kind::Repeat { max, .. } if max.is_none_or(|m| m > 2)),
        )
    }

    /// Whether some repeat has no bound.
    pub(crate) fn has_loop(&self) -> bool {
        self.any(&|node| matches!(&node.kind, Kind::Repeat { max: None, .. }))
    }

    /// Whether some counted repeat may turn often enough to be as bad as one
    /// without a bound.
    pub(crate) fn has_high_bounds(&self) -> bool {
        self.any(&|node| matches!(&node.kind, Kind::Repeat { max: Some(max), .. } if *max >= 8))
    }

    /// How many loops stand in one another, the innermost not counted.
    pub(crate) fn nested_loops(&self) -> usize {
        let below = self.children().into_iter().map(Node::nested_loops).max().unwrap_or(0);
        let around = matches!(&self.kind, Kind::Repeat { node, max, .. }
            if max.is_none_or(|max| max > 1) && node.has_loop());
        below + usize::from(around)
    }

    /// How many states it takes when its counted repeats are written out.
    pub(crate) fn size(&self) -> usize {
        match &self.kind {
            Kind::Set(_) => 1,
            Kind::Repeat { node, min, max, .. } => {
                let copies = max.unwrap_or((*min).max(1)) as usize;
                node.size().saturating_mul(copies)
            }
            _ => self.children().into_iter().map(Node::size).fold(0, usize::saturating_add),
        }
    }
}

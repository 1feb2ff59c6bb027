//! How well an automaton stands for a pattern.

use crate::syntax::{Kind, Node};

/// How well an automaton can stand for the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fidelity {
    /// It says all that the pattern does.
    Exact,
    /// Only look-ahead at the start is approximated. Either it holds, and the
    /// rest is exact, or it fails, and the rest is never tried.
    LeadingLook,
    /// It says more: what it suggests may not be so.
    Approximate,
}

impl Fidelity {
    pub(crate) fn of(root: &Node) -> Fidelity {
        if !root.needs_backtracking() {
            return Fidelity::Exact;
        }
        let plain = |node: &Node| match &node.kind {
            Kind::Look { behind: false, node, .. } => !node.needs_backtracking(),
            _ => !node.needs_backtracking(),
        };
        let leads = |node: &&Node| matches!(&node.kind, Kind::Look { .. } | Kind::Assert(_));
        match &root.kind {
            Kind::Concat(nodes) => {
                let leading = nodes.iter().take_while(leads).count();
                let rest = nodes[leading..].iter().any(Node::needs_backtracking);
                match nodes[..leading].iter().all(plain) && !rest {
                    true => Fidelity::LeadingLook,
                    false => Fidelity::Approximate,
                }
            }
            Kind::Look { .. } if plain(root) => Fidelity::LeadingLook,
            _ => Fidelity::Approximate,
        }
    }
}

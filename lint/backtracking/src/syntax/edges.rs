//! A pattern whose edges an automaton can express.
//!
//! Where nothing follows, an atomic group has nothing to give back to, and what
//! a look-ahead asks for may as well be read; where nothing precedes, so may
//! what a look-behind asks for. A search takes the same time up to a constant
//! factor, and the automaton of what results is exact.

use super::class::Class;
use super::node::{Assertion, Kind, Mode, Node};

/// The pattern with plain edges.
pub(crate) fn with_plain_edges(root: &Node) -> Node {
    let mut plain = root.clone();
    if !root.refers_to_groups() {
        start(&mut plain);
        end(&mut plain);
    }
    plain
}

fn start(node: &mut Node) {
    match &mut node.kind {
        Kind::Concat(nodes) => nodes.first_mut().into_iter().for_each(start),
        Kind::Alternate(nodes) => nodes.iter_mut().for_each(start),
        Kind::Capture { node, .. } => start(node),
        Kind::Look { behind: true, negative: false, node: asked }
            if !asked.needs_backtracking() && !asked.has_loop() =>
        {
            node.kind = asked.kind.clone();
        }
        Kind::Look { behind: true, negative: true, node: asked } => {
            if let Some(kind) = anything_but(asked, Assertion::TextStart) {
                node.kind = kind;
            }
        }
        _ => {}
    }
}

fn end(node: &mut Node) {
    match &mut node.kind {
        Kind::Concat(nodes) => nodes.last_mut().into_iter().for_each(end),
        Kind::Alternate(nodes) => nodes.iter_mut().for_each(end),
        Kind::Capture { node, .. } => end(node),
        Kind::Repeat { mode, .. } if *mode == Mode::Possessive => *mode = Mode::Greedy,
        Kind::Atomic(inner) | Kind::Look { behind: false, negative: false, node: inner } => {
            end(inner);
            node.kind = inner.kind.clone();
        }
        Kind::Look { behind: false, negative: true, node: asked } => {
            if let Some(kind) = anything_but(asked, Assertion::TextEnd) {
                node.kind = kind;
            }
        }
        _ => {}
    }
}

/// One character that is not in the class, or the edge of the text.
fn anything_but(asked: &Node, edge: Assertion) -> Option<Kind> {
    match &asked.kind {
        Kind::Set(class) => {
            let others = Class { negated: !class.negated, ..class.clone() };
            let either = [Kind::Set(others), Kind::Assert(edge)];
            let branches = either.map(|kind| Node::new(kind, asked.span.clone()));
            Some(Kind::Alternate(branches.into()))
        }
        Kind::Concat(nodes) if nodes.len() == 1 => anything_but(&nodes[0], edge),
        Kind::Capture { node, .. } => anything_but(node, edge),
        _ => None,
    }
}

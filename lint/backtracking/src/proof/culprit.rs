//! Which part of a pattern to show for an ambiguity.

use std::ops::Range;

use crate::syntax::{Kind, Node};

/// The smallest part that holds all `spans` and makes sense by itself: the loop
/// that an exponential ambiguity goes round in, else the run of repeats that
/// compete for the same text.
pub(crate) fn culprit(root: &Node, spans: &[Range<usize>], exponential: bool) -> Range<usize> {
    let start = spans.iter().map(|span| span.start).min().unwrap_or(root.span.start);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(root.span.end);
    let blamed = start..end;
    let mut node = root;
    let mut innermost_repeat = None;
    let mut blamed_loop = None;
    loop {
        if let Kind::Repeat { .. } = node.kind {
            innermost_repeat = Some(&node.span);
            if blamed_loop.is_none() && reads_only(node, spans) {
                blamed_loop = Some(&node.span);
            }
        }
        let Some(child) = node.children().into_iter().find(|child| covers(&child.span, &blamed))
        else {
            break;
        };
        node = child;
    }
    if let Some(blamed_loop) = blamed_loop.filter(|_| exponential) {
        return blamed_loop.clone();
    }
    match (&node.kind, innermost_repeat) {
        (Kind::Set(_), Some(repeat)) => repeat.clone(),
        (_, Some(repeat)) if exponential => repeat.clone(),
        _ => touched(node, &blamed),
    }
}

/// Whether all that the node reads is among `spans`.
fn reads_only(node: &Node, spans: &[Range<usize>]) -> bool {
    match &node.kind {
        Kind::Set(_) => spans.contains(&node.span),
        _ => node.children().into_iter().all(|child| reads_only(child, spans)),
    }
}

/// The children of `node` from the first to the last that touches `blamed`.
fn touched(node: &Node, blamed: &Range<usize>) -> Range<usize> {
    let children = node.children();
    let mut touched = children
        .iter()
        .filter(|child| child.span.start < blamed.end && blamed.start < child.span.end);
    match (touched.next(), touched.next_back()) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => node.span.clone(),
    }
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

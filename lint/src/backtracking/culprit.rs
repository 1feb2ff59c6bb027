//! Which part of a pattern to show for an ambiguity.

use super::Span;
use super::syntax::{Kind, Node};

/// The smallest part that holds all `spans` and makes sense by itself: the loop
/// that an exponential ambiguity goes round in, else the run of repeats that
/// compete for the same text.
pub(super) fn culprit(root: &Node, spans: &[Span], exponential: bool) -> Span {
    let start = spans.iter().map(|span| span.start).min().unwrap_or(root.span.start);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(root.span.end);
    let hot = start..end;
    let mut node = root;
    let mut innermost_repeat = None;
    let mut hot_loop = None;
    loop {
        if let Kind::Repeat { .. } = node.kind {
            innermost_repeat = Some(&node.span);
            if hot_loop.is_none() && all_hot(node, spans) {
                hot_loop = Some(&node.span);
            }
        }
        let Some(child) = node.children().into_iter().find(|child| covers(&child.span, &hot))
        else {
            break;
        };
        node = child;
    }
    if let Some(hot_loop) = hot_loop.filter(|_| exponential) {
        return hot_loop.clone();
    }
    match (&node.kind, innermost_repeat) {
        (Kind::Set(_), Some(repeat)) => repeat.clone(),
        (_, Some(repeat)) if exponential => repeat.clone(),
        _ => touched(node, &hot),
    }
}

/// Whether all that the node reads is among `spans`.
fn all_hot(node: &Node, spans: &[Span]) -> bool {
    match &node.kind {
        Kind::Set(_) => spans.contains(&node.span),
        _ => node.children().into_iter().all(|child| all_hot(child, spans)),
    }
}

/// The children of `node` from the first to the last that touches `hot`.
fn touched(node: &Node, hot: &Span) -> Span {
    let children = node.children();
    let mut touched =
        children.iter().filter(|child| child.span.start < hot.end && hot.start < child.span.end);
    match (touched.next(), touched.next_back()) {
        (Some(first), Some(last)) => first.span.start..last.span.end,
        _ => node.span.clone(),
    }
}

fn covers(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

//! The nodes of the syntax tree.

use std::ops::Range;

use super::class::Class;

/// A part of a pattern, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

/// What a [`Node`] says.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Matches without reading anything.
    Empty,
    Set(Class),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        mode: Mode,
    },
    Capture {
        group: u32,
        node: Box<Node>,
    },
    Atomic(Box<Node>),
    Look {
        behind: bool,
        negative: bool,
        node: Box<Node>,
    },
    Backreference {
        group: u32,
        fold: bool,
    },
    /// `(?(1)yes|no)`
    Conditional {
        group: u32,
        yes: Box<Node>,
        no: Box<Node>,
    },
    Assert(Assertion),
}

/// How a repeat gives back what it has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Greedy,
    Lazy,
    Possessive,
}

/// A test of the place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Assertion {
    TextStart,
    LineStart,
    TextEnd,
    /// The end, or before the newline that ends the text.
    TextEndOrFinalNewline,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
    WordStart,
    WordEnd,
}

impl Node {
    pub(crate) fn new(kind: Kind, span: Range<usize>) -> Node {
        Node { kind, span }
    }

    /// Nodes one after another; groups that only group are opened up.
    pub(crate) fn sequence(nodes: Vec<Node>, span: Range<usize>) -> Node {
        let mut nodes: Vec<Node> = nodes.into_iter().flat_map(Node::into_sequence).collect();
        match nodes.len() {
            0 => Node::new(Kind::Empty, span),
            1 => nodes.remove(0),
            _ => Node::new(Kind::Concat(nodes), span),
        }
    }

    /// What it says, one node after another.
    pub(crate) fn into_sequence(self) -> Vec<Node> {
        match self.kind {
            Kind::Concat(nodes) => nodes,
            Kind::Empty => vec![],
            _ => vec![self],
        }
    }

    /// Whether both mean the same, wherever they stand.
    pub(crate) fn same(&self, other: &Node) -> bool {
        let all_same =
            |a: &[Node], b: &[Node]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b));
        match (&self.kind, &other.kind) {
            (Kind::Empty, Kind::Empty) => true,
            (Kind::Set(a), Kind::Set(b)) => a == b,
            (Kind::Assert(a), Kind::Assert(b)) => a == b,
            (Kind::Concat(a), Kind::Concat(b)) | (Kind::Alternate(a), Kind::Alternate(b)) => {
                all_same(a, b)
            }
            (
                Kind::Repeat { node: a, min: a_min, max: a_max, mode: a_mode },
                Kind::Repeat { node: b, min: b_min, max: b_max, mode: b_mode },
            ) => (a_min, a_max, a_mode) == (b_min, b_max, b_mode) && a.same(b),
            (Kind::Atomic(a), Kind::Atomic(b)) => a.same(b),
            (
                Kind::Look { behind: a_behind, negative: a_negative, node: a },
                Kind::Look { behind: b_behind, negative: b_negative, node: b },
            ) => a_behind == b_behind && a_negative == b_negative && a.same(b),
            (
                Kind::Backreference { group: a, fold: a_fold },
                Kind::Backreference { group: b, fold: b_fold },
            ) => a == b && a_fold == b_fold,
            // Two captures are two groups; conditionals are too rare to compare.
            _ => false,
        }
    }

    /// The nodes directly under this one.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Concat(nodes) | Kind::Alternate(nodes) => nodes.iter().collect(),
            Kind::Repeat { node, .. }
            | Kind::Capture { node, .. }
            | Kind::Atomic(node)
            | Kind::Look { node, .. } => vec![node],
            Kind::Conditional { yes, no, .. } => vec![yes, no],
            Kind::Empty | Kind::Set(_) | Kind::Backreference { .. } | Kind::Assert(_) => vec![],
        }
    }

    /// Whether more than so many nodes stand below each other.
    pub(crate) fn height_exceeds(&self, limit: usize) -> bool {
        limit == 0 || self.children().into_iter().any(|child| child.height_exceeds(limit - 1))
    }

    /// Whether this or any node below it satisfies `test`.
    pub(crate) fn any(&self, test: &impl Fn(&Node) -> bool) -> bool {
        self.find(test).is_some()
    }

    /// The first node, of this and those below it, that satisfies `test`.
    pub(crate) fn find(&self, test: &impl Fn(&Node) -> bool) -> Option<&Node> {
        if test(self) {
            return Some(self);
        }
        self.children().into_iter().find_map(|child| child.find(test))
    }

    /// The group that it asks for, if it is a reference or a condition.
    pub(crate) fn asked_group(&self) -> Option<u32> {
        match self.kind {
            Kind::Backreference { group, .. } | Kind::Conditional { group, .. } => Some(group),
            _ => None,
        }
    }

    /// The fewest and the most characters that it takes; `None` for no bound.
    /// A back-reference counts as what its group may take.
    pub(crate) fn width(&self) -> (u64, Option<u64>) {
        match &self.kind {
            Kind::Empty | Kind::Look { .. } | Kind::Assert(_) => (0, Some(0)),
            Kind::Set(_) => (1, Some(1)),
            Kind::Concat(nodes) => nodes.iter().map(Node::width).fold((0, Some(0)), |a, b| {
                (a.0.saturating_add(b.0), a.1.zip(b.1).map(|(a, b)| a.saturating_add(b)))
            }),
            Kind::Alternate(nodes) => widest(nodes.iter().map(Node::width)),
            Kind::Repeat { node, min, max, .. } => {
                let (low, high) = node.width();
                let most = match (high, max) {
                    (Some(0), _) => Some(0),
                    (high, max) => {
                        high.zip(*max).map(|(high, max)| high.saturating_mul(max.into()))
                    }
                };
                (low.saturating_mul((*min).into()), most)
            }
            Kind::Capture { node, .. } | Kind::Atomic(node) => node.width(),
            Kind::Backreference { .. } => (0, None),
            Kind::Conditional { yes, no, .. } => widest([yes.width(), no.width()].into_iter()),
        }
    }
}

fn widest(widths: impl Iterator<Item = (u64, Option<u64>)>) -> (u64, Option<u64>) {
    widths
        .reduce(|a, b| (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b))))
        .unwrap_or((0, Some(0)))
}

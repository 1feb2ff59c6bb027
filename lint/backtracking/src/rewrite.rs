//! A pattern that finds the same and does not blow up.
//!
//! Each rule keeps what a search finds: whether there is a match in a text. It
//! may change how long the match is, or what a group captures, so a pattern that
//! refers back to a group is left alone. Whether the result is better is not
//! argued but analysed anew.

use std::ops::Range;

use crate::{
    analyse::analyse,
    analysis::Analysis,
    budget::Budget,
    complexity::Complexity,
    dialect::Dialect,
    flags::Flags,
    parser::parse,
    syntax::{Kind, Mode, Node},
};

/// A pattern to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// It matches in the same texts.
    pub pattern: String,
    /// How its time grows: less than that of the original; `None` when it is
    /// linear.
    pub complexity: Option<Complexity>,
}

/// One rule applied in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    span: Range<usize>,
    replacement: String,
}

/// Rules are applied at most so many times.
const EDIT_LIMIT: usize = 16;

/// Rewrites `pattern`, which `analysis` is about, if that helps.
#[must_use]
pub fn rewrite(
    pattern: &str,
    dialect: Dialect,
    flags: Flags,
    budget: &Budget,
    analysis: &Analysis,
) -> Option<Rewrite> {
    let before = analysis.vulnerability()?.complexity;
    let mut rewritten = pattern.to_owned();
    for _ in 0..EDIT_LIMIT {
        let root = parse(&rewritten, dialect, flags).ok()?.root;
        if root.refers_to_groups() {
            return None;
        }
        let Some(edit) = first_edit(&root, &rewritten) else { break };
        rewritten.replace_range(edit.span, &edit.replacement);
    }
    if rewritten == pattern || rewritten.is_empty() {
        return None;
    }
    let complexity = match analyse(&rewritten, dialect, flags, budget) {
        Analysis::Linear => None,
        Analysis::Vulnerable(after) if after.complexity < before => Some(after.complexity),
        Analysis::Vulnerable(_) | Analysis::Undecided(_) => return None,
    };
    Some(Rewrite { pattern: rewritten, complexity })
}

fn first_edit(root: &Node, pattern: &str) -> Option<Edit> {
    anywhere(root, pattern).or_else(|| leading_repeat(root, pattern))
}

fn anywhere(node: &Node, pattern: &str) -> Option<Edit> {
    nested_repeat(node, pattern)
        .or_else(|| optional_separator(node, pattern))
        .or_else(|| adjacent_repeats(node, pattern))
        .or_else(|| node.children().into_iter().find_map(|child| anywhere(child, pattern)))
}

/// `(X+)+` is `(X+)`; with a `*` on either, `(X*)`.
fn nested_repeat(node: &Node, pattern: &str) -> Option<Edit> {
    let (group, outer_min) = loop_of(node)?;
    let inner = only_child(group)?;
    let (repeated, inner_min) = loop_of(inner)?;
    let quantifier = if outer_min == 1 && inner_min == 1 { "+" } else { "*" };
    let open = &pattern[group.span.start..inner.span.start];
    let close = &pattern[inner.span.end..group.span.end];
    let body = &pattern[repeated.span.clone()];
    Some(Edit { span: node.span.clone(), replacement: format!("{open}{body}{quantifier}{close}") })
}

/// `(X+Y?)+` is `(X+(?:YX+)*Y?)`, and `(Y?X+)+` is `(Y?X+(?:YX+)*)`, when no
/// character is both an X and a Y.
fn optional_separator(node: &Node, pattern: &str) -> Option<Edit> {
    let (group, outer_min) = loop_of(node)?;
    let Kind::Concat(nodes) = &inside(group).kind else { return None };
    let [first, second] = &nodes[..] else { return None };
    let leads = is_optional(first);
    let (run, separator) = if leads { (second, first) } else { (first, second) };
    let (x, 1) = loop_of(run)? else { return None };
    if !is_optional(separator) {
        return None;
    }
    let y = separator.children().into_iter().next()?;
    if !are_disjoint(x, y) {
        return None;
    }
    let (x, y) = (&pattern[x.span.clone()], &pattern[y.span.clone()]);
    let body = match leads {
        true => format!("{y}?{x}+(?:{y}{x}+)*"),
        false => format!("{x}+(?:{y}{x}+)*{y}?"),
    };
    let open = &pattern[group.span.start..first.span.start];
    let close = &pattern[second.span.end..group.span.end];
    let optional = if outer_min == 0 { "?" } else { "" };
    let replacement = format!("{open}{body}{close}{optional}");
    Some(Edit { span: node.span.clone(), replacement })
}

/// `X*X+` is `X+`: repeats of one class, side by side, are one.
fn adjacent_repeats(node: &Node, pattern: &str) -> Option<Edit> {
    let Kind::Concat(nodes) = &node.kind else { return None };
    nodes.windows(2).find_map(|pair| {
        let (a, b) = (repeat_of_class(&pair[0])?, repeat_of_class(&pair[1])?);
        let contiguous = pair[0].span.end == pair[1].span.start;
        let endless = a.max.is_none() || b.max.is_none();
        if !contiguous || !endless || !a.class.same(b.class) {
            return None;
        }
        let body = &pattern[a.repeated.span.clone()];
        let quantifier = at_least(a.min.checked_add(b.min)?);
        let span = pair[0].span.start..pair[1].span.end;
        Some(Edit { span, replacement: format!("{body}{quantifier}") })
    })
}

/// A search for `X+Y` finds something just where one for `XY` does, and `X*Y`
/// just where `Y` does: what a repeat adds in front of a match is never needed.
fn leading_repeat(root: &Node, pattern: &str) -> Option<Edit> {
    match &root.kind {
        Kind::Alternate(branches) => {
            branches.iter().find_map(|branch| leading_repeat(branch, pattern))
        }
        Kind::Concat(nodes) if nodes.len() > 1 => {
            let first = &nodes[0];
            let Kind::Repeat { node, min, max, mode } = &first.kind else {
                return None;
            };
            if *max == Some(*min) || *mode == Mode::Possessive || *min == 0 && nodes.len() == 1 {
                return None;
            }
            let body = &pattern[node.span.clone()];
            let replacement = match min {
                0 => String::new(),
                1 => body.to_owned(),
                min => format!("{body}{{{min}}}"),
            };
            Some(Edit { span: first.span.clone(), replacement })
        }
        _ => None,
    }
}

/// What an endless greedy repeat of none or one repeats, and which.
fn loop_of(node: &Node) -> Option<(&Node, u32)> {
    match &node.kind {
        Kind::Repeat { node, min: min @ (0 | 1), max: None, mode: Mode::Greedy } => {
            Some((node, *min))
        }
        _ => None,
    }
}

/// A node without the group around it.
fn inside(node: &Node) -> &Node {
    match &node.kind {
        Kind::Capture { node, .. } => node,
        _ => node,
    }
}

fn only_child(group: &Node) -> Option<&Node> {
    match &group.kind {
        Kind::Capture { node, .. } => Some(node),
        Kind::Concat(nodes) if nodes.len() == 1 => nodes.first(),
        _ => None,
    }
}

fn is_optional(node: &Node) -> bool {
    matches!(&node.kind, Kind::Repeat { min: 0, max: Some(1), mode: Mode::Greedy, .. })
}

/// Whether both are classes that share no character that is ever tried.
fn are_disjoint(a: &Node, b: &Node) -> bool {
    let (Kind::Set(a), Kind::Set(b)) = (&a.kind, &b.kind) else { return false };
    !('\0'..='\u{3000}').any(|c| a.contains(c) && b.contains(c))
}

struct ClassRepeat<'a> {
    class: &'a Node,
    /// The class with the group around it.
    repeated: &'a Node,
    min: u32,
    max: Option<u32>,
}

fn repeat_of_class(node: &Node) -> Option<ClassRepeat<'_>> {
    let Kind::Repeat { node: repeated, min, max, mode: Mode::Greedy } = &node.kind else {
        return None;
    };
    let class = inside(repeated);
    matches!(class.kind, Kind::Set(_)).then_some(ClassRepeat {
        class,
        repeated,
        min: *min,
        max: *max,
    })
}

fn at_least(min: u32) -> String {
    match min {
        0 => "*".to_owned(),
        1 => "+".to_owned(),
        min => format!("{{{min},}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(pattern: &str) -> Option<Rewrite> {
        let (dialect, flags, budget) = (Dialect::Python, Flags::default(), Budget::default());
        let analysis = analyse(pattern, dialect, flags, &budget);
        rewrite(pattern, dialect, flags, &budget, &analysis)
    }

    #[test]
    fn each_rule_makes_its_pattern_linear() {
        for (pattern, expected) in [
            (r"^(a+)+$", r"^(a+)$"),
            (r"^(?:a*)+$", r"^(?:a*)$"),
            (r"^(\w+\s?)+$", r"^(\w+(?:\s\w+)*\s?)$"),
            (r"^(-?\w+)*$", r"^(-?\w+(?:-\w+)*)?$"),
            (r"^x\s*\s+y", r"^x\s+y"),
            (r"\w+@", r"\w@"),
            (r".*timeout", r"timeout"),
            (r"\d{2,}:", r"\d{2}:"),
        ] {
            let linear = Rewrite { pattern: expected.to_owned(), complexity: None };
            assert_eq!(rewritten(pattern), Some(linear));
        }
    }

    #[test]
    fn what_no_rule_improves_has_no_rewrite() {
        assert_eq!(rewritten(r"^(a|ab|b)*(c|cd)$"), None);
        assert_eq!(rewritten(r"^(a+)+\1$"), None);
    }
}

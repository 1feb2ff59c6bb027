//! Reading typed values out of a YAML tree while collecting every problem.

use crate::{
    problem::{Problem, Rule},
    yaml::{Entry, Node, NodeKind, Source, Span},
};

/// Collects problems while a tree is read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
}

impl Reader {
    /// Parses a source that must hold a mapping; `what` names it in messages.
    pub(crate) fn root(&mut self, source: &Source, what: &str) -> Option<Vec<Entry>> {
        match self.document(source)? {
            Some(Node { kind: NodeKind::Mapping(entries), .. }) => Some(entries),
            Some(node) => {
                self.schema(node.span, format!("{what} is a mapping, not {}", node.describe()));
                None
            }
            None => {
                self.schema(Span::default(), format!("the file is empty; {what} is a mapping"));
                None
            }
        }
    }

    /// As [`Reader::root`], of a file in which nothing has to be said.
    pub(crate) fn optional_root(&mut self, source: &Source, what: &str) -> Option<Vec<Entry>> {
        match self.document(source)? {
            None => Some(Vec::new()),
            Some(node) if node.is_null() => Some(Vec::new()),
            Some(_) => self.root(source, what),
        }
    }

    /// The document, if it can be read, and is any.
    fn document(&mut self, source: &Source) -> Option<Option<Node>> {
        match crate::yaml::parse(source.text()) {
            Ok(document) => Some(document),
            Err(error) => {
                self.problems.push(error.into());
                None
            }
        }
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn schema(&mut self, span: Span, message: impl Into<String>) {
        self.report(Problem::schema(span, message));
    }

    pub(crate) fn unknown_key(&mut self, entry: &Entry, within: &str, known: &[&str]) {
        self.report(Problem {
            rule: Rule::UnknownKey,
            message: format!("nothing reads the key `{}` of {within}", entry.key),
            span: entry.key_span,
            help: Some(match closest(&entry.key, known) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known here: {}", known.join(", ")),
            }),
        });
    }

    /// A scalar's text; empty and null are problems.
    pub(crate) fn text(&mut self, what: &str, node: &Node) -> Option<String> {
        match node.as_text() {
            Some(text) if !node.is_null() && !text.is_empty() => Some(text.to_owned()),
            Some(_) => {
                self.schema(node.span, format!("`{what}` is empty"));
                None
            }
            None => self.expected(what, "a text", node),
        }
    }

    pub(crate) fn boolean(&mut self, what: &str, node: &Node) -> Option<bool> {
        match node.as_bool() {
            Some(boolean) => Some(boolean),
            None => self.expected(what, "true or false", node),
        }
    }

    /// A whole number from `min` to `max`.
    pub(crate) fn integer(&mut self, what: &str, node: &Node, min: u64, max: u64) -> Option<u64> {
        // JSON Schema, too, takes 1.0 for a whole number.
        let whole = |n: serde_json::Number| match n.as_f64() {
            Some(float) if n.is_f64() && float.fract() == 0.0 && float >= 0.0 => Some(float as u64),
            _ => n.as_u64(),
        };
        let number = node.as_number().and_then(whole).filter(|n| (min..=max).contains(n));
        match number {
            Some(number) => Some(number),
            None => self.expected(what, &format!("a whole number from {min} to {max}"), node),
        }
    }

    pub(crate) fn sequence<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            NodeKind::Sequence(items) => items,
            // A key whose every item is commented out.
            _ if node.is_null() => &[],
            _ => {
                self.expected::<()>(what, "a list", node);
                &[]
            }
        }
    }

    pub(crate) fn mapping<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Entry] {
        match &node.kind {
            NodeKind::Mapping(entries) => entries,
            _ if node.is_null() => &[],
            _ => {
                self.expected::<()>(what, "a mapping", node);
                &[]
            }
        }
    }

    pub(crate) fn texts(&mut self, what: &str, node: &Node) -> Vec<String> {
        self.sequence(what, node).iter().filter_map(|item| self.text(what, item)).collect()
    }

    pub(crate) fn expected<T>(&mut self, what: &str, expected: &str, node: &Node) -> Option<T> {
        let found = match node.as_text() {
            Some(text) if !node.is_null() => format!("`{text}`"),
            _ => node.describe().to_owned(),
        };
        self.schema(node.span, format!("`{what}` takes {expected}, not {found}"));
        None
    }
}

/// The name that was probably meant.
pub(crate) fn closest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let name = name.to_lowercase();
    known
        .iter()
        .map(|known| match known.contains(&name) && name.len() > 3 {
            true => (0, *known),
            false => (strsim::osa_distance(&name, known), *known),
        })
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3) && *distance < known.len())
        .map(|(_, known)| known)
}

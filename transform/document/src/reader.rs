//! Reading typed values out of a YAML tree while collecting every diagnostic.

use crate::{
    closest::closest,
    diagnostic::{Diagnostic, SCHEMA, UNKNOWN_KEY},
    excerpt::excerpt,
    yaml::{Entry, Node, NodeKind, Source, Span},
};

/// The most diagnostics of one file that are told.
const MOST: usize = 10_000;

/// Collects diagnostics while a tree is read.
///
/// Each of its methods reports what is wrong and goes on, so that a file's
/// mistakes are told all at once. `what` is what messages call the value: its
/// key.
#[derive(Debug, Default)]
pub struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    /// What was reported, in the order it was found.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Whether so much is wrong that nothing more is reported.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() > MOST
    }

    /// The entries of a file that must hold a mapping; `what` names the file in
    /// messages.
    pub fn root<'s>(&mut self, source: &'s Source, what: &str) -> Option<&'s [Entry]> {
        match self.document(source)? {
            Some(node) => self.root_mapping(node, what),
            None => {
                self.schema(Span::default(), format!("the file is empty; {what} is a mapping"));
                None
            }
        }
    }

    /// As [`Reader::root`], of a file in which nothing has to be said.
    pub fn optional_root<'s>(&mut self, source: &'s Source, what: &str) -> Option<&'s [Entry]> {
        match self.document(source)? {
            Some(node) if !node.is_null() => self.root_mapping(node, what),
            _ => Some(&[]),
        }
    }

    /// The document, if it can be read, and is any.
    fn document<'s>(&mut self, source: &'s Source) -> Option<Option<&'s Node>> {
        match source.document() {
            Ok(document) => Some(document),
            Err(error) => {
                self.report(error.clone().into());
                None
            }
        }
    }

    fn root_mapping<'s>(&mut self, node: &'s Node, what: &str) -> Option<&'s [Entry]> {
        match &node.kind {
            NodeKind::Mapping(entries) => Some(entries),
            _ => {
                self.schema(node.span, format!("{what} is a mapping, not {}", node.describe()));
                None
            }
        }
    }

    /// Adds a diagnostic; of very many, the last says so.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if self.is_full() {
            return;
        }
        let is_last = self.diagnostics.len() == MOST;
        let span = diagnostic.span;
        self.diagnostics.push(match is_last {
            false => diagnostic,
            // An error, since one may be among those that are left out.
            true => Diagnostic::new(SCHEMA, span, format!("{MOST} are told, and there are more")),
        });
    }

    /// Adds one of code `schema`.
    pub fn schema(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::schema(span, message));
    }

    /// Reports a key that nobody reads, with the known one that was probably meant.
    pub fn unknown_key(&mut self, entry: &Entry, within: &str, known: &[&str]) {
        let message = format!("nothing reads the key `{}` of {within}", excerpt(&entry.key));
        let help = match closest(&entry.key, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        self.report(Diagnostic::new(UNKNOWN_KEY, entry.key_span, message).help(help));
    }

    /// A scalar's text; empty and null are diagnostics.
    pub fn text(&mut self, what: &str, node: &Node) -> Option<String> {
        match node.as_text() {
            Some(text) if !node.is_null() && !text.is_empty() => Some(text.to_owned()),
            Some(_) => {
                self.schema(node.span, format!("`{what}` is empty"));
                None
            }
            None => self.expected(what, "a text", node),
        }
    }

    /// True or false.
    pub fn boolean(&mut self, what: &str, node: &Node) -> Option<bool> {
        self.plain(what, "true or false", node, Node::as_bool)
    }

    /// A number, or whatever `read` makes of one; `expected` says in messages which
    /// will do.
    pub fn number<T>(
        &mut self,
        what: &str,
        expected: &str,
        node: &Node,
        read: impl Fn(serde_json::Number) -> Option<T>,
    ) -> Option<T> {
        self.plain(what, expected, node, |node| node.as_number().and_then(&read))
    }

    /// A whole number from `min` to `max`.
    pub fn integer(&mut self, what: &str, node: &Node, min: u64, max: u64) -> Option<u64> {
        // JSON Schema, too, takes 1.0 for a whole number.
        let whole = |n: serde_json::Number| match n.as_f64() {
            Some(float) if n.is_f64() && float.fract() == 0.0 && float >= 0.0 => Some(float as u64),
            _ => n.as_u64(),
        };
        let expected = format!("a whole number from {min} to {max}");
        self.number(what, &expected, node, |n| whole(n).filter(|n| (min..=max).contains(n)))
    }

    /// A value that is none any more once it stands in quotes.
    fn plain<T>(
        &mut self,
        what: &str,
        expected: &str,
        node: &Node,
        read: impl Fn(&Node) -> Option<T>,
    ) -> Option<T> {
        let value = read(node);
        if value.is_none() && node.without_quotes().is_some_and(|plain| read(&plain).is_some()) {
            let text = excerpt(node.as_text().unwrap_or_default().trim());
            let message = format!("`{what}` takes {expected}, not the text `\"{text}\"`");
            let help = format!("write {text} without quotes");
            self.report(Diagnostic::schema(node.span, message).help(help));
            return None;
        }
        value.or_else(|| self.expected(what, expected, node))
    }

    /// The items of a list; none of a null.
    pub fn sequence<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Node] {
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

    /// The entries of a mapping; none of a null.
    pub fn mapping<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Entry] {
        match &node.kind {
            NodeKind::Mapping(entries) => entries,
            _ if node.is_null() => &[],
            _ => {
                self.expected::<()>(what, "a mapping", node);
                &[]
            }
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, what: &str, node: &Node) -> Vec<String> {
        self.sequence(what, node).iter().filter_map(|item| self.text(what, item)).collect()
    }

    /// Reports that a value is not what it should be; the answer is always none.
    pub fn expected<T>(&mut self, what: &str, expected: &str, node: &Node) -> Option<T> {
        let found = match node.as_text() {
            Some(text) if !node.is_null() => format!("`{}`", excerpt(text)),
            _ => node.describe().to_owned(),
        };
        self.schema(node.span, format!("`{what}` takes {expected}, not {found}"));
        None
    }
}

/// The items of a list, or the one value that stands in place of it.
#[must_use]
pub fn one_or_more(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Puts a value that was read into its place, and leaves the default there
/// when it could not be.
pub fn keep<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of the value of `key` in a text.
    fn said<T: std::fmt::Debug>(
        text: &str,
        read: impl Fn(&mut Reader, &Node) -> Option<T>,
    ) -> Vec<String> {
        let source = Source::new("f", text);
        let mut reader = Reader::default();
        let entries = reader.root(&source, "it").unwrap();
        assert!(read(&mut reader, &entries[0].value).is_none(), "{text}");
        reader.into_diagnostics().iter().map(|found| found.located(&source)).collect()
    }

    #[test]
    fn of_very_many_mistakes_the_last_says_so() {
        let mut reader = Reader::default();
        for at in 0..2 * MOST {
            reader.schema(Span::new(at, at), "wrong");
        }
        let told = reader.into_diagnostics();
        assert_eq!(told.len(), MOST + 1);
        let expected = "10000 are told, and there are more".to_owned();
        assert_eq!(told[MOST], Diagnostic::schema(Span::new(MOST, MOST), expected));
    }

    #[test]
    fn a_number_or_boolean_in_quotes_is_told_to_lose_them() {
        for (text, expected) in [
            ("k: \"2\"", "not the text `\"2\"` [schema]; write 2 without quotes"),
            ("k: ' +7 '", "not the text `\"+7\"` [schema]; write +7 without quotes"),
            ("k: \"3.0\"", "not the text `\"3.0\"` [schema]; write 3.0 without quotes"),
            // Without quotes they would be as wrong.
            ("k: \"12\"", "not `12` [schema]"),
            ("k: 'many'", "not `many` [schema]"),
            ("k: 12", "not `12` [schema]"),
        ] {
            let found = said(text, |reader, node| reader.integer("k", node, 1, 9));
            assert_eq!(found, [format!("f:1:4: `k` takes a whole number from 1 to 9, {expected}")]);
        }
        for (text, expected) in [
            ("k: \"true\"", "not the text `\"true\"` [schema]; write true without quotes"),
            ("k: 'False'", "not the text `\"False\"` [schema]; write False without quotes"),
            ("k: 'yes'", "not `yes` [schema]"),
            ("k: yes", "not `yes` [schema]"),
        ] {
            let found = said(text, |reader, node| reader.boolean("k", node));
            assert_eq!(found, [format!("f:1:4: `k` takes true or false, {expected}")]);
        }
    }
}

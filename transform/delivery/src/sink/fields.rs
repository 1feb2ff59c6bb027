//! The keys of one entry of `sinks:`, taken out one by one.

use signatures_document::{
    Diagnostic, Reader,
    yaml::{Entry, Node, Span},
};

use crate::secret::{PLAIN_SECRET, SecretText};

/// The keys of one entry of `sinks:`.
pub(crate) struct Fields<'r, 'n> {
    /// Where what is wrong is reported.
    pub(super) reader: &'r mut Reader,
    name: &'n str,
    /// Where the sink's name stands.
    pub(super) span: Span,
    pub(super) entries: &'n [Entry],
    /// The files that were named so far.
    pub(super) files: Vec<SecretText>,
}

/// Whether a value is a secret as a whole, or only what it may hold.
#[derive(Clone, Copy, PartialEq)]
enum Whole {
    Secret,
    Open,
}

impl<'r, 'n> Fields<'r, 'n> {
    pub(super) fn new(reader: &'r mut Reader, entry: &'n Entry) -> Self {
        let entries = reader.mapping(&entry.key, &entry.value);
        Self { reader, name: &entry.key, span: entry.key_span, entries, files: Vec::new() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// A mapping's entries; none when it is not there.
    pub(super) fn mapping(&mut self, key: &str) -> &'n [Entry] {
        self.get(key).map_or(&[], |node| self.reader.mapping(key, node))
    }

    /// The same, of one whose values may be secrets: a text in its place is not quoted.
    pub(super) fn secret_mapping(&mut self, key: &str) -> &'n [Entry] {
        match self.get(key) {
            Some(node) if node.as_text().is_some() && !node.is_null() => {
                self.reader.schema(node.span, format!("`{key}` takes a mapping, not a text"));
                &[]
            }
            _ => self.mapping(key),
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.get(key).and_then(|node| self.reader.text(key, node))
    }

    /// The path of a file.
    pub(super) fn file(&mut self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        let path = self.reader.text(key, node)?;
        self.files.push(SecretText::File { path: path.clone(), span: node.span });
        Some(path)
    }

    pub(super) fn integer(&mut self, key: &str, min: u64, max: u64) -> Option<u64> {
        self.get(key).and_then(|node| self.reader.integer(key, node, min, max))
    }

    /// A value of a short list; nothing when it is not there, or when it is the
    /// word for nothing.
    pub(super) fn choice<T: Clone>(
        &mut self,
        key: &str,
        choices: &[(&str, Option<T>)],
    ) -> Option<T> {
        let node = self.get(key)?;
        match choices.iter().find(|(word, _)| node.as_text() == Some(word)) {
            Some((_, value)) => value.clone(),
            None => {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                self.reader.expected(key, &format!("one of {}", words.join(", ")), node)
            }
        }
    }

    /// A value that must be there, as `key` or as `key_file`.
    pub(super) fn required(&mut self, key: &str) -> Option<SecretText> {
        self.required_value(key, Whole::Open)
    }

    /// A secret that must be there, as `key` or as `key_file`.
    pub(super) fn required_secret(&mut self, key: &str) -> Option<SecretText> {
        self.required_value(key, Whole::Secret)
    }

    /// A secret, as `key` or as `key_file`.
    pub(super) fn secret(&mut self, key: &str) -> Option<SecretText> {
        self.value(key, Whole::Secret)
    }

    /// A value that is no secret, without a `_file` form.
    pub(super) fn inline(&mut self, key: &str) -> Option<SecretText> {
        self.get(key).and_then(|node| self.inline_value(key, node, Whole::Open))
    }

    /// A value under a name that the user gave, without a `_file` form.
    pub(super) fn named(&mut self, entry: &Entry, is_secret: bool) -> Option<SecretText> {
        let whole = if is_secret { Whole::Secret } else { Whole::Open };
        self.inline_value(&entry.key, &entry.value, whole)
    }

    fn required_value(&mut self, key: &str, whole: Whole) -> Option<SecretText> {
        if self.get(key).is_none() && self.get(&format!("{key}_file")).is_none() {
            let message = format!("the sink `{}` lacks `{key}`", self.name);
            let help = format!(
                "`{key}: ${{NAME}}` takes it from the environment, `{key}_file` from a file"
            );
            self.reader.report(Diagnostic::schema(self.span, message).help(help));
            return None;
        }
        self.value(key, whole)
    }

    fn value(&mut self, key: &str, whole: Whole) -> Option<SecretText> {
        let file_key = format!("{key}_file");
        match (self.get(key), self.get(&file_key)) {
            (Some(_), Some(file)) => {
                self.reader.schema(file.span, format!("give `{key}` or `{file_key}`, not both"));
                None
            }
            (Some(inline), None) => self.inline_value(key, inline, whole),
            (None, Some(file)) => {
                let path = self.file(&file_key)?;
                Some(SecretText::File { path, span: file.span })
            }
            (None, None) => None,
        }
    }

    fn inline_value(&mut self, key: &str, node: &Node, whole: Whole) -> Option<SecretText> {
        let text = self.reader.text(key, node)?;
        let password_in_url = text.split_once("://").is_some_and(|(_, rest)| {
            rest.split(['/', '?']).next().is_some_and(|authority| authority.contains('@'))
        });
        if (whole == Whole::Secret || password_in_url) && !text.contains("${") {
            let message = format!("`{key}` is a secret, and stands here in clear");
            self.reader.report(
                Diagnostic::new(PLAIN_SECRET, node.span, message)
                    .help("take it from the environment, `${NAME}`, or from a file"),
            );
        }
        Some(SecretText::Inline { text, span: node.span })
    }
}

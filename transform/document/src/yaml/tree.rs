//! Building the tree, within limits that no file can get past.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use granit_parser::{Event, Parser};

use super::{budget::Budget, error::YamlError, explanation::explained, span::Span};
use crate::{excerpt::excerpt, file::MAX_FILE_BYTES};

/// The deepest that a document may nest once its aliases are followed.
const MAX_DEPTH: usize = 128;

/// A node of the document, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands; of an alias, where the alias stands.
    pub span: Span,
}

/// The three kinds of YAML node.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A single value, as text with its escapes resolved.
    Scalar {
        /// The text.
        text: String,
        /// How it was written, which decides its type and where its parts stand.
        style: ScalarStyle,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Pairs in file order.
    Mapping(Vec<Entry>),
}

/// One pair of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key; always a scalar, or reading fails.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`: only `''` is an escape.
    SingleQuoted,
    /// `"…"`: backslash escapes.
    DoubleQuoted,
    /// `|` or `>`.
    Block,
}

impl Node {
    /// The text of a scalar.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is the null value: nothing, `~` or `null`, unquoted.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar { text, style: ScalarStyle::Plain }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What a text in quotes would be without them.
    #[must_use]
    pub fn without_quotes(&self) -> Option<Self> {
        match &self.kind {
            NodeKind::Scalar { style: ScalarStyle::Plain, .. } => None,
            NodeKind::Scalar { text, .. } => {
                let (text, style) = (text.trim().to_owned(), ScalarStyle::Plain);
                Some(Self { kind: NodeKind::Scalar { text, style }, span: self.span })
            }
            _ => None,
        }
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            NodeKind::Scalar { text, style: ScalarStyle::Plain } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of a number.
    #[must_use]
    pub fn as_number(&self) -> Option<serde_json::Number> {
        match &self.kind {
            NodeKind::Scalar { text, style: ScalarStyle::Plain } => {
                let text = text.strip_prefix('+').unwrap_or(text);
                if let Ok(integer) = text.parse::<i64>() {
                    return Some(integer.into());
                }
                let float_like = text.bytes().any(|b| b.is_ascii_digit())
                    && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                float_like
                    .then(|| text.parse().ok().and_then(serde_json::Number::from_f64))
                    .flatten()
            }
            _ => None,
        }
    }

    /// What a person would call it in a message.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar { .. } if self.is_null() => "nothing",
            NodeKind::Scalar { .. } if self.as_bool().is_some() => "a boolean",
            NodeKind::Scalar { .. } if self.as_number().is_some() => "a number",
            NodeKind::Scalar { .. } => "a text",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
        }
    }

    /// The same value as JSON, typed by the rules of YAML 1.2's core schema.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            NodeKind::Scalar { text, .. } => {
                if self.is_null() {
                    serde_json::Value::Null
                } else if let Some(boolean) = self.as_bool() {
                    boolean.into()
                } else if let Some(number) = self.as_number() {
                    number.into()
                } else {
                    text.as_str().into()
                }
            }
            NodeKind::Sequence(items) => items.iter().map(Self::to_json).collect(),
            NodeKind::Mapping(entries) => {
                entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect()
            }
        }
    }
}

/// Reads the one document of a text; none where there is nothing but comments.
///
/// # Errors
/// On text that is no YAML, on more than one document, on keys that repeat or
/// are no scalars, past [`MAX_FILE_BYTES`] and 128 levels, and where the tree,
/// aliases followed, would take more than 64 MiB.
pub fn parse(text: &str) -> Result<Option<Node>, YamlError> {
    Parsed::of(text).document
}

/// A comment, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What it says, without the `#`.
    pub text: String,
    /// From the `#` to the end of the line.
    pub span: Span,
}

/// All that is taken out of a text, in one pass.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    /// The document, or why there is none.
    pub(super) document: Result<Option<Node>, YamlError>,
    /// The comments, up to the place where the text stops being YAML.
    pub(super) comments: Vec<Comment>,
}

impl Parsed {
    pub(super) fn of(text: &str) -> Self {
        let mut builder = Builder::default();
        let mut comments = Vec::new();
        let mut failure = None;
        if text.len() > MAX_FILE_BYTES {
            let message = format!("the text is longer than {} MiB", MAX_FILE_BYTES >> 20);
            let error = YamlError::new(message, Span::default());
            return Self { document: Err(error), comments };
        }
        // A byte-order mark is no part of the document.
        let (body, shift) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
        for event in Parser::new_from_str(body) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(body.len()) + shift;
                    failure.get_or_insert_with(|| explained(text, at, &error.info()));
                    break;
                }
            };
            let byte = |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0) + shift;
            let span = Span::new(byte(&span.start), byte(&span.end));
            match event {
                Event::Comment(comment, _) => {
                    let bytes = size_of::<Comment>() + comment.len();
                    match builder.budget.take(bytes, span) {
                        Ok(()) => comments.push(Comment::at(span.start, comment, text)),
                        Err(error) => {
                            failure.get_or_insert(error);
                            break;
                        }
                    }
                }
                // What is no document may have comments all the same.
                _ if failure.is_some() => {}
                Event::Scalar(value, style, anchor, tag) if is_block(style) => {
                    // It goes on to the next thing; it is more use to people to end it
                    // where its own last word does.
                    let end = span.start + text[span.start..span.end].trim_end().len();
                    let event = Event::Scalar(value, style, anchor, tag);
                    failure = builder.push(event, Span::new(span.start, end)).err();
                }
                event => failure = builder.push(event, span).err(),
            }
        }
        Self { document: failure.map_or(Ok(builder.root), Err), comments }
    }
}

const fn is_block(style: granit_parser::ScalarStyle) -> bool {
    matches!(style, granit_parser::ScalarStyle::Literal | granit_parser::ScalarStyle::Folded)
}

impl Comment {
    fn at(start: usize, comment: Cow<'_, str>, text: &str) -> Self {
        let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
        let span = Span::new(start, start + line.trim_end().len());
        Self { text: comment.into_owned(), span }
    }
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Sized>,
    budget: Budget,
    documents: usize,
}

/// A collection whose end has not come yet.
struct Open {
    kind: OpenKind,
    start: usize,
    anchor: usize,
    size: Size,
}

enum OpenKind {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<(String, Span)>,
        seen: HashSet<String>,
        /// Those of the entries that are not the mapping's own.
        merged: HashSet<String>,
    },
}

#[derive(Clone, Copy, Default)]
struct Size {
    /// What it takes of memory.
    bytes: usize,
    depth: usize,
}

#[derive(Clone)]
struct Sized {
    node: Node,
    size: Size,
}

impl Builder {
    fn push(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here; one file holds one";
                    return Err(YamlError::new(message, span));
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                let style = match style {
                    granit_parser::ScalarStyle::Plain => ScalarStyle::Plain,
                    granit_parser::ScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
                    granit_parser::ScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
                    _ => ScalarStyle::Block,
                };
                // Counted before it is copied, as all that follows.
                let size = Size { bytes: size_of::<Entry>() + text.len(), depth: 1 };
                self.budget.take(size.bytes, span)?;
                let kind = NodeKind::Scalar { text: text.into_owned(), style };
                self.finish(Sized { node: Node { kind, span }, size }, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(OpenKind::Sequence(Vec::new()), span, anchor)?;
            }
            Event::MappingStart(_, anchor, _) => {
                let (entries, seen, merged) = (Vec::new(), HashSet::new(), HashSet::new());
                let kind = OpenKind::Mapping { entries, key: None, seen, merged };
                self.open(kind, span, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => {
                let Some(size) = self.anchors.get(&anchor).map(|target| target.size) else {
                    let message = "an alias cannot stand inside its own anchor";
                    return Err(YamlError::new(message, span));
                };
                // A few aliases can stand for billions.
                self.budget.take(size.bytes, span)?;
                let mut target = self.anchors[&anchor].clone();
                target.node.span = span;
                self.finish(target, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, kind: OpenKind, span: Span, anchor: usize) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        let size = Size { bytes: size_of::<Entry>(), depth: 1 };
        self.budget.take(size.bytes, span)?;
        self.open.push(Open { kind, start: span.start, anchor, size });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (kind, last) = match open.kind {
            OpenKind::Sequence(items) => {
                let last = items.last().map(|node| node.span.end);
                (NodeKind::Sequence(items), last)
            }
            OpenKind::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end.max(entry.key_span.end));
                (NodeKind::Mapping(entries), last)
            }
        };
        // A block collection ends where the next thing starts; it is more use
        // to people to end it where its own last word does.
        let flow = span.end > span.start;
        let end = if flow { span.end } else { last.unwrap_or(span.end) };
        let node = Node { kind, span: Span::new(open.start, end.max(open.start)) };
        self.finish(Sized { node, size: open.size }, open.anchor)
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, sized: Sized, anchor: usize) -> Result<(), YamlError> {
        let span = sized.node.span;
        if anchor > 0 {
            // Anchors may stand within each other, and each is kept whole.
            self.budget.take(sized.size.bytes, span)?;
            self.anchors.insert(anchor, sized.clone());
        }
        let depth_here = self.open.len();
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(sized.node);
            return Ok(());
        };
        if depth_here + sized.size.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        parent.size.bytes += sized.size.bytes;
        parent.size.depth = parent.size.depth.max(sized.size.depth + 1);
        match &mut parent.kind {
            OpenKind::Sequence(items) => items.push(sized.node),
            OpenKind::Mapping { entries, key, seen, merged } => match key.take() {
                None => {
                    let NodeKind::Scalar { text, .. } = sized.node.kind else {
                        let message =
                            format!("a key must be a text, not {}", sized.node.describe());
                        return Err(YamlError::new(message, span));
                    };
                    self.budget.take(size_of::<String>() + text.len(), span)?;
                    if !seen.insert(text.clone()) && text != "<<" {
                        let text = excerpt(&text);
                        let message =
                            format!("the key `{text}` is here twice; rename or merge one");
                        return Err(YamlError::new(message, span));
                    }
                    *key = Some((text, span));
                }
                Some((name, _)) if name == "<<" => {
                    self.budget.take(sized.size.bytes, span)?;
                    merge(entries, seen, merged, sized.node)?;
                }
                Some((name, key_span)) => {
                    if merged.remove(&name) {
                        // A key of the mapping's own wins over a merged one before it.
                        entries.retain(|entry| entry.key != name);
                    }
                    entries.push(Entry { key: name, key_span, value: sized.node });
                }
            },
        }
        Ok(())
    }
}

/// Takes over the pairs of `<<: *anchor` that the mapping does not have itself.
fn merge(
    entries: &mut Vec<Entry>,
    seen: &HashSet<String>,
    merged: &mut HashSet<String>,
    node: Node,
) -> Result<(), YamlError> {
    let span = node.span;
    let maps = match node.kind {
        NodeKind::Sequence(items) => items,
        kind => vec![Node { kind, span }],
    };
    for map in maps {
        let NodeKind::Mapping(pairs) = map.kind else {
            let message = "`<<` takes a mapping, or a list of mappings, by alias";
            return Err(YamlError::new(message, span));
        };
        for entry in pairs {
            if !seen.contains(&entry.key) && merged.insert(entry.key.clone()) {
                entries.push(entry);
            }
        }
    }
    Ok(())
}

fn too_deep(span: Span) -> YamlError {
    YamlError::new(format!("nested deeper than {MAX_DEPTH} levels"), span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> serde_json::Value {
        parse(text).unwrap().unwrap().to_json()
    }

    fn error(text: &str) -> (String, Span) {
        let error = parse(text).unwrap_err();
        (error.message, error.span)
    }

    #[test]
    fn scalars_have_the_types_of_the_core_schema_unless_quoted() {
        assert_eq!(
            json("[1, -2.5, 1e3, true, ~, '1', \"true\", 1.2.3, .5, e5, 0x10, 08]"),
            serde_json::json!([
                1, -2.5, 1000.0, true, null, "1", "true", "1.2.3", 0.5, "e5", "0x10", 8
            ])
        );
    }

    #[test]
    fn json_is_yaml() {
        let text = r#"{"a": ["x\u00e9\n", {"b": 1}], "c": "\ud83d\ude00"}"#;
        assert_eq!(json(text), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }

    #[test]
    fn spans_cover_the_values_as_written() {
        let text = "a: 'it''s'\nb:\n  - x\n  - y\nc: {d: 1}\n";
        let root = parse(text).unwrap().unwrap();
        let NodeKind::Mapping(entries) = &root.kind else { panic!("{root:?}") };
        let seen: Vec<_> = entries
            .iter()
            .map(|e| {
                let (key, value) = (e.key_span, e.value.span);
                (&text[key.start..key.end], &text[value.start..value.end])
            })
            .collect();
        assert_eq!(seen, [("a", "'it''s'"), ("b", "- x\n  - y"), ("c", "{d: 1}")]);
    }

    #[test]
    fn aliases_and_merge_keys_are_followed() {
        assert_eq!(
            json("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\ncopy: *b\n"),
            serde_json::json!({"base": {"x": 1, "y": 2}, "use": {"x": 1, "y": 3}, "copy": {"x": 1, "y": 2}})
        );
    }

    #[test]
    fn comments_are_found_where_they_stand() {
        let text = "# top\na: '# no' #  x é \nb: |\n  # text\nc: 1 # last";
        let comments = Parsed::of(text).comments;
        let seen: Vec<_> = comments.iter().map(|c| &text[c.span.start..c.span.end]).collect();
        assert_eq!(seen, ["# top", "#  x é", "# last"]);
        assert_eq!(comments[1].text.trim(), "x é");
    }

    #[test]
    fn what_is_no_document_has_comments_as_far_as_it_is_yaml() {
        let parsed = Parsed::of("a: 1 # one\na: 2 # two\nb: [ # three\n");
        assert_eq!(parsed.document.unwrap_err().span, Span::new(11, 12));
        let texts: Vec<_> = parsed.comments.iter().map(|c| c.text.trim()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
    }

    #[test]
    fn nothing_but_comments_is_no_document() {
        assert_eq!(parse("# nothing\n").unwrap(), None);
        assert_eq!(parse("").unwrap(), None);
    }

    #[test]
    fn what_is_no_document_says_why_and_where() {
        assert_eq!(
            error("a: 1\na: 2\n"),
            ("the key `a` is here twice; rename or merge one".into(), Span::new(5, 6))
        );
        assert_eq!(error("a: 1\n---\nb: 2\n").1, Span::new(5, 8));
        assert_eq!(error("a: [1, 2\nb: 3\n").1.start, 10);
        assert_eq!(error("? [a]\n: b\n").0, "a key must be a text, not a list");
    }

    #[test]
    fn a_few_aliases_cannot_stand_for_billions() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(", ");
            text += &format!("a{i}: &a{i} [{refs}]\n");
        }
        assert!(error(&text).0.starts_with("read into memory it takes more than 64 MiB"));
    }

    #[test]
    fn whatever_a_text_grows_to_is_bounded_and_told_with_its_place() {
        // Anchors one within the other, each a copy; one anchor, again and again;
        // mappings that take over another.
        let items = vec!["x"; 10_000].join(", ");
        let open = (0..100).map(|n| format!("&n{n} [")).collect::<String>();
        let nested = format!("{open}{items}{}", "]".repeat(100));
        let long = "y".repeat(100_000);
        let again = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 1000].join(", "));
        let keys: Vec<_> = (0..1000).map(|n| format!("k{n}: 1")).collect();
        let merged = (0..1000).map(|n| format!("m{n}: {{<<: *a}}\n")).collect::<String>();
        let merged = format!("a: &a {{{}}}\n{merged}", keys.join(", "));
        for text in [nested, again, merged] {
            let (message, span) = error(&text);
            assert!(message.starts_with("read into memory it takes more than 64 MiB"));
            assert!(span.end > 0 && span.end <= text.len());
        }
        let long = "a".repeat(MAX_FILE_BYTES + 1);
        assert_eq!(error(&long), ("the text is longer than 16 MiB".into(), Span::default()));
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert_eq!(error(&deep).0, "nested deeper than 128 levels");
        let mut text = String::from("a0: &a0 [x]\n");
        for i in 1..200 {
            text += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
        }
        assert_eq!(error(&text).0, "nested deeper than 128 levels");
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_or_refused(text in "(?s).{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn yaml_like_text_is_read_or_refused(text in "[-?:,\\[\\]{}&*!|>'\"%@` \n\ta-c0<~\u{feff}é]{0,80}") {
            if let Ok(Some(node)) = parse(&text) {
                prop_assert!(node.span.end <= text.len());
                let _ = node.to_json();
            }
        }
    }
}

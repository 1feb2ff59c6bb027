//! An edit of a value, as its scalar is written.

use std::ops::Range;

use serde::de::IgnoredAny;
use signatures_document::yaml::{self, Node, NodeKind, ScalarStyle, Source};
use signatures_engine::taxonomy::Located;

use crate::finding::{Fix, ValueEdit};

const NO_PLACE: &str = "how the value is written leaves no place for it";

/// The edit of the source that puts `text` in place of a part of a scalar's value, in
/// the scalar's own manner, or in quotes where it would be something else without them.
///
/// # Errors
/// Why there is none.
pub(crate) fn edit(
    source: &Source,
    at: Located,
    value: &str,
    part: Range<usize>,
    text: &str,
) -> Result<Fix, &'static str> {
    let raw = &source.text()[at.span.start..at.span.end];
    if raw.starts_with('*') && at.style != ScalarStyle::Block {
        return Err("an alias stands here: mend the value at its anchor");
    }
    let written = match at.style {
        ScalarStyle::SingleQuoted => single_quoted(text),
        ScalarStyle::DoubleQuoted => escaped(text),
        ScalarStyle::Plain | ScalarStyle::Block => text.to_owned(),
    };
    if written.contains(['\n', '\r']) {
        return Err(NO_PLACE);
    }
    let after = format!("{}{text}{}", &value[..part.start], &value[part.end..]);
    let within = source.within_scalar(at.span, at.style, part.clone());
    let (span, written) = match at.style {
        ScalarStyle::Plain => match quoted(source, at, raw, &after)? {
            Some(quoted) => (at.span, quoted),
            None => (within, written),
        },
        // The whole of one that was not taken apart is not the part.
        _ if within == at.span => return Err(NO_PLACE),
        _ => (within, written),
    };
    let value = ValueEdit { scalar: at.span, part, text: text.to_owned() };
    Ok(Fix { span, text: written, value: Some(value), is_safe: false })
}

/// What a plain scalar becomes, where it cannot stay one.
fn quoted(
    source: &Source,
    at: Located,
    raw: &str,
    after: &str,
) -> Result<Option<String>, &'static str> {
    let root = source.document().ok().flatten();
    let in_flow = root.is_some_and(|root| is_in_flow(source.text(), root, at.span.start));
    if in_flow && serde_json::from_str::<IgnoredAny>(source.text()).is_ok() {
        return Ok(Some(format!("\"{}\"", escaped(after))));
    }
    if stays_plain(after, in_flow) && !raw.contains(['\n', '\r']) {
        return Ok(None);
    }
    match after.chars().any(char::is_control) {
        true => Err(NO_PLACE),
        false => Ok(Some(format!("'{}'", single_quoted(after)))),
    }
}

fn single_quoted(text: &str) -> String {
    text.replace('\'', "''")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Whether a text without quotes is that text.
fn stays_plain(text: &str, in_flow: bool) -> bool {
    let document = if in_flow { format!("[{text}]") } else { format!("- {text}\n") };
    let Ok(Some(root)) = yaml::parse(&document) else { return false };
    match root.kind {
        NodeKind::Sequence(items) => {
            items.len() == 1 && items[0].as_text() == Some(text) && !items[0].is_null()
        }
        _ => false,
    }
}

/// Whether a place is inside of brackets or braces, where less can stand without quotes.
fn is_in_flow(text: &str, node: &Node, at: usize) -> bool {
    let holds = |node: &&Node| (node.span.start..node.span.end).contains(&at);
    let children: Vec<&Node> = match &node.kind {
        NodeKind::Scalar { .. } => return false,
        NodeKind::Sequence(items) => items.iter().filter(holds).collect(),
        NodeKind::Mapping(entries) => entries.iter().map(|e| &e.value).filter(holds).collect(),
    };
    text[node.span.start..].starts_with(['[', '{'])
        || children.into_iter().any(|child| is_in_flow(text, child, at))
}

//! What a comment behind its first line is for.

use signatures_document::yaml::{Node, NodeKind, Source, Span};

/// The parts of a file that a comment behind their first line is for: entries of
/// lists, and values with their keys; by their beginning.
pub(super) fn blocks(source: &Source, root: &Node) -> Vec<Span> {
    let mut blocks = Vec::new();
    collect(source.text(), root, &mut blocks);
    blocks.sort_by_key(|block| block.start);
    blocks
}

fn collect(text: &str, node: &Node, blocks: &mut Vec<Span>) {
    match &node.kind {
        NodeKind::Scalar { .. } => {}
        NodeKind::Sequence(items) => {
            for item in items {
                blocks.push(Span::new(lead(text, item.span.start), item.span.end));
                collect(text, item, blocks);
            }
        }
        NodeKind::Mapping(entries) => {
            for entry in entries {
                let (start, end) = (entry.key_span.start, entry.value.span.end);
                if entry.value.as_text().is_some() && start < end {
                    blocks.push(Span::new(start, end));
                }
                collect(text, &entry.value, blocks);
            }
        }
    }
}

/// Where the entry of a list begins: at its dash, though that may stand in a line
/// above, alone or with what says how the value is written.
fn lead(text: &str, start: usize) -> usize {
    // A file may be one line, of which only what is near is looked at.
    let before = text[..start].trim_end_matches([' ', '\t']);
    if !before.is_empty() && !before.ends_with(['\n', '\r']) {
        return start;
    }
    let mut line = before.len();
    while line > 0 {
        let above = line_start(text, line - 1);
        let content = text[above..line].trim();
        if content.starts_with('-') && goes_on_below(content) {
            return above + (text[above..line].len() - text[above..line].trim_start().len());
        }
        if !content.is_empty() && !content.starts_with('#') {
            break;
        }
        line = above;
    }
    start
}

/// Whether nothing of an entry stands beside its dash but what says how it is written.
fn goes_on_below(entry: &str) -> bool {
    let about = |word: &&str| *word == "-" || word.starts_with(['&', '!']);
    let first = entry.split_whitespace().find(|word| !about(word));
    first.is_none_or(|word| word.starts_with(['#', '|', '>']))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_lists_begin_at_their_dash_and_values_at_their_key() {
        let text = "a:\n  - # why\n    b: |\n      x\n  -  |-\n    y\n  - [z,\n     w]\n";
        let source = Source::new("t", text);
        let root = source.document().unwrap().unwrap();
        let found: Vec<_> =
            blocks(&source, root).iter().map(|block| &text[block.start..block.end]).collect();
        assert_eq!(
            found,
            [
                "- # why\n    b: |\n      x",
                "b: |\n      x",
                "-  |-\n    y",
                "[z,\n     w]",
                "z",
                "w"
            ]
        );
    }
}

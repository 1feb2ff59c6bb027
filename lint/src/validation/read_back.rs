//! Whether a file says after an edit what was meant.

use std::collections::HashMap;

use signatures_document::yaml::{Node, NodeKind, Source, Span};

use crate::finding::{Fix, ValueEdit};

/// What is to become of values, by the places of their scalars.
type Edits<'f> = HashMap<Span, Vec<&'f ValueEdit>>;

/// Whether a file that was edited holds what it held before, but for the values that
/// were to change.
pub(super) fn is_as_meant(before: &Source, after: &Source, fixes: &[&Fix]) -> bool {
    let mut edits = Edits::new();
    for edit in fixes.iter().filter_map(|fix| fix.value.as_ref()) {
        edits.entry(edit.scalar).or_default().push(edit);
    }
    match (before.document(), after.document()) {
        (Ok(None), Ok(None)) => true,
        (Ok(Some(before)), Ok(Some(after))) => is_same(before, after, &edits),
        _ => false,
    }
}

fn is_same(before: &Node, after: &Node, edits: &Edits<'_>) -> bool {
    match (&before.kind, &after.kind) {
        (NodeKind::Scalar { text, .. }, NodeKind::Scalar { text: found, .. }) => {
            match edits.get(&before.span) {
                Some(edits) => edited(text, edits).is_some_and(|meant| meant == *found),
                None => before.kind == after.kind,
            }
        }
        (NodeKind::Sequence(before), NodeKind::Sequence(after)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(before, after)| is_same(before, after, edits))
        }
        (NodeKind::Mapping(before), NodeKind::Mapping(after)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(before, after)| {
                    before.key == after.key && is_same(&before.value, &after.value, edits)
                })
        }
        _ => false,
    }
}

fn edited(text: &str, edits: &[&ValueEdit]) -> Option<String> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.part.start, edit.part.end));
    let (mut meant, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        meant.push_str(text.get(at..edit.part.start)?);
        meant.push_str(&edit.text);
        at = edit.part.end;
    }
    meant.push_str(text.get(at..)?);
    Some(meant)
}

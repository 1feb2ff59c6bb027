//! Mending a file by the fixes of its findings.

use signatures_document::yaml::Source;

use super::read_file::ReadFile;
use crate::finding::Finding;

/// Applies all fixes that do not meet, and counts them; none where the file would
/// be the worse for it.
pub(crate) fn fixed(file: &ReadFile, findings: &[Finding]) -> Option<(ReadFile, usize)> {
    let mut fixes: Vec<_> = findings.iter().filter_map(|f| f.fix.as_ref()).collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let text = file.source.text();
    let (mut edited, mut at, mut count) = (String::with_capacity(text.len()), 0, 0);
    for fix in fixes {
        if fix.span.start < at || fix.span.end > text.len() {
            continue;
        }
        edited.push_str(&text[at..fix.span.start]);
        edited.push_str(&fix.text);
        at = fix.span.end;
        count += 1;
    }
    edited.push_str(&text[at..]);
    if count == 0 || edited == text {
        return None;
    }
    let after = file.edited(Source::new(file.source.name(), edited));
    let worse = after.problems.len() > file.problems.len() || file.complete && !after.complete;
    (!worse).then_some((after, count))
}

//! Mending a file by the fixes of its findings.

use signatures_document::yaml::Source;

use super::{read_back::is_as_meant, read_file::ReadFile};
use crate::finding::{Finding, Fix};

/// How often a file is read anew to find out which fixes cannot be made.
const MOST_TRIES: usize = 200;

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those after which all goes on as before.
    Safe,
    /// Those that may change what is found, too.
    All,
}

impl Wanted {
    pub(crate) fn includes(self, fix: &Fix) -> bool {
        fix.is_safe || self == Self::All
    }
}

/// Makes the fixes that do not meet, and counts them; none where none can be made. Of
/// each the new file is read, and must say what was meant and nothing else; one of
/// which it does not is left out.
pub(crate) fn fixed(
    file: &ReadFile,
    findings: &[Finding],
    wanted: Wanted,
) -> Option<(ReadFile, usize)> {
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut fixes: Vec<_> = fixes.filter(|fix| wanted.includes(fix)).collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let mut at = 0;
    fixes.retain(|fix| {
        let is_apart = fix.span.start >= at && fix.span.end <= file.source.text().len();
        at = if is_apart { fix.span.end } else { at };
        is_apart
    });
    let mut mending = Mending { file, made: Vec::new(), after: None, tries: MOST_TRIES };
    mending.make(&fixes);
    let count = mending.made.len();
    mending.after.map(|after| (after, count))
}

/// Fixes that are made one after the other.
struct Mending<'f> {
    file: &'f ReadFile,
    /// Those that can be made together.
    made: Vec<&'f Fix>,
    /// The file with them.
    after: Option<ReadFile>,
    tries: usize,
}

impl<'f> Mending<'f> {
    /// Makes those of the fixes that can be made: all, or else each half by itself.
    fn make(&mut self, fixes: &[&'f Fix]) {
        if fixes.is_empty() || self.tries == 0 {
            return;
        }
        self.tries -= 1;
        let mut together = self.made.clone();
        together.extend(fixes);
        together.sort_by_key(|fix| (fix.span.start, fix.span.end));
        if let Some(after) = with(self.file, &together) {
            self.made = together;
            self.after = Some(after);
        } else if fixes.len() > 1 {
            let (first, second) = fixes.split_at(fixes.len() / 2);
            self.make(first);
            self.make(second);
        }
    }
}

/// The file with these fixes; none where it would not say what is meant, or be worse.
fn with(file: &ReadFile, fixes: &[&Fix]) -> Option<ReadFile> {
    let text = file.source.text();
    let (mut edited, mut at) = (String::with_capacity(text.len()), 0);
    for fix in fixes {
        edited.push_str(&text[at..fix.span.start]);
        edited.push_str(&fix.text);
        at = fix.span.end;
    }
    edited.push_str(&text[at..]);
    if edited == text {
        return None;
    }
    let source = Source::new(file.source.name(), edited);
    if !is_as_meant(&file.source, &source, fixes) {
        return None;
    }
    let after = file.edited(source);
    let worse = after.problems.len() > file.problems.len() || file.complete && !after.complete;
    (!worse).then_some(after)
}

//! What became of a text, as a unified diff.

use std::{io, ops::Range};

use signatures_document::yaml::Source;

use super::masked::Quotes;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;

/// How far apart two equal lines are looked for where the texts differ.
const REACH: usize = 200;

/// Prints what is different about a file, in the form that `patch` and `git apply` read;
/// secrets that stand near it are masked.
pub(crate) fn print_diff(
    before: &Source,
    after: &Source,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let quotes = [before, after].map(Quotes::of);
    let [old, new] = quotes.each_ref().map(Quotes::whole);
    print(before.name(), old, new, out)
}

fn print(name: &str, before: &str, after: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "--- {name}\n+++ {name}")?;
    let are_near = |one: &Change, next: &Change| next.before.start - one.before.end <= 2 * CONTEXT;
    for hunk in changes.chunk_by(are_near) {
        print_hunk(hunk, &before, &after, out)?;
    }
    Ok(())
}

/// Lines, and those that stand in their place.
struct Change {
    before: Range<usize>,
    after: Range<usize>,
}

fn print_hunk(
    hunk: &[Change],
    before: &[&str],
    after: &[&str],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return Ok(()) };
    let lead = first.before.start.min(CONTEXT);
    let tail = (before.len() - last.before.end).min(CONTEXT);
    let shown = first.before.start - lead..last.before.end + tail;
    let made = first.after.start - lead..last.after.end + tail;
    writeln!(out, "@@ -{} +{} @@", numbers(&shown), numbers(&made))?;
    let mut at = shown.start;
    for change in hunk {
        print_lines(' ', &before[at..change.before.start], out)?;
        print_lines('-', &before[change.before.clone()], out)?;
        print_lines('+', &after[change.after.clone()], out)?;
        at = change.before.end;
    }
    print_lines(' ', &before[at..shown.end], out)
}

/// The first line and how many there are; of none, the line that they follow.
fn numbers(lines: &Range<usize>) -> String {
    let first = if lines.is_empty() { lines.start } else { lines.start + 1 };
    format!("{first},{}", lines.len())
}

fn print_lines(mark: char, lines: &[&str], out: &mut dyn io::Write) -> io::Result<()> {
    for line in lines {
        let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        write!(out, "{mark}{line}{end}")?;
    }
    Ok(())
}

/// Where two texts differ, in order. Edits are small and near: from each difference the
/// nearest lines are sought that are the same again.
fn changes(before: &[&str], after: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut one, mut other) = (0, 0);
    while one < before.len() || other < after.len() {
        if one < before.len() && other < after.len() && before[one] == after[other] {
            (one, other) = (one + 1, other + 1);
            continue;
        }
        let (skipped, added) = nearest(&before[one..], &after[other..]);
        changes.push(Change { before: one..one + skipped, after: other..other + added });
        (one, other) = (one + skipped, other + added);
    }
    changes
}

/// How many lines to pass over on either side to come to two that are the same: as few
/// as there are. All, where they are too far.
fn nearest(before: &[&str], after: &[&str]) -> (usize, usize) {
    for distance in 1..=REACH {
        // As many on both sides first: most edits stay in their lines.
        let middle = distance / 2;
        let pairs = (0..=middle).flat_map(|off| {
            [(distance - middle + off, middle - off), (middle - off, distance - middle + off)]
        });
        for (skipped, added) in pairs {
            let ends = skipped == before.len() && added == after.len();
            let same = before.get(skipped).zip(after.get(added)).is_some_and(|(a, b)| a == b);
            if ends || same {
                return (skipped, added);
            }
        }
    }
    (before.len(), after.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn diff(before: &str, after: &str) -> String {
        let mut out = Vec::new();
        print("t.yml", before, after, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The text after the diff, as `patch` makes it.
    fn patched(before: &str, diff: &str) -> String {
        let lines: Vec<_> = before.split_inclusive('\n').collect();
        let (mut after, mut at, mut is_last) = (String::new(), 0, ' ');
        for line in diff.split_inclusive('\n').skip(2) {
            let rest = &line[1..];
            match line.chars().next().unwrap() {
                '@' => {
                    let numbers = line.split_once('-').unwrap().1.split([',', ' ']);
                    let numbers: Vec<usize> = numbers.take(2).map(|n| n.parse().unwrap()).collect();
                    let first = numbers[0] - usize::from(numbers[1] > 0);
                    after.extend(lines[at..first].iter().copied());
                    at = first;
                }
                ' ' | '-' => {
                    assert_eq!(lines[at].trim_end_matches('\n'), rest.trim_end_matches('\n'));
                    at += 1;
                    is_last = line.chars().next().unwrap();
                    after.push_str(if is_last == ' ' { rest } else { "" });
                }
                '+' => {
                    is_last = '+';
                    after.push_str(rest);
                }
                '\\' if is_last != '-' => _ = after.pop(),
                _ => {}
            }
        }
        after.extend(lines[at..].iter().copied());
        after
    }

    #[test]
    fn lines_that_changed_are_shown_with_those_around() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
        let after = before.replace("e\n", "E\n").replace("l\n", "l");
        assert_eq!(
            diff(before, &after),
            "--- t.yml\n+++ t.yml\n@@ -2,11 +2,11 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n i\n j\n k\n-l\n+l\n\\ No newline at end of file\n"
        );
        assert_eq!(diff(before, before), "");
    }

    proptest! {
        #[test]
        fn a_diff_makes_the_new_text_of_the_old_one(
            before in "([abc]{0,2}\n){0,30}[ab]?", after in "([abc]{0,2}\n){0,30}[ab]?",
        ) {
            prop_assert_eq!(patched(&before, &diff(&before, &after)), after);
        }
    }
}

//! Python: tracebacks, chained ones too. The innermost frame is the last.

use super::{
    exception::{Exception, Frame},
    head::leading_type_and_message,
    library::is_library,
    place::frame,
};

const HEAD: &str = "Traceback (most recent call last)";
const GROUP: &str = "Exception Group Traceback (most recent call last)";

/// What the lines say if there is a traceback: of chained ones the first is the root.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    if let Some(head) = lines.iter().position(|line| line.contains(GROUP)) {
        return group(&lines[head..]);
    }
    let heads: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(HEAD)).collect();
    let mut types = Vec::new();
    let mut root = None;
    for (index, head) in heads.iter().enumerate().rev() {
        let end = heads.get(index + 1).copied().unwrap_or(lines.len());
        let Some((name, message, frames)) = traceback(&lines[head + 1..end]) else { continue };
        types.push(name.to_owned());
        root = Some((message, frames));
    }
    let (message, frames) = root?;
    Some(Exception::new(types, message, frames))
}

/// Several exceptions at once, whose lines begin with bars: the first of them, and
/// what it holds in turn, is the root.
fn group(lines: &[&str]) -> Option<Exception> {
    let is_rule = |line: &&str| line.trim_start().starts_with('+') && line.contains("----");
    let mut types = Vec::new();
    let (mut message, mut frames) = ("", Vec::new());
    for part in lines.split(|line| is_rule(line)) {
        let inside: Vec<&str> = part.iter().map(|line| behind_bar(line)).collect();
        let start = inside.iter().position(|line| line.contains(HEAD)).map_or(0, |head| head + 1);
        let (name, said, own) = traceback(&inside[start..])?;
        types.push(name.to_owned());
        message = said;
        // The innermost first.
        frames.splice(0..0, own);
        let holds_more = part.iter().any(|line| line.contains(GROUP));
        if !holds_more {
            break;
        }
    }
    (!types.is_empty()).then(|| Exception::new(types, message, frames))
}

/// What stands behind the bar that a line begins with.
fn behind_bar(line: &str) -> &str {
    let text = line.trim_start();
    text.strip_prefix('|').map_or(text, |text| text.strip_prefix(' ').unwrap_or(text))
}

/// The type and message after the frames, and the application's frames from the
/// innermost on.
fn traceback<'t>(lines: &[&'t str]) -> Option<(&'t str, &'t str, Vec<Frame>)> {
    let last = lines.iter().position(|line| !line.starts_with([' ', '\t']) && !line.is_empty())?;
    let (name, message) = leading_type_and_message(lines[last])?;
    let frames = lines[..last].iter().rev().filter_map(|line| own_frame(line)).collect();
    Some((name, message, frames))
}

/// `File "/app/db.py", line 88, in connect`.
fn own_frame(line: &str) -> Option<Frame> {
    let (path, rest) = line.trim_start().strip_prefix("File \"")?.split_once('"')?;
    let function = rest.split_once(", in ").map_or("", |(_, function)| function);
    (!is_library(function, path)).then(|| frame(function, path))
}

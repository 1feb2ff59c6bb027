//! Python: tracebacks, chained ones too. The innermost frame is the last.

use super::{
    exception::{Exception, Frame},
    head::leading_type_and_message,
    library::is_library,
    place::frame,
};

const HEAD: &str = "Traceback (most recent call last)";

/// What the lines say if there is a traceback: of chained ones the first is the root.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
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

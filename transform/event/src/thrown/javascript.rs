//! JavaScript, in Node and browsers: the innermost frame is the first.

use super::{
    exception::{Exception, Frame},
    head::{leading_type_and_message, type_and_message},
    library::is_library,
    place::frame,
};

/// What stands before a cause: Node's, and what loggers write, as pino.
const CAUSES: [&str; 3] = ["[cause]: ", "Caused by: ", "caused by: "];

/// What the lines say if there are frames like `at f (/app/x.js:1:2)`.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let first = lines.iter().position(|line| place(line).is_some())?;
    // A message may have several lines, with colons in them.
    let named = lines[..first].iter().enumerate().rev();
    let mut named = named.filter_map(|(at, line)| Some((at, type_and_message(line)?)));
    let (told, head) = named.next().or_else(|| {
        let last = first.checked_sub(1)?;
        Some((last, leading_type_and_message(lines[last])?))
    })?;
    let mut types = vec![head.0.to_owned()];
    let (mut message, mut frames) = (head.1.to_owned(), Vec::<Frame>::new());
    for line in &lines[told + 1..first] {
        message.push('\n');
        message.push_str(line.trim());
    }
    for line in &lines[first..] {
        let cause = line.trim_start();
        let cause = CAUSES.iter().find_map(|mark| cause.strip_prefix(mark));
        if let Some((name, said)) = cause.and_then(leading_type_and_message) {
            types.push(name.to_owned());
            (message, frames) = (said.to_owned(), Vec::new());
        } else if let Some((function, path)) = place(line)
            && !is_library(function, path)
        {
            frames.push(frame(function, path));
        }
    }
    Some(Exception::new(types, message, frames))
}

/// `at async Cart.total (/app/cart.js:14:22)`, `at /app/cart.js:14:22`,
/// `total@https://x/cart.js:14:22`.
fn place(line: &str) -> Option<(&str, &str)> {
    let text = line.trim();
    // Behind the last frame come the error's own properties.
    let text = text.strip_suffix(" {").unwrap_or(text);
    let Some(called) = text.strip_prefix("at ") else {
        let (function, path) = text.split_once('@')?;
        let bare = !function.contains(' ') && path.contains("://");
        return (bare && ends_in_line(path)).then_some((function, path));
    };
    let called = called.strip_prefix("async ").unwrap_or(called);
    let called = called.strip_prefix("new ").unwrap_or(called);
    match called.strip_suffix(')').and_then(|called| called.rsplit_once(" (")) {
        Some((function, path)) => {
            let named = function.strip_prefix("Object.<anonymous>").unwrap_or(function);
            let known = ends_in_line(path) || matches!(path, "native" | "<anonymous>");
            known.then_some((named, path))
        }
        None => ends_in_line(called).then_some(("", called)),
    }
}

/// Whether a path ends in `:line:column`.
fn ends_in_line(path: &str) -> bool {
    let mut parts = path.rsplit(':');
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some()
}

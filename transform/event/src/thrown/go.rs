//! Go: a panic or fatal error, and the goroutine that it was in. The innermost frame
//! is the first; its file stands in the line below.

use super::{exception::Exception, library::is_library, place::frame};

const HEADS: [&str; 2] = ["panic: ", "fatal error: "];

/// What the lines say if one is of a panic and another of a goroutine.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let (head, name, message) = lines.iter().enumerate().find_map(|(at, line)| {
        // `net/http` goes on after a panic, and says whom it served.
        if let Some((_, served)) = line.split_once("panic serving ") {
            return Some((at, "panic", served.split_once(": ")?.1));
        }
        let (start, head) = HEADS.iter().find_map(|head| Some((line.find(head)?, head)))?;
        Some((at, head.trim_end_matches(": "), &line[start + head.len()..]))
    })?;
    let stack = lines[head..].iter().position(|line| line.starts_with("goroutine "))?;
    let stack = &lines[head + stack + 1..];
    let end = stack.iter().position(|line| line.starts_with("goroutine "));
    let stack = &stack[..end.unwrap_or(stack.len())];
    let places = stack.iter().zip(stack.iter().skip(1).chain([&""]));
    let frames = places.filter_map(|(line, next)| {
        let function = &line[..line.rfind('(')?];
        let path = next.strip_prefix('\t')?.split(" +0x").next()?;
        let called = !line.starts_with(['\t', ' ']) && !is_library(line, path);
        (called && !is_standard(function)).then(|| frame(short(function), path))
    });
    let (kind, message) = match message.strip_prefix("runtime error: ") {
        Some(message) => ("runtime error", message),
        None => (name, message),
    };
    // `panic(err)` of a second one while the first went up.
    let message = message.split(" [recovered]").next().unwrap_or(message);
    Some(Exception::new(vec![kind.to_owned()], message, frames))
}

/// Whether a function is of Go's own packages: their paths have no dot, and `main` is
/// the application's.
fn is_standard(function: &str) -> bool {
    function.split_once('/').is_some_and(|(host, _)| {
        matches!(host, "net" | "database" | "encoding" | "internal" | "os" | "crypto" | "log")
    }) || ["sync.", "reflect.", "io.", "bufio.", "time.", "fmt.", "os.", "context."]
        .iter()
        .any(|start| function.starts_with(start))
}

/// Without the path of the package.
fn short(function: &str) -> &str {
    function.rsplit('/').next().unwrap_or(function)
}

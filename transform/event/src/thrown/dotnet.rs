//! .NET: inner exceptions stand behind `--->`, and their frames come first.

use super::{
    exception::{Exception, Frame},
    head::{leading_type_and_message, type_and_message},
    library::is_library,
    place::{class_and_method, frame},
};

/// What the lines say if there are frames like `at Shop.Cart.Total(Int32 n) in
/// /src/Cart.cs:line 12`.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let first = lines.iter().position(|line| place(line).is_some())?;
    let said = lines[..first].join("\n");
    let mut chain = said.split("---> ").map(str::trim);
    let outer = chain.next()?;
    let outer = outer.lines().find_map(|line| with_code(line).or_else(|| type_and_message(line)));
    let mut links = vec![outer.or_else(|| named(said.trim()))?];
    for inner in chain {
        links.push(named(inner)?);
    }
    let types = links.iter().map(|(name, _)| (*name).to_owned()).collect();
    let message = links.last()?.1;
    let root = lines[first..].iter().take_while(|line| !line.contains("--- End of inner"));
    let frames = root.filter_map(|line| {
        let (function, path) = place(line)?;
        (!is_library(function, path)).then(|| frame(class_and_method(function), path))
    });
    let frames: Vec<Frame> = frames.collect();
    Some(Exception::new(types, message, frames))
}

fn named(text: &str) -> Option<(&str, &str)> {
    with_code(text).or_else(|| leading_type_and_message(text))
}

/// `System.Net.Sockets.SocketException (111): Connection refused`.
fn with_code(text: &str) -> Option<(&str, &str)> {
    let (before, message) = text.split_once("): ")?;
    let (before, code) = before.rsplit_once(" (")?;
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (name, _) = type_and_message(before).filter(|(_, rest)| is_code && rest.is_empty())?;
    Some((name, message))
}

/// The function and, where it is told, the file.
fn place(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start();
    let called = text.strip_prefix("at ").filter(|_| text.len() < line.len())?;
    let (called, path) = match called.split_once(") in ") {
        Some((called, path)) if path.contains(":line ") => (called, path),
        Some(_) => return None,
        None => (called.trim_end().strip_suffix(')')?, ""),
    };
    let (function, arguments) = called.split_once('(')?;
    // Those of Java and JavaScript have a place in brackets.
    let is_call = function.contains('.')
        && !function.contains(' ')
        && !arguments.contains([':', '/'])
        && !arguments.ends_with(".java");
    is_call.then_some((function, path))
}

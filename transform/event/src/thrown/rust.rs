//! Rust: panics with their backtraces, and errors with their causes as `anyhow` and
//! `eyre` print them.

use super::{
    exception::{Exception, Frame},
    library::is_library,
    place::frame,
};

/// What the lines say if there is a panic of a thread, or a list of causes.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    panic(lines).or_else(|| causes(lines))
}

fn panic(lines: &[&str]) -> Option<Exception> {
    // `thread 'main' panicked at …`; from Rust 1.91 on with a number behind the name.
    let (head, said) = lines.iter().enumerate().find_map(|(at, line)| {
        let (thread, said) = line.split_once(" panicked at ")?;
        thread.contains("thread '").then_some((at, said))
    })?;
    let (message, path) = match said.strip_prefix('\'') {
        // Before Rust 1.73.
        Some(said) => said.rsplit_once("', ")?,
        None => (lines.get(head + 1).copied().unwrap_or_default(), said),
    };
    let mut frames = backtrace(&lines[head + 1..]);
    if frames.is_empty() && !is_library("", path) {
        frames.push(frame("", path));
    }
    Some(Exception::new(vec!["panic".to_owned()], message.trim(), frames))
}

/// `  4: shop::cart::total` and `       at src/cart.rs:10:5` below it.
fn backtrace(lines: &[&str]) -> Vec<Frame> {
    let places = lines.iter().zip(lines.iter().skip(1).chain([&""]));
    let frames = places.filter_map(|(line, next)| {
        let (number, function) = line.trim_start().split_once(": ")?;
        number.parse::<u32>().ok()?;
        let path = next.trim_start().strip_prefix("at ").unwrap_or_default();
        let function = without_hash(function);
        (!is_library(function, path) && function != "main").then(|| frame(function, path))
    });
    frames.collect()
}

/// Without the hash that older compilers write behind a function: `::h` and 16 digits.
fn without_hash(function: &str) -> &str {
    match function.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => function,
    }
}

/// The causes are sentences: what stands for their types is `Error`.
fn causes(lines: &[&str]) -> Option<Exception> {
    let (_, _) = lines.first()?.split_once("Error: ")?;
    let list = lines.iter().position(|line| line.trim() == "Caused by:")?;
    let said = lines[list + 1..].iter().take_while(|line| line.starts_with([' ', '\t']));
    let causes: Vec<&str> = said.map(|line| without_number(line.trim())).collect();
    let root = causes.last()?;
    let frames = backtrace(&lines[list + 1 + causes.len()..]);
    Some(Exception::new(vec!["Error".to_owned(); causes.len() + 1], *root, frames))
}

fn without_number(cause: &str) -> &str {
    match cause.split_once(": ") {
        Some((number, cause)) if number.parse::<u32>().is_ok() => cause,
        _ => cause,
    }
}

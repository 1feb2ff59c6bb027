//! Ruby: the place stands before the message, the type behind it; frames follow after
//! `from`, the innermost first.

use super::{
    exception::{Exception, Frame},
    head::type_and_message,
    library::is_library,
    place::frame,
};

/// What the lines say if there is a place like ``/app/cart.rb:10:in `total'``.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let first = lines.iter().position(|line| place(line).is_some())?;
    let (name, message) = head(lines[first]).or_else(|| {
        // As Rails and most loggers write it, above the frames.
        lines[..first].iter().find_map(|line| rails(line).or_else(|| type_and_message(line)))
    })?;
    let (mut types, mut message) = (vec![name.to_owned()], message);
    let mut frames = Vec::<Frame>::new();
    for (at, line) in lines.iter().enumerate().skip(first) {
        let Some((path, function)) = place(line) else { continue };
        // The cause of the one before, with frames of its own.
        if at > first
            && let Some((name, said)) = head(line)
        {
            types.push(name.to_owned());
            (message, frames) = (said, Vec::new());
        }
        if !is_library(function, path) {
            frames.push(frame(function, path));
        }
    }
    Some(Exception::new(types, message, frames))
}

/// ``…:in `total': undefined method (NoMethodError)``.
fn head(line: &str) -> Option<(&str, &str)> {
    let (_, said) = line.split_once("': ")?;
    let (message, name) = said.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
    (!name.contains(' ')).then_some((name, message))
}

/// `NoMethodError (undefined method):`.
fn rails(line: &str) -> Option<(&str, &str)> {
    let (name, message) = line.trim().trim_end_matches(':').strip_suffix(')')?.split_once(" (")?;
    type_and_message(name).map(|(name, _)| (name, message))
}

/// The path and the function.
fn place(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start();
    let text = text.strip_prefix("from ").unwrap_or(text);
    let (place, function) = text.split_once(":in ")?;
    let (path, number) = place.rsplit_once(':')?;
    let function = function.strip_prefix(['`', '\''])?.split_once('\'')?.0;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !path.contains(' ')).then_some((path, function))
}

//! PHP: what was not caught, the place that it was thrown at, and `#0 …` from the
//! innermost frame on.

use super::{
    exception::{Exception, Frame},
    head::leading_type_and_message,
    library::is_library,
    place::frame,
};

/// What the lines say if one is `Stack trace:` or a frame of PHP.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let trace = lines.iter().position(|line| line.trim() == "Stack trace:" || is_frame(line))?;
    let head = lines[..trace].iter().find(|line| !line.trim().is_empty())?;
    let head = head.split_once("Uncaught ").map_or(*head, |(_, head)| head);
    let head = head.rsplit_once("exception '").map_or(head, |(_, head)| head);
    let mut root = link(head)?;
    let mut types = vec![root.0.to_owned()];
    let mut frames = Vec::new();
    frames.extend(thrown_at(root.2));
    for line in &lines[trace..] {
        if let Some(next) = line.trim().strip_prefix("Next ") {
            // Each one after the first wraps the one before.
            types.insert(0, link(next)?.0.to_owned());
        } else if types.len() == 1 {
            frames.extend(own_frame(line));
        }
    }
    if root.1.is_empty() {
        root.1 = head;
    }
    Some(Exception::new(types, root.1, frames))
}

/// Type, message, and the place that it was thrown at.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (text, place) = text.rsplit_once(" in /").unwrap_or((text, ""));
    let (name, message) = leading_type_and_message(text)?;
    Some((name, message, place))
}

fn thrown_at(place: &str) -> Option<Frame> {
    let path = place.split(':').next().filter(|path| !path.is_empty())?;
    let path = format!("/{path}");
    (!is_library("", &path)).then(|| frame("", &path))
}

fn is_frame(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("#0 ") && text.contains(".php(")
}

/// `#0 /app/cart.php(12): Cart->total()`.
fn own_frame(line: &str) -> Option<Frame> {
    let (_, place) = line.trim_start().strip_prefix('#')?.split_once(' ')?;
    let (path, rest) = place.split_once('(')?;
    let function = rest.split_once("): ")?.1.split('(').next()?;
    let own = path.ends_with(".php") && !is_library(function, path);
    own.then(|| frame(function, path))
}

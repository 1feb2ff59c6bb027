//! Java, Kotlin, Scala: the innermost frame is the first, the root cause the last.

use super::{
    exception::{Exception, Frame},
    head::{leading_type_and_message, type_and_message},
    library::is_library,
    place::{class_and_method, frame},
};

/// One exception of a chain.
struct Link<'t> {
    name: &'t str,
    message: &'t str,
    frames: Vec<Place<'t>>,
    /// How many of its outer frames are those of the one before.
    elided: usize,
}

/// A function, and its file with a line.
type Place<'t> = (&'t str, &'t str);

/// What the lines say if there is a trace of frames like `at a.B.c(B.java:10)`.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let first = lines.iter().position(|line| place(line).is_some())?;
    // The nearest names it; what a logger calls an error is no type where another is.
    let heads = || lines[..first].iter().rev().filter_map(|line| type_and_message(line));
    let is_level = |name: &str| ["error", "warning"].iter().any(|l| l.eq_ignore_ascii_case(name));
    let head = heads().find(|(name, _)| !is_level(name)).or_else(|| heads().next());
    let (name, message) =
        head.or_else(|| leading_type_and_message(lines.get(first.checked_sub(1)?)?))?;
    let mut chain = vec![Link { name, message, frames: Vec::new(), elided: 0 }];
    for line in &lines[first..] {
        let text = line.trim_start();
        let link = chain.last_mut()?;
        if let Some(place) = place(line) {
            // Suppressed ones are set in, and no cause.
            link.frames.extend((!line.starts_with("\t\t")).then_some(place));
        } else if let Some(cause) = line.strip_prefix("Caused by: ") {
            let (name, message) = leading_type_and_message(cause)?;
            chain.push(Link { name, message, frames: Vec::new(), elided: 0 });
        } else if let Some(more) = text.strip_prefix("... ") {
            let count = more.split(' ').next().and_then(|count| count.parse().ok());
            link.elided = count.unwrap_or_default();
        }
    }
    let types = chain.iter().map(|link| link.name.to_owned()).collect();
    let message = chain.last()?.message;
    Some(Exception::new(types, message, own_frames(&chain)))
}

/// The frames of the root, the elided ones out of those that enclose it.
fn own_frames(chain: &[Link<'_>]) -> Vec<Frame> {
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut elided = usize::MAX;
    for link in chain.iter().rev() {
        let shared = link.frames.len().saturating_sub(elided);
        places.extend(&link.frames[if elided == usize::MAX { 0 } else { shared }..]);
        elided = link.elided;
        if elided == 0 {
            break;
        }
    }
    let own = places.iter().filter(|(function, path)| !is_library(function, path));
    own.map(|(function, path)| frame(class_and_method(function), path)).collect()
}

/// `at app//com.example.Cart.total(Cart.java:10)`; a lambda's `Cart$$Lambda/0x1f.run` has
/// a slash that is no module's.
fn place(line: &str) -> Option<Place<'_>> {
    let text = line.trim_start();
    let called = text.strip_prefix("at ").filter(|_| text.len() < line.len())?;
    let (function, place) = called.split_once('(')?;
    let place = place.split_once(')')?.0;
    let file = place.split(':').next()?;
    let known = [".java", ".kt", ".scala", ".groovy", ".clj"].iter().any(|end| file.ends_with(end))
        || matches!(file, "Native Method" | "Unknown Source");
    let named = function.find("$$Lambda").unwrap_or(function.len());
    let function = &function[function[..named].rfind('/').map_or(0, |slash| slash + 1)..];
    (known && function.contains('.')).then_some((function, place))
}

//! Dart and Flutter: the innermost frame is the first.

use super::{
    exception::{Exception, Frame},
    head::type_and_message,
    place::frame,
};

/// What the lines say if there are frames like `#1  Cart.total (package:shop/cart.dart:10:5)`.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let first = lines.iter().position(|line| place(line).is_some())?;
    let (name, message) = flutter(&lines[..first]).or_else(|| said(&lines[..first]))?;
    let own = lines.iter().filter_map(|line| place(line)).filter(|(_, path)| !is_library(path));
    let frames: Vec<Frame> = own.map(|(function, path)| frame(function, path)).collect();
    Some(Exception::new(vec![name.to_owned()], message, frames))
}

/// What was not caught, or what a logger says: the nearest line that names an exception.
fn said<'t>(lines: &[&'t str]) -> Option<(&'t str, &'t str)> {
    let head = lines.iter().position(|line| *line == "Unhandled exception:");
    let said = &lines[head.map_or(0, |head| head + 1)..];
    let named = said.iter().rev().find_map(|line| type_and_message(line));
    // `Bad state: No element` is what an error says, and its name is not told.
    named.or_else(|| Some(("Error", said.first().filter(|_| head.is_some())?.trim())))
}

/// `The following assertion was thrown building CartView:`, and what it says below.
fn flutter<'t>(lines: &[&'t str]) -> Option<(&'t str, &'t str)> {
    let (at, said) = lines.iter().enumerate().find_map(|(at, line)| {
        Some((at, line.strip_prefix("The following ")?.split_once(" was thrown")?.0))
    })?;
    Some((said.trim_end_matches(" object"), lines.get(at + 1)?.trim()))
}

/// The function, and where it is.
fn place(line: &str) -> Option<(&str, &str)> {
    let (number, called) = line.strip_prefix('#')?.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let (function, path) = called.trim().strip_suffix(')')?.rsplit_once(" (")?;
    let function = function.trim_start_matches("new ");
    path.contains(".dart").then_some((function, path))
}

fn is_library(path: &str) -> bool {
    ["dart:", "package:flutter/", "package:stack_trace/"]
        .iter()
        .any(|start| path.starts_with(start))
}

//! C and C++: what was thrown and not caught, sanitizers, and the frames of a
//! debugger.

use super::{
    exception::{Exception, Frame},
    library::is_library,
    place::frame,
};

/// What stands before the name of what happened.
const SAID: [&str; 3] = ["ERROR: ", "received signal ", "terminated with signal "];

/// What the lines say if something was thrown, or frames are numbered from `#0`.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    let frames: Vec<Frame> = lines.iter().filter_map(|line| own_frame(line)).collect();
    if let Some(exception) = thrown(lines, &frames).or_else(|| of_java(lines)) {
        return Some(exception);
    }
    let first = lines.iter().position(|line| place(line).is_some())?;
    let said = lines[..first].iter().find_map(|line| {
        let (_, said) = SAID.iter().find_map(|mark| line.split_once(mark))?;
        let (name, message) = said.split_once([':', ',']).unwrap_or((said, ""));
        let message = message.trim().split(" on address").next().unwrap_or_default();
        // A sentence is no name, and differs with what it is about.
        if name.trim().contains(' ') {
            return None;
        }
        Some((name.trim().to_owned(), message.trim_end_matches('.').to_owned()))
    });
    let (name, message) = said?;
    Some(Exception::new(vec![name], message, frames))
}

fn thrown(lines: &[&str], frames: &[Frame]) -> Option<Exception> {
    const THROWN: &str = "terminate called after throwing an instance of '";
    let name = lines.iter().find_map(|line| Some(line.split_once(THROWN)?.1))?;
    let what = lines.iter().find_map(|line| line.trim_start().strip_prefix("what():"));
    let name = name.trim_end_matches('\'').to_owned();
    Some(Exception::new(vec![name], what.unwrap_or_default().trim(), frames.iter().cloned()))
}

/// A Java virtual machine that crashed: `#  SIGSEGV (0xb) at pc=…`, and the frame below
/// `# Problematic frame:`, as `# C  [libcart.so+0x12]  total+0x12`.
fn of_java(lines: &[&str]) -> Option<Exception> {
    lines.iter().find(|line| line.starts_with("# A fatal error has been detected by "))?;
    let said = lines.iter().find_map(|line| {
        let (name, rest) = line.strip_prefix("#  ")?.split_once(' ')?;
        (rest.starts_with('(') || rest.starts_with("at ")).then_some(name)
    })?;
    let mark = lines.iter().position(|line| *line == "# Problematic frame:");
    let called = mark.and_then(|mark| lines.get(mark + 1)?.split_once('['));
    let own = called.and_then(|(_, called)| {
        let (library, function) = called.split_once(']')?;
        let library = library.split('+').next().unwrap_or_default();
        Some(frame(function.trim().split('+').next().unwrap_or_default(), library))
    });
    Some(Exception::new(vec![said.to_owned()], "", own))
}

fn own_frame(line: &str) -> Option<Frame> {
    let (function, path) = place(line)?;
    (!is_library(function, path)).then(|| frame(function, path))
}

/// `#1  0x000055 in cart::total (n=1) at src/cart.cc:12`, and a sanitizer's
/// `#1 0x55 in cart::total(int) /src/cart.cc:12:3`.
fn place(line: &str) -> Option<(&str, &str)> {
    let (number, rest) = line.trim_start().strip_prefix('#')?.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let rest = rest.trim_start();
    let called = match rest.strip_prefix("0x") {
        Some(address) => address.split_once(" in ")?.1,
        None => rest,
    };
    let (function, path) = match called.split_once(" at ") {
        Some((function, path)) => (function, path),
        None => called.rsplit_once(' ').unwrap_or((called, "")),
    };
    let function = function.split(['(', ' ']).next().unwrap_or(function);
    (!function.is_empty() && !path.contains(".php")).then_some((function, path))
}

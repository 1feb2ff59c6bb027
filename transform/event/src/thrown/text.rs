//! An exception in a text of several lines.

use std::borrow::Cow;

use crate::syslog::{logged, unescaped};

use super::{
    beam, dart, dotnet, exception::Exception, go, javascript, jvm, native, php, python, ruby, rust,
};

/// So much of a text is looked at, in bytes and in lines.
const MAX_BYTES: usize = 64 << 10;
const MAX_LINES: usize = 500;

type Language = fn(&[&str]) -> Option<Exception>;

/// Those whose marks are plainest go first: a frame of Ruby's is none of any other's,
/// while `at …` is of three.
const LANGUAGES: [Language; 11] = [
    python::parse,
    go::parse,
    rust::parse,
    php::parse,
    jvm::parse,
    dotnet::parse,
    javascript::parse,
    ruby::parse,
    beam::parse,
    dart::parse,
    native::parse,
];

/// The exception that a text of several lines is, if it is one.
#[must_use]
pub fn exception_in_text(text: &str) -> Option<Exception> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    // Of what a daemon writes before lines that of the first is left.
    let text = match logged(text.as_bytes()) {
        Some(inside) => String::from_utf8_lossy(&unescaped(inside.text)).into_owned().into(),
        None => Cow::Borrowed(text),
    };
    if !text.contains('\n') {
        return None;
    }
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let lines: Vec<&str> = lines.take(MAX_LINES).collect();
    LANGUAGES.iter().find_map(|parse| parse(&lines))
}

//! An exception taken apart.

use std::fmt;

/// So many frames identify an exception, and are shown.
pub const MAX_FRAMES: usize = 3;

/// So many types of a chain count, from the root on.
const MAX_TYPES: usize = 16;

/// So much of the name of a type, a function or a file counts, in bytes.
const MAX_NAME: usize = 256;

/// An exception that an event brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exception {
    /// The types from the outermost to that of the root cause.
    pub types: Vec<String>,
    /// What the root cause says; it may hold secrets.
    pub message: String,
    /// The innermost frames of the application itself, the innermost first.
    pub frames: Vec<Frame>,
}

/// Where in an application something happened: without line and address, which
/// change with every build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The name of the function; empty where there is none.
    pub function: String,
    /// The name of its file, without a path; empty where it is not told.
    pub file: String,
}

impl Exception {
    /// One of a chain, from the outermost to the root cause, with what the root says
    /// and all its frames from the innermost on; of these few are kept, and none of a
    /// library.
    pub(super) fn new(
        types: Vec<String>,
        message: impl Into<String>,
        frames: impl IntoIterator<Item = Frame>,
    ) -> Self {
        let skipped = types.len().saturating_sub(MAX_TYPES);
        let frames = frames.into_iter().take(MAX_FRAMES);
        Self {
            types: types.into_iter().skip(skipped).map(cut).collect(),
            message: message.into(),
            frames: frames
                .map(|Frame { function, file }| Frame { function: cut(function), file: cut(file) })
                .collect(),
        }
    }

    /// The type of the root cause.
    #[must_use]
    pub fn root_type(&self) -> &str {
        self.types.last().map_or("", String::as_str)
    }
}

/// A name, which is no longer than names are.
fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME));
    name
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&*self.function, &*self.file) {
            ("", file) => f.write_str(file),
            (function, "") => f.write_str(function),
            (function, file) => write!(f, "{function} ({file})"),
        }
    }
}

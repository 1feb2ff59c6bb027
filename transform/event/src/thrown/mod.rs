//! The exception that an event brings, taken apart: types, message, frames.
//!
//! `fields` finds one in an event, `text` in a text of several lines. A text is read
//! by the first of the languages that knows it: each is a file. `library` says which
//! frames are not the application's own.

mod beam;
mod dart;
mod dotnet;
mod error_name;
mod exception;
mod fields;
mod go;
mod head;
mod javascript;
mod jvm;
mod library;
mod native;
mod php;
mod place;
mod python;
mod ruby;
mod rust;
mod text;

pub use error_name::is_error_name;
pub use exception::{Exception, Frame, MAX_FRAMES};
pub use fields::exception_in;
pub use text::exception_in_text;

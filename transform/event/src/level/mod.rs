//! How loud an event says it is: by its fields, or in its text.

mod fields;
#[allow(clippy::module_inception)] // the file is named after the type it holds
mod level;
mod level_names;
mod marks;
mod number;
mod text;

pub(crate) use fields::OTHER_NAMES;
pub use fields::level_fields;
pub use level::Level;
pub use level_names::LevelNames;

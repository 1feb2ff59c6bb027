//! What the command lines of `vector-signatures` and `sigcheck` have in common.
//!
//! [`shaped`] gives a command line the look of both and the names by which the
//! environment sets its options, [`Script`] is what a shell or `man` is given of it,
//! [`differences`] holds it against the page that says which option means what, and
//! [`oversize`] against a terminal.

mod fitting;
mod script;
mod shape;
mod vocabulary;

pub use fitting::oversize;
pub use script::{Script, ScriptError};
pub use shape::shaped;
pub use vocabulary::differences;

//! What the command lines of `vector-signatures` and `sigcheck` have in common.
//!
//! [`shaped`] gives a command line the look of both and the names by which the
//! environment sets its options, [`Script`] is what a shell or `man` is given of it,
//! [`differences`] holds it against the page that says which option means what, and
//! [`oversize`] against a terminal. [`RulesArgs`] are the options of those that go by
//! rules, and a [`Table`] fits the terminal that it is shown on.

mod fitting;
mod rules;
mod script;
mod shape;
mod table;
mod terminal;
mod vocabulary;

pub use fitting::oversize;
pub use rules::RulesArgs;
pub use script::{Script, ScriptError};
pub use shape::shaped;
pub use table::{Column, Table};
pub use terminal::{columns, is_coloured};
pub use vocabulary::differences;

//! placeholder

mod alphabet;
mod ambiguity;
mod analyse;
mod analysis;
mod attack;
mod budget;
mod complexity;
mod dialect;
mod flags;
mod matcher;
mod nfa;
mod parser;
mod proof;
mod rewrite;
mod syntax;

pub use analyse::analyse;
pub use analysis::{Analysis, Undecided, Vulnerability};
pub use attack::{Attack, Pump};
pub use budget::Budget;
pub use complexity::Complexity;
pub use dialect::{Dialect, UnknownDialect};
pub use flags::Flags;
pub use rewrite::{Rewrite, rewrite};

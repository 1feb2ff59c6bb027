//! What the end-to-end tests share: the program as a user runs it, and what
//! stands on its other side over real sockets, Vector and the services that take
//! alerts. Nothing here leans on the code under test.

// What goes wrong here is a failed test.
#![allow(clippy::unwrap_used, clippy::new_without_default, missing_docs)]

pub mod certificates;
pub mod gate;
pub mod process;
pub mod proto;
pub mod receiver;
pub mod vector;
pub mod waiting;

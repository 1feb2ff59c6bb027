//! What stands on the other side in the end-to-end tests, over real sockets:
//! Vector, and the services that take alerts. Nothing here leans on the code
//! under test.

// What goes wrong here is a failed test.
#![allow(clippy::unwrap_used, clippy::new_without_default, missing_docs)]

pub mod certificates;
pub mod proto;
pub mod receiver;
pub mod vector;

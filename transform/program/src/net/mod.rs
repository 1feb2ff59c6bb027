//! Where something is listened for, and what those who connect may take.

mod address;
mod connections;
mod farewell;
mod sender;

pub(crate) use address::Address;
pub(crate) use connections::{Bounds, Connection, Listener};
pub(crate) use sender::{Answered, Patience, Sender};

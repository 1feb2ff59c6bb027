//! The durable queue between deciding an alert and delivering it.
//!
//! An alert is on the disk before it is sent, and leaves the queue when its
//! sink has taken it, so a crash loses none; it may repeat one. While the disk
//! refuses, alerts wait in memory instead, which is said loudly.
//!
//! One thread writes: whoever submits gets a receipt, and nobody else ever waits
//! for a disk.

mod batch;
mod board;
mod catch_up;
mod disk;
mod faults;
mod keeper;
mod line;
mod lost;
mod memory;
#[allow(clippy::module_inception)] // the type that the folder is about
mod outbox;
mod queue;
mod reading;
mod receipt;
mod record;
mod recovery;
mod requests;
mod shared;
#[cfg(test)]
mod tests;
mod upkeep;

pub use board::DeliveryId;
pub use lost::Lost;
pub use outbox::Outbox;
pub use receipt::Receipt;

//! What people and services are shown of an alert: one file each.
//!
//! Every text that comes from an event is escaped as the service asks, and cut
//! to what it takes: a message is never refused for its length.

pub mod alertmanager;
#[cfg(test)]
mod samples;
pub mod slack;
pub mod telegram;
pub mod terminal;

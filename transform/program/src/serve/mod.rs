//! `vector-signatures serve`: beside a stock Vector, between a `vector` sink
//! and a `vector` source.
//!
//! ```text
//! vector sink → receive → judge → forward → vector source
//!      ↑                                        │
//!      └────── answer ← count on disk ←─────────┘
//! ```
//!
//! No event is kept: a request is answered when the next hop has taken it, so a
//! crash of the relay loses none, and a slow next hop slows the sender. What was
//! answered is counted on the disk.

mod aggregation;
mod args;
mod budget;
mod command;
mod config;
mod counts;
mod descriptors;
mod hop_url;
mod intake;
mod judge;
mod metrics;
mod next_hop;
mod own_files;
mod pending;
mod recent;
mod relay;
mod secured;
mod seen;
mod serve_error;
mod server;
mod status;
mod unpack;

pub(crate) use args::Args;
pub(crate) use command::run;
pub(crate) use config::Config;
pub(crate) use serve_error::ServeError;

//! `vector-signatures serve`: beside a stock Vector, between a `vector` sink
//! and a `vector` source.
//!
//! ```text
//! vector sink → receive → judge → forward → vector source
//!      ↑                                        │
//!      └───────────── answer ←──────────────────┘
//! ```
//!
//! Nothing is kept: a request is answered when the next hop has taken it, so a
//! crash of the relay loses no event, and a slow next hop slows the sender.

mod aggregation;
mod args;
mod budget;
mod command;
mod config;
mod connections;
mod descriptors;
mod intake;
mod judge;
mod metrics;
mod next_hop;
mod relay;
mod seen;
mod sender;
mod serve_error;
mod server;
mod status;
mod unpack;

pub(crate) use args::Args;
pub(crate) use command::run;
pub(crate) use config::Config;
pub(crate) use serve_error::ServeError;

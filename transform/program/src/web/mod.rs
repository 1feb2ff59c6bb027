//! What the status address answers: health and metrics for machines, the commands
//! under `/api` for programs, and the page for people.
//!
//! A relay, a pipe and `vector-signatures operations` have the same; what differs is
//! their [`Host`]. Nothing here knows what a command does: `signatures-operations`
//! does, and here it is put into HTTP.

mod access;
mod api;
mod assets;
mod form;
mod host;
mod keys;
mod login;
mod openapi;
mod page;
mod request;
mod server;
mod sessions;
mod site;
mod tries;

pub(crate) use access::Access;
pub(crate) use host::{Asked, Host};
pub(crate) use keys::{Keys, KeysError};
pub(crate) use server::{Pages, serve};

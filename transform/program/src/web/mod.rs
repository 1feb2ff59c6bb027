//! What the status address answers: health and metrics for machines, the commands
//! under `/api` for programs, and the page for people.
//!
//! A relay, a pipe and `vector-signatures operations` have the same; what differs is
//! their [`Host`]. Nothing here knows what a command does: `signatures-operations`
//! does, and here it is put into HTTP.

mod access;
mod api;
mod args;
mod assets;
mod form;
mod host;
mod key_files;
mod keys;
mod listening;
mod login;
mod openapi;
mod page;
mod request;
mod server;
mod sessions;
mod site;
mod tries;

pub(crate) use access::Access;
pub(crate) use args::StatusArgs;
pub(crate) use host::{Asked, Host};
pub(crate) use key_files::{KeyFiles, KeyFilesError};
pub(crate) use keys::{Keys, KeysError};
pub(crate) use listening::{ListenError, listen};
pub(crate) use server::{Pages, serve};

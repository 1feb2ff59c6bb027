//! `vector-signatures errors`, `observe`, `silence` and the others: what people ask and
//! do, in a state directory or of a running process.

mod args;
mod command;
mod remote;
mod rules;

pub(crate) use args::{Asking, Observing, Silencing};
pub(crate) use command::{observe, run, silence};
pub(crate) use remote::RemoteError;
pub(crate) use rules::{Rules, read};

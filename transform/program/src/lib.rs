//! `vector-signatures`: recognises errors in a stream of logs and raises few,
//! true alerts.
//!
//! [`run`] is the whole program: parse, build, run, drain. Each way to run has a
//! folder; what both begin with is in `bootstrap`, what both do with errors in
//! `alerts` and `delivery`. What people ask, `signatures-operations` answers; here it is put
//! into words.

mod alert_settings;
mod alerts;
mod ask;
mod automata;
mod bootstrap;
mod changes;
mod command_error;
mod command_line;
mod delivery;
mod delivery_args;
mod engine_args;
mod log;
mod net;
mod notify_test;
mod operations;
mod outbox;
mod patience;
mod pipe;
mod run;
mod serve;
mod signals;
mod standard_error;
mod tasks;
mod web;

pub use run::run;

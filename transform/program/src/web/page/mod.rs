//! The page: made here, complete without a script.
//!
//! Texts of logs say what an attacker makes them say: each goes through
//! [`pieces`](self::pieces), which shows what is hidden, and through maud, which
//! escapes it.

mod decisions;
mod detail;
mod errors;
mod handlers;
mod layout;
mod pieces;
mod signatures;
mod silences;
mod strip;
mod unknown;
mod view;

pub(super) use handlers::{alert, error, overview, part, samples, signature, silence};
pub(super) use layout::{login, notice};

//! `sigcheck.toml`: what a team has chosen.

mod dialect;
mod model;
mod read;

pub(crate) use dialect::dialects;
pub(crate) use model::Config;

//! The first hour of three strangers, from an empty folder, with the two programs and
//! nothing else: what they type, how much of it, and how long until the first alert
//! that is of use to them. `cargo nextest run --test walks --no-capture` prints that.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod developer;
mod on_call;
mod platform;
mod stranger;

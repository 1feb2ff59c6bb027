//! What else deserves a person, beside enough events within a window.
//!
//! Off unless `triggers:` names it. One event raises at most one alert, in the order
//! of [`Candidates`]; the cooldown of a group holds whatever the trigger.

mod absent;
mod baseline;
mod candidates;
mod distinct;
mod novelty;
mod seen;
mod settings;

pub(super) use absent::{KeptSilence, Silences, Told};
pub(super) use baseline::Baseline;
pub(super) use candidates::Candidates;
pub(super) use distinct::Crowds;
pub(super) use novelty::{Novel, Novelty};
pub use settings::{
    AbsentTrigger, CooldownBackoff, DistinctTrigger, MAX_DISTINCT, NewTrigger, SpikeTrigger,
    Triggers,
};

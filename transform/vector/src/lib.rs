//! Two transforms for Vector: `error_signatures` recognises errors while they
//! are being shipped, `signature_alerts` turns their flood into a few alerts.
//!
//! Both adapt `signatures-engine`, which does the work; to use them in a Vector
//! of your own, link this crate and hand [`extra_context`] to it.

mod aggregation;
mod error_signatures;
mod event;
mod internal_events;
mod rules;
mod signature_alerts;
mod verdict;

pub use aggregation::extra_context;
pub use error_signatures::ErrorSignaturesConfig;
pub use signature_alerts::{Format, SignatureAlertsConfig};

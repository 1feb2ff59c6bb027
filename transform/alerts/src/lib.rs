//! What an alert is, whom it concerns, and how its texts are cut for people.
//!
//! An [`Alert`] is made of what a group of errors [raised]. It has typed
//! fields and one form on the wire, the event of
//! `schemas/alert_event.schema.json`, in which it is queued, sent and read again
//! without loss. A [`Route`] says which alerts go to which sinks, a
//! [`LinkTemplate`] where to read on. Texts that come
//! from logs are redacted before they get here, and cut by [`excerpt`].
//!
//! Pure: nothing is sent from here, and nothing asks for the time. Making an
//! alert copies its few texts; a route compares names.
//!
//! That routes are tried in order until one takes the alert, unless it says
//! `continue`, is Prometheus Alertmanager's.
//!
//! ```
//! use jiff::Timestamp;
//! use signatures_alerts::{Alert, AlertSeverity};
//! use signatures_engine::{
//!     Fingerprint, Observation, Policy, Severity,
//!     aggregate::{Aggregate, AggregationSettings, Decision, EventTime, GroupTable},
//! };
//!
//! let subject = "Out of memory: killed process 4711";
//! let fingerprint = Fingerprint::of("host", subject);
//! let observation = Observation {
//!     fingerprint,
//!     group: fingerprint.into(),
//!     joined: None,
//!     category: "host".into(),
//!     signature: Some("OOM".into()),
//!     policy: Policy::Escalate,
//!     severity: std::borrow::Cow::Owned(Severity::new("critical")),
//!     summary: Some("The kernel killed a process".into()),
//!     subject: subject.into(),
//!     exception: None,
//!     level: None,
//!     distinct: Vec::new(),
//!     host: Some("db-1.example".into()),
//!     service: None,
//!     time: None,
//!     request_id: None,
//! };
//! let mut groups = GroupTable::new(AggregationSettings::default());
//! let now = "2026-01-02T03:04:05Z".parse::<Timestamp>()?;
//! let now = EventTime::on_arrival(now);
//! let Decision::Raised(raised) = groups.observe(&observation, now) else { panic!() };
//! let alert = Alert::new(*raised, &observation, None, false);
//! assert_eq!(alert.name, "OOM: The kernel killed a process");
//! assert_eq!(alert.severity, AlertSeverity::Critical);
//! assert_eq!(Alert::from_json(&alert.to_json())?, alert);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [raised]: signatures_engine::aggregate::Raised

mod alert;
mod exception;
pub mod excerpt;
mod follow_up;
mod joined;
pub mod legible;
mod link;
mod matchers;
mod notice;
mod numbers;
mod operations;
mod routes;
mod settings;
mod severity;

pub use alert::{ALERT_EVENT, Alert};
pub use exception::AlertException;
pub use joined::AlertJoined;
pub use link::{LinkTemplate, LinkedError, UNKNOWN_PLACEHOLDER};
pub use matchers::{InvalidMatchers, Matched, Matcher, MatcherField, Matchers, Pattern};
pub use notice::{AlertStatus, Resolution, SilenceTold};
pub use numbers::Numbers;
pub use operations::{Escalation, MuteTime, OperationsSettings, check_escalation};
pub use routes::{Route, UNKNOWN_SINK, UNROUTED_SINK, check_routes};
pub use settings::Settings;
pub use severity::AlertSeverity;

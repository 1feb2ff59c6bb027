//! From an alert to the services: routed, queued, taken from the queue when it is
//! due, sent alone or in a digest, and tried again until the sink has taken it or
//! never will.

mod backlog;
mod clock;
mod config;
mod configured_sink;
mod decided;
mod digest;
mod dispatcher;
mod environment;
mod http;
mod metrics;
mod notify_test;
mod pace;
mod queue;
mod rate;
mod resolved;
mod retry;
mod retry_after;
mod routing;
mod send_error;
mod taken;
mod tally;
mod troubles;
mod worker;
mod workers;

pub use backlog::{Backlog, LostAlerts};
pub use clock::{Clock, Now};
pub use config::Config;
pub use configured_sink::ConfiguredSink;
pub use dispatcher::{Dispatcher, OpenError, SinkStatus, SinkWatch};
pub(crate) use http::{Address, Answer, Http, HttpError, Timeouts, header_value};
pub use notify_test::{TestAnswer, notify_test};
pub use pace::Pace;
pub use resolved::ResolvedByHand;
pub use retry::Retry;
pub use send_error::{Fault, SendError};

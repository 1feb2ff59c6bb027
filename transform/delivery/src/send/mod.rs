//! From an alert to the services: routed, queued, taken from the queue when it is
//! due, sent alone or in a digest, and tried again until the sink has taken it or
//! never will.

mod config;
mod digest;
mod dispatcher;
mod environment;
mod http;
mod metrics;
mod notify_test;
mod pace;
mod rate;
mod retry;
mod routing;
mod send_error;
mod worker;

pub use config::{Config, ConfiguredSink};
pub use dispatcher::{Backlog, Dispatcher, OpenError, SinkStatus};
pub(crate) use http::{Address, Answer, Http, HttpError, Timeouts, header_value};
pub use notify_test::{TestAnswer, notify_test};
pub use pace::Pace;
pub use retry::Retry;
pub use send_error::{Fault, SendError};
pub use worker::Clock;

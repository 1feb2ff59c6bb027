//! For whom a page is made.

use jiff::{Timestamp, tz::TimeZone};
use signatures_operations::Times;

use super::super::{
    access::Caller,
    keys::{Holder, Keys},
};

/// For whom a page is made, and when.
pub(super) struct View {
    pub(super) times: Times,
    pub(super) now: Timestamp,
    /// Who may change something.
    pub(super) operator: Option<String>,
    /// Whether a login can be ended.
    pub(super) is_logged_in: bool,
    /// Whether anybody can change something here.
    pub(super) has_operators: bool,
    /// Where this page is: its forms lead back here.
    pub(super) path: String,
}

/// Who looks, before it is known in which times.
#[derive(Clone)]
pub(super) struct Viewer {
    operator: Option<String>,
    is_logged_in: bool,
    has_operators: bool,
}

impl Viewer {
    pub(super) fn new(caller: &Caller, keys: &Keys) -> Self {
        let operator = match &caller.holder {
            Some(Holder::Operator(name)) => Some(name.clone()),
            _ => None,
        };
        Self { operator, is_logged_in: caller.by_cookie, has_operators: keys.has_operators() }
    }

    pub(super) fn view(self, timezone: &TimeZone, now: Timestamp, path: &str) -> View {
        let Self { operator, is_logged_in, has_operators } = self;
        let (times, path) = (Times::of(timezone.clone()), path.to_owned());
        View { times, now, operator, is_logged_in, has_operators, path }
    }
}

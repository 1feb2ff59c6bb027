//! What a kind of sink is made of.

use std::{any::Any, fmt, sync::Arc};

use super::{fields::Fields, pace::DefaultPace};
#[cfg(feature = "send")]
use super::{sender::Sender, setup::Setup};
use crate::secret::SecretText;

/// A kind of sink: `type:` of an entry in `sinks:`.
pub(crate) struct Kind {
    /// What `type:` calls it.
    pub(crate) name: &'static str,
    /// Its own keys, secrets with their `_file` form.
    pub(crate) keys: &'static [&'static str],
    /// How it is talked to, unless the file says otherwise.
    pub(crate) pace: DefaultPace,
    /// Takes its own keys out of an entry; nothing when one that must be there is
    /// missing, which is reported then.
    pub(crate) read: fn(&mut Fields<'_, '_>) -> Option<Arc<dyn Target>>,
    /// How the environment adds one.
    pub(crate) environment: Option<EnvironmentSink>,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How the environment adds a sink.
pub(crate) struct EnvironmentSink {
    /// The variable that does.
    pub(crate) variable: &'static str,
    /// What has to be set beside it.
    pub(crate) needs: &'static [&'static str],
    /// The variable with the mildest severity that is for it, and for those of
    /// the file that say none.
    pub(crate) min_severity: Option<&'static str>,
    /// What the variables make of it.
    pub(crate) target: fn(is_set: IsSet<'_>) -> Arc<dyn Target>,
}

impl EnvironmentSink {
    /// The variables that say where it sends to.
    #[cfg(feature = "send")]
    pub(crate) fn variables(&self) -> impl Iterator<Item = &'static str> {
        [self.variable].into_iter().chain(self.needs.iter().copied())
    }
}

/// Whether a variable is set.
pub(crate) type IsSet<'a> = &'a dyn Fn(&str) -> bool;

/// What a sink talks to, as alerts.yml says. Two that are equal are the same
/// sink.
pub(crate) trait Target: Equal + fmt::Debug + Send + Sync {
    /// By what it is known that the environment names a sink of the file again:
    /// in the order of [`EnvironmentSink::variables`].
    fn identity(&self) -> Vec<&SecretText> {
        Vec::new()
    }

    /// Looks up its secrets and makes what sends. Where a secret is missing, what
    /// is made is thrown away.
    ///
    /// # Errors
    /// When such a thing cannot be talked to; the reason reads on after "the sink
    /// cannot be used".
    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, super::setup::Unusable>;
}

/// Equality of values whose types are not known.
pub(crate) trait Equal: Any {
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: Any + PartialEq> Equal for T {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl PartialEq for dyn Target {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other)
    }
}

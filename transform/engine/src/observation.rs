//! One error, as the aggregation needs to know it.

use std::borrow::Cow;

use signatures_event::{Exception, Level, Moment};

use crate::{
    fingerprint::Fingerprint,
    grouping::{GroupId, JoinedError},
    policy::Policy,
    severity::Severity,
    value_hash::ValueHash,
};

/// The category of errors that no signature knows.
pub const GENERIC: &str = "generic";

/// One error, as the aggregation needs to know it. It borrows from the event and
/// the taxonomy as long as both are at hand, and [owns](Self::into_owned) its
/// texts where it has to outlive them.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation<'a> {
    /// What an application that computes it calls the same error.
    pub fingerprint: Fingerprint,
    /// What counts as the same error.
    pub group: GroupId,
    /// The whole error, where the alerts of its groups may be joined.
    pub joined: Option<Cow<'a, JoinedError>>,
    /// The name of the category; [`GENERIC`] for an error nobody knows.
    pub category: Cow<'a, str>,
    /// The signature that matched; none for an error nobody knows.
    pub signature: Option<Cow<'a, str>>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad it is.
    pub severity: Cow<'a, Severity>,
    /// What it means, in words.
    pub summary: Option<Cow<'a, str>>,
    /// The text that was looked at; not redacted yet.
    pub subject: Cow<'a, str>,
    /// The exception that it is, where groups are made of those; not redacted yet.
    pub exception: Option<Cow<'a, Exception>>,
    /// The level that the event says.
    pub level: Option<Level>,
    /// The values of the fields of which different ones are counted, in the order of
    /// `distinct:`; empty where none are.
    pub distinct: Vec<Option<ValueHash>>,
    /// The host that the event names.
    pub host: Option<Cow<'a, str>>,
    /// The service that the event names.
    pub service: Option<Cow<'a, str>>,
    /// The time that the event tells; none also where that is not asked for.
    pub time: Option<Moment>,
    /// The request that the event belongs to.
    pub request_id: Option<Cow<'a, str>>,
}

impl Observation<'_> {
    /// The same, free of the event and of the taxonomy.
    #[must_use]
    pub fn into_owned(self) -> Observation<'static> {
        fn owned<T: ToOwned + ?Sized>(value: Cow<'_, T>) -> Cow<'static, T> {
            Cow::Owned(value.into_owned())
        }
        Observation {
            fingerprint: self.fingerprint,
            group: self.group,
            joined: self.joined.map(owned),
            category: owned(self.category),
            signature: self.signature.map(owned),
            policy: self.policy,
            severity: owned(self.severity),
            summary: self.summary.map(owned),
            subject: owned(self.subject),
            exception: self.exception.map(owned),
            level: self.level,
            distinct: self.distinct,
            host: self.host.map(owned),
            service: self.service.map(owned),
            time: self.time,
            request_id: self.request_id.map(owned),
        }
    }

    /// The same with at most so many bytes of the subject, for those who keep
    /// many: an alert shows no more than the beginning.
    #[must_use]
    pub fn with_subject_cut(self, bytes: usize) -> Self {
        let end = self.subject.floor_char_boundary(bytes);
        let subject = match self.subject {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        };
        Self { subject, ..self }
    }
}

//! How a group comes about, for people who ask why.

use signatures_event::Event;

use super::{
    group_id::{GroupId, SEPARATOR},
    identity::Basis,
    settings::{Canonicalization, Grouping},
};
use crate::{
    canonical::canonical,
    extended::{Buffer, Step, steps},
    fingerprint::Fingerprint,
};

/// How a group comes about, from a text to its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSteps {
    /// What identifies the error.
    pub basis: Basis,
    /// What was taken out of its text, and why; nothing where the text is not
    /// extended.
    pub taken: Vec<Step>,
    /// What is left of the error.
    pub identity: String,
    /// The fields that tell errors apart, each with what the event says there.
    pub values: Vec<(String, String)>,
    /// The text that is hashed.
    pub hashed: String,
    /// The first twelve hex digits of its SHA-1.
    pub group: GroupId,
}

impl GroupSteps {
    /// `values_of`: what the event says in some fields.
    pub(crate) fn of(
        grouping: Option<&Grouping>,
        category: &str,
        subject: &str,
        event: &impl Event,
        values_of: impl FnOnce(&[String]) -> Vec<String>,
    ) -> Self {
        let Some(grouping) = grouping else {
            let identity = canonical(subject);
            return Self {
                basis: Basis::Seed,
                taken: Vec::new(),
                hashed: format!("{category}|{identity}"),
                group: Fingerprint::new(category, &identity).into(),
                identity,
                values: Vec::new(),
            };
        };
        let mut buffer = Buffer::new();
        let exception = grouping.exception_of(event, subject);
        let identity = grouping.identity(&mut buffer, event, subject, exception.as_ref());
        let values = values_of(&grouping.by);
        let version = grouping.version();
        let taken = match (identity.basis, &exception, grouping.canonicalization) {
            (Basis::Extended, ..) => steps(subject),
            (Basis::Exception, Some(exception), Canonicalization::Extended) => {
                steps(&exception.message)
            }
            _ => Vec::new(),
        };
        Self {
            basis: identity.basis,
            taken,
            hashed: format!("{version}|{category}|{}|{}", identity.text, values.join(SEPARATOR)),
            group: GroupId::new(version, category, &identity.text, &values),
            identity: identity.text.clone().into_owned(),
            values: grouping.by.iter().cloned().zip(values).collect(),
        }
    }
}

//! Which errors are asked for.

use serde::{Deserialize, Serialize};
use signatures_engine::{Policy, Severity};

/// Which errors are asked for; all where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorFilter {
    /// Of that category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Of that signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Of that policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Last seen of that service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Last seen of that host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// As bad as that, or worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Only those that no signature knows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

impl ErrorFilter {
    /// The rank of the mildest severity that is asked for, if one is.
    #[must_use]
    pub fn min_rank(&self) -> Option<u8> {
        self.min.as_deref().map(|name| Severity::new(name).rank())
    }

    /// Takes note of `name=value`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err(format!("`{name}=` says nothing"));
        }
        let text = match name {
            "category" => &mut self.category,
            "signature" => &mut self.signature,
            "service" => &mut self.service,
            "host" => &mut self.host,
            "policy" => {
                let policies = Policy::ALL.map(Policy::as_str).join(", ");
                let policy = value.parse();
                let policy = policy
                    .map_err(|()| format!("there is no policy `{value}`; known here: {policies}"))?;
                return once(&mut self.policy, name, policy);
            }
            "min" => {
                let known = Severity::KNOWN.join(", ");
                let severity = Severity::new(value);
                if !severity.is_known() {
                    return Err(format!("there is no severity `{value}`; known here: {known}"));
                }
                return once(&mut self.min, name, severity.as_str().to_owned());
            }
            _ => return Err(format!("`{name}={value}` is not known here")),
        };
        once(text, name, value.to_owned())
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("`{name}=` is said twice")),
    }
}

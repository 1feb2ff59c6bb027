//! The groups of one error that alert together, as people are shown them.

use serde::{Deserialize, Serialize};
use signatures_engine::aggregate::{JoinedValues, ValueCount};

/// What an alert tells of that stands for all groups of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertJoined {
    /// The fields that tell the groups apart.
    pub by: Vec<String>,
    /// What they say, and how often.
    #[serde(flatten)]
    pub told: JoinedValues,
}

impl AlertJoined {
    /// What the values are called: `services`, `values of tenant`.
    #[must_use]
    pub fn noun(&self) -> String {
        match &self.by[..] {
            [name] if name == "service" => "services".to_owned(),
            [name] if name == "host" => "hosts".to_owned(),
            names => format!("values of {}", names.join("/")),
        }
    }

    /// `40 services`.
    #[must_use]
    pub fn how_many(&self) -> String {
        let values = self.told.values.len() as u64 + self.told.more_values;
        format!("{values} {}", self.noun())
    }

    /// `checkout (12), billing (9), and 38 more`: at most so many by name.
    #[must_use]
    pub fn listed(&self, most: usize) -> String {
        let named = self.told.values.iter().take(most).map(|ValueCount { value, count }| {
            let value = if value.is_empty() { "none named" } else { value };
            format!("{value} ({count})")
        });
        let mut text = named.collect::<Vec<_>>().join(", ");
        let unnamed = self.told.values.len().saturating_sub(most) as u64 + self.told.more_values;
        if unnamed > 0 {
            text += &format!(", and {unnamed} more");
        }
        text
    }

    /// Whether it tells of several values of a field.
    pub(crate) fn is_by(&self, field: &str) -> bool {
        self.by.iter().any(|name| name == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(by: &[&str], more_values: u64) -> AlertJoined {
        let values = [("checkout", 12), ("billing", 9), ("", 1)];
        let values = values.map(|(value, count)| ValueCount { value: value.to_owned(), count });
        let told = JoinedValues {
            values: values.to_vec(),
            more_values,
            more_count: more_values,
            ..JoinedValues::default()
        };
        AlertJoined { by: by.iter().map(|name| (*name).to_owned()).collect(), told }
    }

    #[test]
    fn the_most_frequent_are_named_and_the_rest_is_counted() {
        let all = joined(&["service"], 0);
        assert_eq!(all.how_many(), "3 services");
        assert_eq!(all.listed(10), "checkout (12), billing (9), none named (1)");
        assert_eq!(all.listed(2), "checkout (12), billing (9), and 1 more");
        let more = joined(&["host"], 37);
        assert_eq!(
            (more.how_many(), more.listed(1)),
            ("40 hosts".into(), "checkout (12), and 39 more".into())
        );
        assert_eq!(joined(&["tenant", "region"], 0).how_many(), "3 values of tenant/region");
    }
}

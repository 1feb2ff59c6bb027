//! Who is heard of: the events, errors or not, whose absence is worth an alert.

use std::{borrow::Cow, ops::BitOrAssign};

use signatures_document::{Reader, one_or_more, yaml::Node};
use signatures_event::{Event, OriginFields};

use crate::{policy::Policy, selector::Selector, severity::Severity};

/// How many entries `absent:` may have.
pub const MAX_WATCHES: usize = 64;

/// Which events an entry of `absent:` waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// Of what signatures; without any condition also what matches none.
    pub matches: Selector,
    /// From which services.
    pub service: Vec<String>,
    /// From which hosts.
    pub host: Vec<String>,
}

impl Watch {
    /// Reads the value of a `match:`.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let (mut service, mut host) = (Vec::new(), Vec::new());
        let matches = Selector::read_with(reader, node, &["service", "host"], |reader, entry| {
            let names = if entry.key == "service" { &mut service } else { &mut host };
            names.extend(
                one_or_more(&entry.value).iter().filter_map(|item| reader.text(&entry.key, item)),
            );
        });
        Self { matches, service, host }
    }

    /// What it waits for, as people say it: `service billing`; `events` where any
    /// will do.
    #[must_use]
    pub fn describe(&self) -> String {
        let Selector { category, signature, policy, severity } = &self.matches;
        let list = |name: &str, values: Vec<&str>| {
            (!values.is_empty()).then(|| format!("{name} {}", values.join("/")))
        };
        fn texts(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        let parts = [
            list("service", texts(&self.service)),
            list("host", texts(&self.host)),
            list("signature", texts(signature)),
            list("category", texts(category)),
            list("policy", policy.iter().map(|policy| policy.as_str()).collect()),
            list("severity", severity.iter().map(|severity| severity.as_str()).collect()),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "events".to_owned() } else { parts.join(", ") }
    }

    fn sees(&self, found: Option<Known<'_>>, service: Option<&str>, host: Option<&str>) -> bool {
        let named = |wanted: &[String], name: Option<&str>| {
            wanted.is_empty() || name.is_some_and(|name| wanted.iter().any(|w| w == name))
        };
        let selected = || match found {
            _ if self.matches == Selector::default() => true,
            Some(Known { category, id, policy, severity }) => {
                self.matches.selects(category, Some(id), policy, |wanted| wanted == severity)
            }
            None => false,
        };
        named(&self.service, service) && named(&self.host, host) && selected()
    }
}

/// What a signature says of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'k> {
    pub(crate) category: &'k str,
    pub(crate) id: &'k str,
    pub(crate) policy: Policy,
    pub(crate) severity: &'k Severity,
}

/// Which of the watches an event is one of, or several events are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present(u64);

impl Present {
    /// Those that an event is one of; `found` is what it is known as.
    pub(crate) fn of<'a>(
        watches: &[Watch],
        event: &'a impl Event,
        origin: &'a OriginFields,
        found: Option<Known<'_>>,
    ) -> Self {
        let asked = |of: fn(&Watch) -> &[String]| watches.iter().any(|watch| !of(watch).is_empty());
        let service: Option<Cow<'a, str>> =
            if asked(|watch| &watch.service) { origin.service_of(event) } else { None };
        let host = if asked(|watch| &watch.host) { origin.host_of(event) } else { None };
        let mut present = Self::default();
        for (index, watch) in watches.iter().take(MAX_WATCHES).enumerate() {
            let seen = watch.sees(found, service.as_deref(), host.as_deref());
            present.0 |= u64::from(seen) << index;
        }
        present
    }

    /// Whether it is none of them.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether the watch of that place is among them.
    #[must_use]
    pub fn has(self, index: usize) -> bool {
        index < MAX_WATCHES && self.0 >> index & 1 == 1
    }
}

impl BitOrAssign for Present {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

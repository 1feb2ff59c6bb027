//! What somebody should be told of, since it will hardly be meant so.

use std::collections::BTreeSet;

use signatures_event::{Event, field_names};

/// How many names of fields are told, and how much of each, in bytes.
const MAX_NAMES: usize = 20;
const MAX_NAME_BYTES: usize = 60;

/// How many sentences are told, so that a log of odd events is no flood of them.
const MAX_TOLD: usize = 20;

/// What was peculiar in events, the first of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peculiar {
    /// The names of the fields of an event in which there was nothing to look at.
    empty: Option<String>,
    /// A field of an event's own that stands in the place of a tag.
    foreign: Option<String>,
}

impl Peculiar {
    /// Whether there was nothing.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.empty.is_none() && self.foreign.is_none()
    }

    pub(crate) fn see_empty(&mut self, event: &impl Event) {
        self.empty.get_or_insert_with(|| names_of(event));
    }

    pub(crate) fn see_foreign(&mut self, field: &str) {
        self.foreign.get_or_insert_with(|| field.to_owned());
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.empty = self.empty.take().or(other.empty);
        self.foreign = self.foreign.take().or(other.foreign);
    }
}

/// What was told before, by whoever tells it.
#[derive(Clone, Debug, Default)]
pub struct Told(BTreeSet<String>);

impl Told {
    /// The sentences for people that have not been told before.
    pub fn news(&mut self, peculiar: &Peculiar) -> Vec<String> {
        let empty = peculiar.empty.as_ref().map(|names| {
            format!(
                "events pass of which no field is looked at; name one of theirs in \
                 `subject_fields` of alerts.yml: {names}"
            )
        });
        let foreign = peculiar.foreign.as_ref().map(|field| {
            format!(
                "events bring their own `{field}`, which is left as it is; \
                 `tag_prefix` in alerts.yml gives the tags other names"
            )
        });
        let news = [empty, foreign].into_iter().flatten();
        news.filter(|news| self.0.len() < MAX_TOLD && self.0.insert(news.clone())).collect()
    }
}

/// The names of an event's fields, as far as they fit a line.
fn names_of(event: &impl Event) -> String {
    let mut names = field_names(event);
    let more = names.len().saturating_sub(MAX_NAMES);
    names.truncate(MAX_NAMES);
    for name in &mut names {
        name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
    }
    let names = match names.is_empty() {
        true => "it has none".to_owned(),
        false => names.join(", "),
    };
    if more > 0 { format!("{names} and {more} more") } else { names }
}

#[cfg(test)]
mod tests {
    use signatures_event::JsonEvent;

    use super::*;

    fn seen(line: &str) -> Peculiar {
        let mut peculiar = Peculiar::default();
        peculiar.see_empty(&JsonEvent::parse(line).unwrap());
        peculiar
    }

    #[test]
    fn each_is_told_once_and_not_without_end() {
        let mut told = Told::default();
        assert_eq!(
            told.news(&seen(r#"{"a":1,"b":2}"#)),
            ["events pass of which no field is looked at; name one of theirs in \
                 `subject_fields` of alerts.yml: a, b"]
        );
        assert_eq!(told.news(&seen(r#"{"a":3,"b":4}"#)), Vec::<String>::new());
        let mut foreign = Peculiar::default();
        foreign.see_foreign("error_severity");
        foreign.see_foreign("error_policy");
        assert_eq!(
            told.news(&foreign),
            ["events bring their own `error_severity`, which is left as it is; \
                 `tag_prefix` in alerts.yml gives the tags other names"]
        );
        let more = (0..100).flat_map(|n| told.news(&seen(&format!(r#"{{"k{n}":1}}"#)))).count();
        assert_eq!(more, MAX_TOLD - 2);
    }

    #[test]
    fn long_names_and_many_are_cut() {
        let line = format!(
            "{{{}}}",
            (0..25).map(|n| format!("\"{n:0>70}\":1")).collect::<Vec<_>>().join(",")
        );
        let Some(names) = seen(&line).empty else { panic!() };
        assert_eq!(names.len(), 20 * MAX_NAME_BYTES + 19 * 2 + " and 5 more".len());
        assert_eq!(seen("{}").empty.as_deref(), Some("it has none"));
    }
}

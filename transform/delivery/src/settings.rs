//! `alerts.yml`, all of it: each crate reads its own keys.

use signatures_alerts::check_routes;
use signatures_document::{Reader, Reading, Sections, yaml::Source};

use crate::sink::{self, KINDS, SinkSettings, common_keys, in_environment, name_in_environment};

/// What alerts.yml says, or its defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What it says to the engine.
    pub engine: signatures_engine::Settings,
    /// What it says about alerts.
    pub alerts: signatures_alerts::Settings,
    /// Where alerts can go.
    pub(crate) sinks: Vec<SinkSettings>,
}

const KEYS: [&str; 1] = ["sinks"];

impl Settings {
    /// Reads the file, with every mistake in it.
    #[must_use]
    pub fn read(source: &Source) -> Reading<Self> {
        Sections::read(source, "alerts.yml", Self::read_sections)
    }

    /// The keys at the top of the file, by which it can be told from a taxonomy.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        let lists = [signatures_engine::Settings::KEYS, signatures_alerts::Settings::KEYS, &KEYS];
        lists.into_iter().flatten().copied()
    }

    /// Whether it names any sink.
    #[must_use]
    pub fn has_sinks(&self) -> bool {
        !self.sinks.is_empty()
    }

    /// What `type:` of a sink may say, each with the keys that such a sink may
    /// have.
    pub fn sink_keys() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
        KINDS
            .iter()
            .map(|kind| (kind.name, kind.keys.iter().copied().chain(common_keys()).collect()))
    }

    fn read_sections(reader: &mut Reader, sections: &mut Sections<'_>) -> Self {
        let engine = signatures_engine::Settings::read(reader, sections);
        let alerts = signatures_alerts::Settings::read(reader, sections);
        let entries = sections.take(&KEYS);
        let sinks: Vec<_> =
            entries.iter().flat_map(|entry| sink::read(reader, &entry.value, &KINDS)).collect();
        // What only both together can have wrong.
        let names: Vec<_> = sinks.iter().map(|sink| (sink.name.as_str(), sink.span)).collect();
        let from_environment: Vec<_> =
            in_environment().map(|(kind, _)| name_in_environment(kind, &sinks)).collect();
        let from_environment: Vec<_> = from_environment.iter().map(String::as_str).collect();
        check_routes(reader, &alerts.routes, &names, &from_environment);
        Self { engine, alerts, sinks }
    }
}

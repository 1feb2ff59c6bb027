//! `alerts.yml`, all of it: each crate reads its own keys.

#[cfg(feature = "send")]
use std::path::PathBuf;

use signatures_alerts::{check_escalation, check_routes};
use signatures_document::{
    Diagnostic, Reader, Reading, Sections,
    yaml::{NodeKind, Source},
};

#[cfg(feature = "send")]
use crate::secret::{Environment, Secret};
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

    /// The files that its sinks name: secrets, certificates, keys. They are read
    /// when the sinks are made; whoever goes on with new ones looks at these, too.
    #[cfg(feature = "send")]
    #[must_use]
    pub fn files(&self, environment: Environment<'_>) -> Vec<PathBuf> {
        let files = self.sinks.iter().flat_map(|sink| &sink.files);
        files.filter_map(|file| Secret::file(file, environment)).collect()
    }

    /// What `type:` of a sink may say, each with the keys that such a sink may
    /// have.
    pub fn sink_keys() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
        KINDS
            .iter()
            .map(|kind| (kind.name, kind.keys.iter().copied().chain(common_keys()).collect()))
    }

    fn read_sections(reader: &mut Reader, sections: &mut Sections<'_>) -> Self {
        refuse_taxonomy(reader, sections.source());
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
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        let steps = &alerts.operations.escalation;
        check_escalation(reader, steps, &names, &from_environment);
        Self { engine, alerts, sinks }
    }
}

/// Refuses a taxonomy, of which nothing but the defaults would come.
fn refuse_taxonomy(reader: &mut Reader, source: &Source) {
    let Ok(Some(root)) = source.document() else { return };
    let NodeKind::Mapping(entries) = &root.kind else { return };
    let has = |keys: &[&str]| entries.iter().find(|entry| keys.contains(&entry.key.as_str()));
    let settings: Vec<_> = Settings::keys().collect();
    if let (Some(entry), None) = (has(&["categories", "noise_allowlist"]), has(&settings)) {
        let message = "this is a taxonomy, where alert settings are expected";
        let diagnostic = Diagnostic::schema(entry.key_span, message);
        reader.report(diagnostic.help("name the two files the other way round"));
    }
}

#[cfg(all(test, feature = "send"))]
mod tests {
    use super::*;

    #[test]
    fn a_taxonomy_is_no_alert_settings_unless_they_are_in_it_too() {
        for (text, told) in [
            ("categories: {}", true),
            ("noise_allowlist: [x]", true),
            ("noise_allowlist: [x]\nwindow_minutes: 5", false),
            ("team: payments", false),
            ("", false),
        ] {
            assert_eq!(Settings::read(&Source::new("a.yml", text)).value.is_none(), told, "{text}");
        }
    }

    /// A sink of each kind by all its keys, each a file where it may be one, and
    /// the files that it names then.
    fn with_every_file(kind: &str, keys: &[&str]) -> (String, Vec<PathBuf>) {
        let in_file = |key: &&&str| keys.contains(&&*format!("{key}_file"));
        let names_file = |key: &str| key.ends_with("_file");
        let written = keys.iter().filter(|key| !in_file(key) && **key != "type");
        let value = |key: &str| match key {
            key if names_file(key) => format!("'/{kind}/${{NAME}}/{key}'"),
            "webhook_url" | "url" | "chat_id" => "x".to_owned(),
            _ => "~".to_owned(),
        };
        let needed = written.clone().filter(|key| value(key) != "~");
        let entries: Vec<_> = needed.map(|key| format!("{key}: {}", value(key))).collect();
        let files = written.filter(|key| names_file(key));
        let mut files: Vec<_> = files.map(|key| format!("/{kind}/n/{key}").into()).collect();
        files.sort();
        (format!("{{type: {kind}, {}}}", entries.join(", ")), files)
    }

    #[test]
    fn every_file_that_a_sink_names_is_known() {
        let environment = |name: &str| (name == "NAME").then(|| "n".to_owned());
        for (kind, keys) in Settings::sink_keys() {
            let (sink, expected) = with_every_file(kind, &keys);
            let source = Source::new("a.yml", format!("sinks: {{a: {sink}}}"));
            let settings = Settings::read(&source).into_result(&source).unwrap();
            let mut files = settings.files(&environment);
            files.sort();
            assert_eq!(files, expected, "{sink}");
        }
    }
}

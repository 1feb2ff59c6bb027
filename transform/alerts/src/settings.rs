//! What alerts.yml says about alerts.

use signatures_document::{Reader, Sections};

use crate::{link::LinkTemplate, operations::OperationsSettings, routes::Route};

/// What alerts.yml says about alerts, or the defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// A link for each alert.
    pub sentry_url: Option<LinkTemplate>,
    /// Which go where; with none, all go everywhere.
    pub routes: Vec<Route>,
    /// What happens after one is decided.
    pub operations: OperationsSettings,
}

impl Settings {
    /// The keys at the top of alerts.yml that are read here.
    pub const KEYS: &[&str] = &["sentry_url", "routes", "operations"];

    /// Reads the sections of alerts.yml about alerts.
    pub fn read(reader: &mut Reader, sections: &mut Sections<'_>) -> Self {
        let mut settings = Self::default();
        for entry in sections.take(Self::KEYS) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "sentry_url" => {
                    settings.sentry_url = LinkTemplate::read(reader, sections.source(), key, value);
                }
                "operations" => settings.operations = OperationsSettings::read(reader, value),
                _ => {
                    let items = reader.sequence(key, value).iter();
                    settings.routes = items.map(|item| Route::read(reader, item)).collect();
                }
            }
        }
        settings
    }
}

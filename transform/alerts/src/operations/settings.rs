//! What alerts.yml says under `operations:`.

use jiff::{SignedDuration, tz::TimeZone};
use signatures_document::{
    Reader, keep,
    yaml::{Entry, Node},
};
use signatures_engine::aggregate::MAX_MINUTES;

use super::{escalation::Escalation, mute_time::MuteTime, zone::read_zone};

/// What alerts.yml says about what happens after an alert is decided, or the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationsSettings {
    /// After how long without an event an incident is over; the longer of window and
    /// cooldown where nothing is said.
    pub resolve_after: Option<SignedDuration>,
    /// Where people reach the page, without a `/` at the end.
    pub public_url: Option<String>,
    /// In which zone times are shown to people.
    pub timezone: TimeZone,
    /// When nothing is delivered, again and again.
    pub mute_times: Vec<MuteTime>,
    /// Who else is told when nobody acts.
    pub escalation: Vec<Escalation>,
}

const KEYS: [&str; 5] =
    ["resolve_after_minutes", "public_url", "timezone", "mute_times", "escalation"];

impl Default for OperationsSettings {
    fn default() -> Self {
        Self {
            resolve_after: None,
            public_url: None,
            timezone: TimeZone::UTC,
            mute_times: Vec::new(),
            escalation: Vec::new(),
        }
    }
}

impl OperationsSettings {
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut settings = Self::default();
        let entries = reader.mapping("operations", node);
        // Mute times go by it where they say none, wherever it stands.
        let says_zone = |entry: &&Entry| entry.key == "timezone" && !entry.value.is_null();
        let zone = entries.iter().find(says_zone);
        let zone = zone.and_then(|entry| read_zone(reader, "timezone", &entry.value));
        keep(&mut settings.timezone, zone);
        for entry in entries {
            settings.read_entry(reader, entry);
        }
        settings
    }

    fn read_entry(&mut self, reader: &mut Reader, entry: &Entry) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        match key {
            "timezone" => {}
            // An entry that says nothing is none.
            _ if value.is_null() && KEYS.contains(&key) => {}
            "resolve_after_minutes" => self.resolve_after = read_minutes(reader, key, value),
            "public_url" => self.public_url = read_url(reader, key, value),
            "mute_times" => {
                let items = reader.sequence(key, value).iter();
                let zone = &self.timezone;
                self.mute_times =
                    items.filter_map(|item| MuteTime::read(reader, zone, item)).collect();
            }
            "escalation" => {
                let items = reader.sequence(key, value).iter();
                self.escalation = items.filter_map(|item| Escalation::read(reader, item)).collect();
            }
            _ => reader.unknown_key(entry, "operations", &KEYS),
        }
    }
}

fn read_minutes(reader: &mut Reader, key: &str, node: &Node) -> Option<SignedDuration> {
    let expected = format!("minutes, above 0 up to {MAX_MINUTES}");
    reader.number(key, &expected, node, |number| {
        let minutes =
            number.as_f64().filter(|minutes| *minutes > 0.0 && *minutes <= MAX_MINUTES)?;
        SignedDuration::try_from_secs_f64(minutes * 60.0).ok()
    })
}

fn read_url(reader: &mut Reader, key: &str, node: &Node) -> Option<String> {
    let text = reader.text(key, node)?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_one = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']));
    if !is_one || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return reader.expected(key, "an address that begins with http:// or https://", node);
    }
    Some(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use signatures_document::{Sections, yaml::Source};
    use signatures_engine::{Policy, Selector};

    use super::*;
    use crate::settings::Settings;

    fn read(text: &str) -> (Option<OperationsSettings>, Vec<String>) {
        let source = Source::new("a.yml", text);
        let reading = Sections::read(&source, "alerts.yml", Settings::read);
        let told = reading.diagnostics.iter().map(|found| found.located(&source)).collect();
        (reading.value.map(|settings| settings.operations), told)
    }

    #[test]
    fn every_key_is_read() {
        let (settings, told) = read(
            "operations:\n  resolve_after_minutes: 2.5\n  public_url: https://alerts.example/\n  \
             timezone: Europe/Berlin\n  mute_times: [{days: [sat, sun]}]\n  escalation:\n    \
             - {after_minutes: 15, match: {policy: escalate}, sinks: phone}\n",
        );
        assert_eq!(told, Vec::<String>::new());
        let settings = settings.unwrap();
        assert_eq!(settings.resolve_after, Some(SignedDuration::from_secs(150)));
        assert_eq!(settings.public_url.as_deref(), Some("https://alerts.example"));
        assert_eq!(settings.timezone.iana_name(), Some("Europe/Berlin"));
        assert_eq!(settings.mute_times[0].to_string(), "sat, sun 00:00–24:00 Europe/Berlin");
        let [escalation] = &settings.escalation[..] else { panic!() };
        assert_eq!(escalation.after, SignedDuration::from_mins(15));
        let escalate = Selector { policy: vec![Policy::Escalate], ..Selector::default() };
        assert_eq!((&escalation.matches, escalation.sinks[0].0.as_str()), (&escalate, "phone"));
        assert_eq!(read("operations:\n").0, Some(OperationsSettings::default()));
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (settings, told) = read(
            "operations:\n  resolve_after_minutes: 0\n  public_url: alerts.example\n  \
             timezone: Europe/Berlim\n  mute_times:\n    - {days: [sat, san]}\n    \
             - {from: '22:60', to: 6}\n    - {from: '08:00', to: '08:00'}\n    - {}\n  \
             escalation: [{sinks: []}, {after_minutes: 0, sinks: [a]}]\n  publik_url: a\n",
        );
        assert_eq!(settings, None);
        assert_eq!(
            told,
            [
                "a.yml:2:26: `resolve_after_minutes` takes minutes, above 0 up to 527040, not `0` [schema]",
                "a.yml:3:15: `public_url` takes an address that begins with http:// or https://, not `alerts.example` [schema]",
                "a.yml:4:13: there is no time zone `Europe/Berlim` [schema]; names are those of IANA: UTC, Europe/Berlin, America/New_York",
                "a.yml:6:20: `days` takes some of mon, tue, wed, thu, fri, sat, sun, not `san` [schema]",
                "a.yml:7:14: `from` takes a time of day like 06:30, not `22:60` [schema]",
                "a.yml:7:27: `to` takes a time of day like 06:30, not `6` [schema]",
                "a.yml:8:7: `from` and `to` of a mute time are the same [schema]; without `from` and `to` it is all of the day",
                "a.yml:9:7: a mute time mutes everything, always [schema]; say `days`, `from` and `to`, or `match`; `shadow` delivers nothing at all",
                "a.yml:10:16: an escalation does not say after how long [schema]; add `after_minutes: 15`",
                "a.yml:10:16: an escalation does not say its sinks [schema]; add `sinks: [NAME]`",
                "a.yml:10:45: `after_minutes` takes a whole number from 1 to 10080, not `0` [schema]",
                "a.yml:11:3: nothing reads the key `publik_url` of operations [unknown-key]; did you mean `public_url`?",
            ]
        );
    }
}

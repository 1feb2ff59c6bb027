//! `sinks:` of alerts.yml: where alerts can go.
//!
//! Only what the file says: secrets are looked up by those who send.

use std::sync::Arc;

use signatures_document::{
    Diagnostic, Reader,
    yaml::{Entry, Node, Span},
};
use signatures_engine::{Severity, threshold::read_least_severity};

#[cfg(feature = "send")]
use super::console;
use super::{
    fields::Fields,
    kind::{Kind, Target},
    pace::{self, SinkPace},
};
use crate::secret::SecretText;

/// One entry of `sinks:`.
#[derive(Clone, Debug)]
pub(crate) struct SinkSettings {
    /// What routes, logs and metrics call it.
    pub(crate) name: String,
    /// Where its name stands.
    pub(crate) span: Span,
    /// What kind it is of.
    pub(crate) kind: &'static Kind,
    /// What it talks to.
    pub(crate) target: Arc<dyn Target>,
    /// How it is talked to.
    pub(crate) pace: SinkPace,
    /// Milder alerts are not for it.
    pub(crate) min_severity: Option<Severity>,
    /// A file of PEM certificates to trust besides the system's.
    pub(crate) ca_file: Option<String>,
    /// All files that it names: secrets, certificates, keys.
    pub(crate) files: Vec<SecretText>,
}

impl SinkSettings {
    /// One that no file names, with what suits its kind.
    pub(crate) fn plain(name: String, kind: &'static Kind, target: Arc<dyn Target>) -> Self {
        let (span, pace) = (Span::default(), SinkPace::default());
        let (min_severity, ca_file, files) = (None, None, Vec::new());
        Self { name, span, kind, target, pace, min_severity, ca_file, files }
    }
}

// Derived, it would move the target (rust-lang/rust issue 31740).
impl PartialEq for SinkSettings {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, span, kind, target, pace, min_severity, ca_file, files } = self;
        (name, span, kind, pace) == (&other.name, &other.span, &other.kind, &other.pace)
            && **target == *other.target
            && (min_severity, ca_file) == (&other.min_severity, &other.ca_file)
            && *files == other.files
    }
}

/// The sink where there is no other.
#[cfg(feature = "send")]
pub(crate) fn fallback() -> SinkSettings {
    SinkSettings::plain("console".to_owned(), &console::KIND, console::fallback())
}

/// The keys that a sink of every kind may have.
pub(crate) fn common_keys() -> impl Iterator<Item = &'static str> {
    ["type", "min_severity", "ca_file"].into_iter().chain(pace::KEYS)
}

/// `sinks:`, a mapping of names to sinks of these kinds.
pub(crate) fn read(reader: &mut Reader, node: &Node, kinds: &[&'static Kind]) -> Vec<SinkSettings> {
    let entries = reader.mapping("sinks", node).iter();
    entries.filter_map(|entry| sink(reader, entry, kinds)).collect()
}

fn sink(reader: &mut Reader, entry: &Entry, kinds: &[&'static Kind]) -> Option<SinkSettings> {
    let mut fields = Fields::new(reader, entry);
    let kind = kind(&mut fields, &entry.key, kinds)?;
    let known: Vec<_> = kind.keys.iter().copied().chain(common_keys()).collect();
    for field in fields.entries {
        if !known.contains(&field.key.as_str()) {
            fields.reader.unknown_key(field, &format!("a {} sink", kind.name), &known);
        }
    }
    let target = (kind.read)(&mut fields);
    let (pace, min_severity) = (SinkPace::read(&mut fields), min_severity(&mut fields));
    let (ca_file, name, span) = (fields.file("ca_file"), entry.key.clone(), entry.key_span);
    let (target, files) = (target?, fields.files);
    Some(SinkSettings { name, span, kind, target, pace, min_severity, ca_file, files })
}

fn kind(fields: &mut Fields<'_, '_>, name: &str, kinds: &[&'static Kind]) -> Option<&'static Kind> {
    let known: Vec<_> = kinds.iter().map(|kind| kind.name).collect();
    let known = known.join(", ");
    let Some(node) = fields.get("type") else {
        let message = format!("the sink `{name}` does not say its `type`");
        fields.reader.report(Diagnostic::schema(fields.span, message).help(known));
        return None;
    };
    let found = fields.reader.text("type", node)?;
    let kind = kinds.iter().find(|kind| kind.name == found).copied();
    kind.or_else(|| fields.reader.expected("type", &format!("one of {known}"), node))
}

fn min_severity(fields: &mut Fields<'_, '_>) -> Option<Severity> {
    let node = fields.get("min_severity")?;
    read_least_severity(fields.reader, "min_severity", node)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::given::read;

    #[test]
    fn every_kind_of_sink_is_read() {
        let (settings, diagnostics) = read(
            "
sinks:
  ops: {type: slack, webhook_url: '${SLACK}', min_severity: HIGH, queue: 5}
  phone: {type: telegram, bot_token_file: /run/token, chat_id: '-100', base_url: http://t, min_severity: Error}
  prom: {type: alertmanager, url: http://am:9093, labels: {cluster: eu}}
  hook:
    type: webhook
    url: http://h
    hmac_secret: ${KEY}
    headers: {X-Team: pay}
    timeout_seconds: 3
    give_up_after_minutes: 2
  aside: {type: vector, url: 'https://v:6103', compression: zstd, crt_file: c, key_file: k}
  here: {type: console, format: json}
",
        );
        assert_eq!(diagnostics, Vec::<String>::new());
        let sinks = settings.unwrap().sinks;
        assert_eq!(
            sinks.iter().map(|sink| sink.name.as_str()).collect::<Vec<_>>(),
            ["ops", "phone", "prom", "hook", "aside", "here"]
        );
        assert_eq!(
            sinks.iter().map(|sink| sink.kind.name).collect::<Vec<_>>(),
            ["slack", "telegram", "alertmanager", "webhook", "vector", "console"]
        );
        assert_eq!(sinks[0].min_severity, Some(Severity::new("high")));
        assert_eq!(sinks[1].min_severity, Some(Severity::new("anomaly")));
        assert_eq!(sinks[0].pace, SinkPace { queue: Some(5), ..SinkPace::default() });
        let (timeout, give_up_after) = (Duration::from_secs(3), Duration::from_secs(120));
        assert_eq!(
            sinks[3].pace,
            SinkPace {
                timeout: Some(timeout),
                give_up_after: Some(give_up_after),
                ..SinkPace::default()
            }
        );
    }

    #[test]
    fn sinks_that_say_the_same_are_equal() {
        let sink = |url: &str| {
            let (settings, _) = read(&format!("sinks: {{a: {{type: webhook, url: '{url}'}}}}"));
            settings.unwrap().sinks.remove(0)
        };
        assert_eq!(sink("http://a"), sink("http://a"));
        assert_ne!(sink("http://a"), sink("http://b"));
        let (settings, _) = read("sinks: {a: {type: console}}");
        assert_ne!(settings.unwrap().sinks[0], sink("http://a"));
    }

    #[test]
    fn a_secret_in_clear_is_a_warning() {
        let (settings, diagnostics) = read(
            "sinks:\n  a: {type: slack, webhook_url: https://x/y}\n  b: {type: webhook, url: 'http://u:p@h', headers: {X-Token: t}}\n",
        );
        assert!(settings.is_some());
        assert_eq!(
            diagnostics,
            [
                "a.yml:2:33: `webhook_url` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
                "a.yml:3:27: `url` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
                "a.yml:3:62: `X-Token` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
            ]
        );
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (settings, diagnostics) = read(
            "sinks:\n  a: {type: slak}\n  b: {}\n  c: {type: slack, webhook: x}\n  d: {type: webhook, url: a, url_file: b}\n  \
             e: {type: alertmanager, url: a, labels: {1x: y}, queue: 0}\n  f: {type: console, min_severity: loud}\n  g: {type: vector, url: a, compression: lz4, key_file: k}\n",
        );
        assert!(settings.is_none());
        assert_eq!(
            diagnostics,
            [
                "a.yml:2:13: `type` takes one of slack, telegram, alertmanager, webhook, vector, console, not `slak` [schema]",
                "a.yml:3:3: the sink `b` does not say its `type` [schema]; slack, telegram, alertmanager, webhook, vector, console",
                "a.yml:4:3: the sink `c` lacks `webhook_url` [schema]; `webhook_url: ${NAME}` takes it from the environment, `webhook_url_file` from a file",
                "a.yml:4:20: nothing reads the key `webhook` of a slack sink [unknown-key]; did you mean `webhook_url`?",
                "a.yml:5:40: give `url` or `url_file`, not both [schema]",
                "a.yml:6:44: `1x` is no label name: letters, digits and `_` [schema]",
                "a.yml:6:59: `queue` takes a whole number from 1 to 10000000, not `0` [schema]",
                "a.yml:7:36: `min_severity` takes one of info, low, warning, medium, anomaly, high, critical, or a level: trace, debug, notice, error, alert, emergency, not `loud` [schema]",
                "a.yml:8:3: give both `crt_file` and `key_file`, or none [schema]",
                "a.yml:8:42: `compression` takes one of none, gzip, zstd, not `lz4` [schema]",
            ]
        );
    }
}

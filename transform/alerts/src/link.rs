//! `sentry_url` of alerts.yml: a link for each alert.

use signatures_document::{
    Code, Diagnostic, Reader,
    yaml::{Node, NodeKind, Source},
};

/// A placeholder of a link that nothing fills in.
pub const UNKNOWN_PLACEHOLDER: Code = Code::warning("unknown-placeholder");

/// What an alert has for a placeholder, if it has it.
type Value = fn(&LinkedError<'_>) -> String;

/// What a link may be made of: each fills in the placeholder of its name.
#[derive(Clone, Debug, Default)]
pub struct LinkedError<'a> {
    /// `{fingerprint}`
    pub fingerprint: String,
    /// `{group}`
    pub group: String,
    /// `{category}`
    pub category: &'a str,
    /// `{signature}`
    pub signature: &'a str,
    /// `{policy}`
    pub policy: &'a str,
    /// `{severity}`
    pub severity: &'a str,
    /// `{host}`
    pub host: Option<&'a str>,
    /// `{service}`
    pub service: Option<&'a str>,
    /// `{request_id}`
    pub request_id: Option<&'a str>,
}

/// Every placeholder, by its name.
const PLACEHOLDERS: [(&str, Value); 9] = [
    ("fingerprint", |values| values.fingerprint.clone()),
    ("group", |values| values.group.clone()),
    ("category", |values| values.category.to_owned()),
    ("signature", |values| values.signature.to_owned()),
    ("policy", |values| values.policy.to_owned()),
    ("severity", |values| values.severity.to_owned()),
    ("host", |values| values.host.unwrap_or_default().to_owned()),
    ("service", |values| values.service.unwrap_or_default().to_owned()),
    ("request_id", |values| values.request_id.unwrap_or_default().to_owned()),
];

/// A link with places for what an alert knows: `{fingerprint}`, `{group}`,
/// `{category}`, `{signature}`, `{policy}`, `{severity}`, `{host}`, `{service}`,
/// `{request_id}`.
///
/// What is filled in is URL-encoded, so that it stays one value wherever in the
/// link it stands. What an alert does not have is left empty. Anything else in
/// braces stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTemplate(String);

impl LinkTemplate {
    /// A link with these places.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads one, and reports the placeholders in it that nothing fills in.
    pub(crate) fn read(
        reader: &mut Reader,
        source: &Source,
        key: &str,
        node: &Node,
    ) -> Option<Self> {
        let text = reader.text(key, node)?;
        for placeholder in placeholders(&text).filter(|found| found.value.is_none()) {
            let span = match &node.kind {
                NodeKind::Scalar { style, .. } => {
                    source.within_scalar(node.span, *style, placeholder.start..placeholder.end)
                }
                _ => node.span,
            };
            let known = PLACEHOLDERS.map(|(name, _)| format!("{{{name}}}")).join(", ");
            let message = format!("nothing fills in `{{{}}}` of `{key}`", placeholder.name);
            reader.report(
                Diagnostic::new(UNKNOWN_PLACEHOLDER, span, message)
                    .help(format!("known here: {known}")),
            );
        }
        Some(Self(text))
    }

    /// The link of an error.
    #[must_use]
    pub fn of_error(&self, values: &LinkedError<'_>) -> String {
        let (mut out, mut at) = (String::with_capacity(self.0.len()), 0);
        for placeholder in placeholders(&self.0) {
            if let Some(value) = placeholder.value {
                out.push_str(&self.0[at..placeholder.start]);
                push_encoded(&value(values), &mut out);
                at = placeholder.end;
            }
        }
        out + &self.0[at..]
    }
}

/// A name in braces, and where it stands with them.
struct Placeholder<'t> {
    name: &'t str,
    value: Option<Value>,
    start: usize,
    end: usize,
}

/// The names in braces, in order. What is no name between braces is text: a query
/// may be JSON.
fn placeholders(text: &str) -> impl Iterator<Item = Placeholder<'_>> {
    let is_name = |name: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_part)
    };
    text.match_indices('{').filter_map(move |(start, _)| {
        let name = text[start + 1..].split('}').next()?;
        let end = start + name.len() + 2;
        (is_name(name) && end <= text.len()).then(|| {
            let value = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
            Placeholder { name, value: value.map(|(_, value)| *value), start, end }
        })
    })
}

/// All but the characters that RFC 3986 calls unreserved is escaped.
fn push_encoded(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => *out += &format!("%{byte:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::Sections;

    use super::*;
    use crate::settings::Settings;

    fn filled(template: &str, values: &LinkedError<'_>) -> String {
        LinkTemplate::new(template).of_error(values)
    }

    #[test]
    fn every_placeholder_is_filled_in_and_encoded() {
        let values = LinkedError {
            fingerprint: "0123456789ab".to_owned(),
            group: "ba9876543210".to_owned(),
            category: "net work/db",
            signature: "A&B",
            policy: "retry",
            severity: "critical",
            host: Some("db-1.example"),
            service: Some("Zahlung é"),
            request_id: Some("a=b?c#d+e%"),
        };
        let all = PLACEHOLDERS.map(|(name, _)| format!("{{{name}}}")).join("|");
        assert_eq!(
            filled(&all, &values),
            "0123456789ab|ba9876543210|net%20work%2Fdb|A%26B|retry|critical|db-1.example|Zahlung%20%C3%A9|a%3Db%3Fc%23d%2Be%25"
        );
        assert_eq!(
            filled("https://s/?q={fingerprint}&r={request_id}", &LinkedError::default()),
            "https://s/?q=&r="
        );
    }

    #[test]
    fn what_is_filled_in_is_no_template_and_other_braces_stay() {
        let values = LinkedError { category: "{host}", host: Some("h"), ..LinkedError::default() };
        assert_eq!(filled("{category}", &values), "%7Bhost%7D");
        for text in ["{", "}{", "{}", "{\"a\":{}}", "{hosts}", "{ host }", "é{", "{host"] {
            assert_eq!(filled(text, &values), text);
        }
        assert_eq!(filled("{{host}}", &values), "{h}");
    }

    #[test]
    fn an_unknown_placeholder_is_told_with_its_place() {
        let read = |text: &str| {
            let source = Source::new("a.yml", text);
            let reading = Sections::read(&source, "alerts.yml", Settings::read);
            let told: Vec<_> = reading.diagnostics.iter().map(|p| p.located(&source)).collect();
            (reading.value.and_then(|settings| settings.sentry_url), told)
        };
        let known = "known here: {fingerprint}, {group}, {category}, {signature}, {policy}, {severity}, {host}, {service}, {request_id}";
        let told = |column: usize, name: &str| {
            format!(
                "a.yml:1:{column}: nothing fills in `{{{name}}}` of `sentry_url` [unknown-placeholder]; {known}"
            )
        };
        let url = "https://s/{Category}/{host}?a={x-1}";
        for (text, columns) in
            [(format!("sentry_url: '{url}'"), [24, 44]), (format!("sentry_url: {url}"), [23, 43])]
        {
            let expected = vec![told(columns[0], "Category"), told(columns[1], "x-1")];
            assert_eq!(read(&text), (Some(LinkTemplate::new(url)), expected));
        }
        assert_eq!(read("sentry_url: 'https://s/{request_id}{}'").1, Vec::<String>::new());
    }
}

//! A Telegram message, in MarkdownV2.
//!
//! <https://core.telegram.org/bots/api#markdownv2-style>

use serde_json::{Value, json};
use signatures_alerts::{
    Alert, AlertStatus,
    excerpt::{excerpt, printable},
    legible::shown,
};
use signatures_engine::aggregate::MAX_LISTED_VALUES;

/// Telegram counts 4,096 UTF-16 units once the markup is taken away; here they
/// are counted with it. The parts below fit into it together.
const MAX_TEXT: usize = 4096;
const MAX_TITLE: usize = 400;
const MAX_NAME: usize = 150;
const MAX_SAMPLE: usize = 600;
const MAX_JOINED: usize = 300;
const MAX_NOTE: usize = 150;
const MAX_URL: usize = 600;

/// A digest's lines.
const MAX_LINE: usize = 160;
const MAX_FREQUENCY: usize = 80;

/// How many alerts one message lists at most.
pub(super) const MOST: usize = 24;

/// What `sendMessage` takes: one alert in full, or a digest of several.
#[must_use]
pub fn message(chat_id: &str, alerts: &[Alert]) -> Value {
    let text = match alerts {
        [alert] => alert_text(alert),
        many => digest_text(many),
    };
    debug_assert!(text.encode_utf16().count() <= MAX_TEXT);
    json!({
        "chat_id": chat_id,
        "text": text,
        "parse_mode": "MarkdownV2",
        "link_preview_options": { "is_disabled": true },
    })
}

fn resolved_text(alert: &Alert, line: &str) -> String {
    let line = excerpt(&line.replace('\n', " "), MAX_TITLE + MAX_NAME, escape);
    let incident = alert.incident.as_deref().map(|id| name_of("Incident", id));
    [format!("{} {line}", mark(alert))].into_iter().chain(incident).collect::<Vec<_>>().join("\n")
}

fn alert_text(alert: &Alert) -> String {
    if let Some(line) = alert.resolved_line() {
        return resolved_text(alert, &line);
    }
    let title = excerpt(&alert.name.replace('\n', " "), MAX_TITLE, escape);
    let mut lines = vec![
        format!("{} *{title}*", mark(alert)),
        pair("Category", &alert.category),
        pair("Signature", alert.signature_or_generic()),
        pair("Policy", alert.policy.as_str()),
        pair("Count", &alert.frequency()),
        name_of("First seen", &alert.first_seen.to_string()),
        name_of("Last seen", &alert.last_seen.to_string()),
    ];
    lines.extend(alert.notes().iter().map(|note| excerpt(note, MAX_NOTE, escape)));
    lines.extend(alert.joined.iter().map(|joined| {
        let told = format!("{}: {}", joined.how_many(), joined.listed(MAX_LISTED_VALUES));
        format!("In {}", excerpt(&told, MAX_JOINED, escape))
    }));
    lines.extend(alert.service.as_deref().map(|service| name_of("Service", service)));
    lines.extend(alert.host.as_deref().map(|host| name_of("Host", host)));
    lines.extend(alert.request_id.as_deref().map(|id| name_of("Request", id)));
    let incident = alert.incident.clone().map(|id| ("Incident", id));
    let names = incident.into_iter().chain(alert.names_of_error());
    let names = names.chain([("Id", alert.id.clone())]);
    let names = names.enumerate().map(|(index, (kind, name))| match index {
        0 => format!("{kind} `{name}`"),
        _ => format!("{} `{name}`", kind.to_lowercase()),
    });
    lines.push(names.collect::<Vec<_>>().join(", "));
    if let Some(exception) = &alert.exception {
        let told = exception.lines().join("\n");
        lines.push(format!("```\n{}\n```", excerpt(&told, MAX_SAMPLE, escape_code)));
    }
    for sample in &alert.samples {
        lines.push(format!("```\n{}\n```", excerpt(sample, MAX_SAMPLE, escape_code)));
    }
    let url = alert.sentry_url.as_deref().map(|url| excerpt(url, usize::MAX, escape_link));
    // A cut address would lead nowhere.
    if let Some(url) = url.filter(|url| url.encode_utf16().count() <= MAX_URL) {
        lines.push(format!("[Open in Sentry]({url})"));
    }
    lines.join("\n")
}

fn digest_text(alerts: &[Alert]) -> String {
    let mut lines = vec![format!("*{} alerts*", alerts.len())];
    lines.extend(alerts.iter().map(|alert| {
        let frequency = excerpt(&alert.frequency(), MAX_FREQUENCY, escape);
        let tail = format!(" \\({frequency}\\) `{}`", alert.group_id());
        let name = alert.resolved_line().unwrap_or_else(|| alert.name.clone());
        let name = name.replace('\n', " ");
        let name = excerpt(&name, MAX_LINE.saturating_sub(tail.len() + 4), escape);
        format!("{} {name}{tail}", mark(alert))
    }));
    lines.join("\n")
}

fn mark(alert: &Alert) -> &'static str {
    match alert.status {
        AlertStatus::Resolved => "🟢",
        AlertStatus::Firing if alert.is_critical() => "🔴",
        AlertStatus::Firing => "🟠",
    }
}

fn pair(name: &str, value: &str) -> String {
    format!("{name}: {}", excerpt(&value.replace('\n', " "), MAX_NAME, escape))
}

/// A name that is copied and pasted: in code it is as it is, and no link.
fn name_of(kind: &str, name: &str) -> String {
    format!("{kind}: `{}`", excerpt(&name.replace('\n', " "), MAX_NAME, escape_code))
}

/// Breaks what Telegram would make a link or a mention of, and shows nothing.
const JOINER: char = '\u{2060}';

fn escape(c: char, out: &mut String) {
    if "_*[]()~`>#+-=|{}.!\\".contains(c) {
        out.push('\\');
    }
    printable(c, out);
    // `@name` calls somebody, `/word` commands a bot, `name.tld` and `scheme://` lead
    // somewhere, `#word` and `$WORD` search.
    if "@/.#$:".contains(c) {
        out.push(JOINER);
    }
}

fn escape_code(c: char, out: &mut String) {
    if matches!(c, '`' | '\\') {
        out.push('\\');
    }
    printable(c, out);
}

fn escape_link(c: char, out: &mut String) {
    if matches!(c, ')' | '\\') {
        out.push('\\');
    }
    out.push(shown(c));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::samples::{
        HOSTILE, awkward, few_values, huge, joined, many_values, saying, spike,
    };

    #[test]
    fn what_raised_it_is_told_with_its_numbers() {
        let text = alert_text(&spike()).replace(JOINER, "");
        assert!(
            text.contains("\nCount: spike: 41 in 5 minutes, usually 3, 2 suppressed\n"),
            "{text}"
        );
        let text = digest_text(&[many_values()]).replace(JOINER, "");
        assert!(text.contains("values of <\\!channel\\> in"), "{text}");
    }

    #[test]
    fn an_alert_says_all_that_is_known() {
        let expected = r"🔴 *NET\_RESET:J Resets \(50%\) & <timeouts\> \*now\*\!*
Category: network\_db
Signature: NET\_RESET
Policy: retry
Count: 3 events, 2 suppressed
First seen: `2026-01-02T03:04:05Z`
Last seen: `2026-01-02T03:04:05Z`
Service: `vector-signatures`
Host: `db-1.example`
Request: `r_1\``
Fingerprint `FP`, id `ID`
```
a \`b\` \`\`\` c \\ _d_ & <e>
```
```
é[31m
next → 🚀
```
[Open in Sentry](https://s.example/?q={a|b}>\))"
            .replace("FP", &awkward().fingerprint.to_string())
            .replace("ID", &awkward().id)
            .replace(":J", ":\u{2060}")
            .replace("é[", "é\u{fffd}[");
        assert_eq!(
            message("-100", &[awkward()]),
            json!({
                "chat_id": "-100",
                "text": expected,
                "parse_mode": "MarkdownV2",
                "link_preview_options": { "is_disabled": true },
            })
        );
    }

    #[test]
    fn telegram_can_parse_what_is_sent_however_long() {
        for alerts in [vec![awkward()], vec![huge()], vec![awkward(); MOST], vec![huge(); MOST]] {
            assert_taken(&message("1", &alerts));
        }
    }

    #[test]
    fn what_a_log_says_leads_nowhere_and_calls_nobody() {
        let alert = saying("@admin https://evil.tld /start\n*Policy*: x\u{202e}\u{9b}");
        let text = alert_text(&alert).replace(JOINER, "~").replace('\u{fffd}', "?");
        let title = r"🔴 *@~admin https:~/~/~evil\.~tld /~start \*Policy\*:~ x??*";
        let service = "\nService: `@admin https://evil.tld /start *Policy*: x??`\n";
        let sample = "```\n@admin https://evil.tld /start\n*Policy*: x??\n```";
        for expected in [title, service, sample] {
            assert!(text.contains(expected), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn telegram_can_parse_whatever_a_log_says(hostile in HOSTILE) {
            assert_taken(&message("1", &[saying(&hostile)]));
        }
    }

    #[test]
    fn a_digest_lists_every_alert() {
        let text = digest_text(&vec![awkward(); MOST]);
        assert_eq!(text.lines().count(), MOST + 1);
        assert!(text.lines().skip(1).all(|line| line.contains(&awkward().fingerprint.to_string())));
    }

    /// What Telegram itself would refuse with `can't parse entities` or
    /// `message is too long`.
    fn assert_taken(body: &Value) {
        let text = body["text"].as_str().unwrap();
        assert!((1..=4096).contains(&text.encode_utf16().count()), "{}", text.len());
        let mut rest = text.replace("```\n", "\u{1}").replace("\n```", "\u{1}");
        rest = rest.replace("\\\\", "").replace("\\`", "");
        let mut bold = false;
        while let Some(c) = rest.chars().next() {
            let mut after = rest[c.len_utf8()..].to_owned();
            match c {
                '\u{1}' | '`' => {
                    let end = after.find(c).expect("code is closed");
                    after.drain(..=end);
                }
                '\\' => {
                    after.remove(0);
                }
                '*' => bold = !bold,
                '[' => {
                    let end = after.replace("\\)", "xx").find(')').expect("a link is closed");
                    assert!(after.contains("]("));
                    after.drain(..=end);
                }
                c => assert!(!"_]()~>#+-=|{}.!".contains(c), "unescaped {c} in {text}"),
            }
            rest = after;
        }
        assert!(!bold);
    }

    #[test]
    fn the_alert_of_all_groups_lists_them() {
        let told = message("1", &[joined(few_values())])["text"].to_string().replace(JOINER, "");
        let expected = r"In 40 services: check\\_out<1\\> \\(12\\), billing \\(9\\), none named \\(1\\), and 37 more";
        assert!(told.contains(expected), "{told}");
    }
}

//! A Slack message, in Block Kit.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks>. Blocks stand in
//! an attachment because only attachments have a colour.

use jiff::Timestamp;
use serde_json::{Value, json};
use signatures_alerts::{
    Alert, AlertStatus,
    excerpt::{excerpt, printable},
    legible::shown,
};
use signatures_engine::aggregate::MAX_LISTED_VALUES;

const MAX_FALLBACK: usize = 3000;
const MAX_HEADER: usize = 150;
const MAX_FIELD: usize = 2000;
const MAX_SECTION: usize = 3000;
const MAX_URL: usize = 2900;

/// A digest's lines: ten of them fit into a section.
const MAX_LINE: usize = 290;
const LINES_PER_SECTION: usize = 10;
const MAX_FREQUENCY: usize = 120;

/// How many alerts one message lists at most.
pub(super) const MOST: usize = 100;

/// What an incoming webhook takes: one alert in full, or a digest of several.
#[must_use]
pub fn message(alerts: &[Alert]) -> Value {
    match alerts {
        [alert] if alert.status == AlertStatus::Resolved => {
            attachment(&title(alert), RESOLVED, resolved_blocks(alert))
        }
        [alert] => attachment(&title(alert), colour(alert.is_critical()), alert_blocks(alert)),
        many => {
            let title = format!("{} alerts", many.len());
            let is_critical = many.iter().any(Alert::is_critical);
            attachment(&title, colour(is_critical), digest_blocks(&title, many))
        }
    }
}

/// Of what is over.
const RESOLVED: &str = "#2eb67d";

fn colour(critical: bool) -> &'static str {
    if critical { "#d72b3f" } else { "#daa038" }
}

fn attachment(title: &str, color: &str, blocks: Vec<Value>) -> Value {
    json!({
        "text": excerpt(&title.replace('\n', " "), MAX_FALLBACK, escape),
        "unfurl_links": false,
        "unfurl_media": false,
        "attachments": [{ "color": color, "blocks": blocks }],
    })
}

fn title(alert: &Alert) -> String {
    if let Some(line) = alert.resolved_line() {
        return line;
    }
    format!("[{}] {}", alert.severity.as_str().to_uppercase(), alert.name)
}

fn resolved_blocks(alert: &Alert) -> Vec<Value> {
    let line = section(&excerpt(&title(alert).replace('\n', " "), MAX_SECTION, escape));
    let names = incident(alert).into_iter().chain(alert.names_of_error());
    let names: Vec<_> = names.map(|(kind, name)| mrkdwn(&format!("{kind} `{name}`"))).collect();
    vec![line, json!({ "type": "context", "elements": names })]
}

/// By which commands name it.
fn incident(alert: &Alert) -> Option<(&'static str, String)> {
    Some(("Incident", alert.incident.clone()?))
}

fn alert_blocks(alert: &Alert) -> Vec<Value> {
    let mut blocks =
        vec![header(&title(alert)), json!({ "type": "section", "fields": fields(alert) })];
    blocks.extend(alert.why().map(|(trigger, reason)| {
        section(&format!("*{trigger}*: {}", excerpt(reason, MAX_FIELD, escape)))
    }));
    let notes = alert.notes();
    blocks.extend(
        (!notes.is_empty()).then(|| section(&excerpt(&notes.join("\n"), MAX_SECTION, escape))),
    );
    blocks.extend(alert.joined.iter().map(|joined| {
        let listed = excerpt(&joined.listed(MAX_LISTED_VALUES), MAX_SECTION - 500, escape);
        section(&format!("*In {}*\n{listed}", excerpt(&joined.how_many(), 400, escape)))
    }));
    blocks.extend(alert.exception.iter().map(|exception| {
        let told = exception.lines().join("\n").replace("```", "'''");
        section(&format!("```{}```", excerpt(&told, MAX_SECTION - 6, escape)))
    }));
    blocks.extend(alert.samples.iter().map(|sample| {
        // A fence inside the sample would end the code block.
        let sample = sample.replace("```", "'''");
        section(&format!("```{}```", excerpt(&sample, MAX_SECTION - 6, escape)))
    }));
    let names = incident(alert).into_iter().chain(alert.names_of_error());
    let mut elements: Vec<_> = names
        .chain([("Id", alert.id.clone())])
        .map(|(kind, name)| mrkdwn(&format!("{kind} `{name}`")))
        .collect();
    // The fields are full.
    elements.extend(alert.request_id.as_deref().map(|id| mrkdwn(&format!("Request {}", text(id)))));
    // A cut address would lead nowhere.
    if let Some(url) = alert.sentry_url.as_deref().map(link_target).filter(|u| u.len() <= MAX_URL) {
        elements.push(mrkdwn(&format!("<{url}|Open in Sentry>")));
    }
    blocks.push(json!({ "type": "context", "elements": elements }));
    blocks
}

/// At most ten, which is as many as Slack takes.
fn fields(alert: &Alert) -> Vec<Value> {
    let mut pairs = vec![
        ("Severity", text(alert.severity.as_str())),
        ("Category", text(&alert.category)),
        ("Signature", text(alert.signature_or_generic())),
        ("Policy", text(alert.policy.as_str())),
        ("Count", alert.count.to_string()),
        ("Suppressed", alert.suppressed.to_string()),
        ("First seen", date(alert.first_seen)),
        ("Last seen", last_seen(alert)),
    ];
    pairs.extend(alert.service.as_deref().map(|service| ("Service", text(service))));
    pairs.extend(alert.host.as_deref().map(|host| ("Host", text(host))));
    pairs.iter().map(|(name, value)| mrkdwn(&format!("*{name}*\n{value}"))).collect()
}

/// On one line: a value cannot pass for another field.
fn text(value: &str) -> String {
    excerpt(&value.replace('\n', " "), MAX_FIELD - 50, escape)
}

/// Shown in the reader's own time zone.
fn date(time: Timestamp) -> String {
    format!("<!date^{}^{{date_short_pretty}} {{time_secs}}|{time}>", time.as_second())
}

fn last_seen(alert: &Alert) -> String {
    let ago = alert.ago().map(|ago| format!(" ({ago})"));
    date(alert.last_seen) + &ago.unwrap_or_default()
}

fn digest_blocks(title: &str, alerts: &[Alert]) -> Vec<Value> {
    let mut blocks = vec![header(title)];
    blocks.extend(alerts.chunks(LINES_PER_SECTION).map(|chunk| {
        let lines: Vec<_> = chunk.iter().map(digest_line).collect();
        section(&lines.join("\n"))
    }));
    blocks
}

fn digest_line(alert: &Alert) -> String {
    let tail = format!(" ({}) `{}`", frequency(alert), alert.group_id());
    let title = title(alert).replace('\n', " ");
    let title = excerpt(&title, MAX_LINE.saturating_sub(tail.len() + 2), escape);
    format!("• {title}{tail}")
}

/// A field of whatever name may be named in it.
fn frequency(alert: &Alert) -> String {
    excerpt(&alert.frequency(), MAX_FREQUENCY, escape)
}

fn header(title: &str) -> Value {
    let title = excerpt(&title.replace('\n', " "), MAX_HEADER, printable);
    json!({ "type": "header", "text": { "type": "plain_text", "text": title } })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(text) })
}

/// Verbatim: Slack makes no links and mentions of its own of what a log says.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// Slack asks for these three to be escaped, and no others: `<!channel>` is text
/// then, and no call to everybody.
fn escape(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => printable(c, out),
    }
}

fn link_target(url: &str) -> String {
    let url: String = url.chars().map(shown).collect();
    url.replace('|', "%7C").replace('>', "%3E").replace('<', "%3C").replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use signatures_alerts::legible::is_hidden;

    use crate::sink::samples::{
        HOSTILE, awkward, few_values, huge, joined, many_values, saying, spike,
    };

    #[test]
    fn what_raised_it_is_told_with_its_numbers() {
        let blocks = alert_blocks(&spike());
        assert_eq!(blocks[2], section("*spike*: 41 in 5 minutes, usually 3"));
        let line = digest_line(&spike());
        assert!(line.contains(" (spike: 41 in 5 minutes, usually 3, 2 suppressed) "), "{line}");
        assert!(digest_line(&many_values()).contains("values of &lt;!channel&gt; in"));
    }

    #[test]
    fn an_alert_says_all_that_is_known() {
        assert_eq!(
            message(&[awkward()]),
            json!({
                "text": "[CRITICAL] NET_RESET: Resets (50%) &amp; &lt;timeouts&gt; *now*!",
                "unfurl_links": false,
                "unfurl_media": false,
                "attachments": [{ "color": "#d72b3f", "blocks": [
                    { "type": "header", "text": { "type": "plain_text",
                        "text": "[CRITICAL] NET_RESET: Resets (50%) & <timeouts> *now*!" } },
                    { "type": "section", "fields": [
                        { "type": "mrkdwn", "verbatim": true, "text": "*Severity*\ncritical" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Category*\nnetwork_db" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Signature*\nNET_RESET" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Policy*\nretry" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Count*\n3" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Suppressed*\n2" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*First seen*\n<!date^1767323045^{date_short_pretty} {time_secs}|2026-01-02T03:04:05Z>" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Last seen*\n<!date^1767323045^{date_short_pretty} {time_secs}|2026-01-02T03:04:05Z>" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Service*\nvector-signatures" },
                        { "type": "mrkdwn", "verbatim": true, "text": "*Host*\ndb-1.example" },
                    ] },
                    { "type": "section", "text": { "type": "mrkdwn", "verbatim": true,
                        "text": "```a `b` ''' c \\ _d_ &amp; &lt;e&gt;```" } },
                    { "type": "section", "text": { "type": "mrkdwn", "verbatim": true,
                        "text": "```é\u{fffd}[31m\nnext → 🚀```" } },
                    { "type": "context", "elements": [
                        { "type": "mrkdwn", "verbatim": true, "text": format!("Fingerprint `{}`", awkward().fingerprint) },
                        { "type": "mrkdwn", "verbatim": true, "text": format!("Id `{}`", awkward().id) },
                        { "type": "mrkdwn", "verbatim": true, "text": "Request r_1`" },
                        { "type": "mrkdwn", "verbatim": true, "text": "<https://s.example/?q={a%7Cb}%3E)|Open in Sentry>" },
                    ] },
                ] }],
            })
        );
    }

    #[test]
    fn what_a_log_says_is_text_and_calls_nobody() {
        let forged = "<!channel> <@U1|x> <https://evil|ok> &amp;\n*Policy*\nnotify\u{202e}";
        let safe = "&lt;!channel&gt; &lt;@U1|x&gt; &lt;https://evil|ok&gt; &amp;amp; *Policy* notify\u{fffd}";
        let alert = Alert {
            name: forged.into(),
            service: Some(forged.into()),
            samples: vec![forged.into()],
            ..awkward()
        };
        let message = message(std::slice::from_ref(&alert));
        assert_eq!(message["text"], format!("[CRITICAL] {safe}"));
        let blocks = message["attachments"][0]["blocks"].as_array().unwrap();
        let header =
            "[CRITICAL] <!channel> <@U1|x> <https://evil|ok> &amp; *Policy* notify\u{fffd}";
        assert_eq!(blocks[0]["text"]["text"], header);
        assert_eq!(blocks[1]["fields"][8]["text"], format!("*Service*\n{safe}"));
        let sample = safe.replace(" *Policy* ", "\n*Policy*\n");
        assert_eq!(blocks[2]["text"]["text"], format!("```{sample}```"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_mention_or_hides(hostile in HOSTILE) {
            let message = message(&[saying(&hostile)]);
            let blocks = message["attachments"][0]["blocks"].as_array().unwrap();
            let fields = blocks[1]["fields"].as_array().unwrap().iter().map(|field| &field["text"]);
            let texts = fields.chain([&message["text"], &blocks[2]["text"]["text"]]);
            for text in texts.map(|text| text.as_str().unwrap()) {
                // Ours alone.
                let text = text.replace("<!date^", "");
                proptest::prop_assert!(!text.contains('<'), "{}", text);
                proptest::prop_assert!(!text.replace('\n', "").contains(is_hidden), "{}", text);
            }
        }
    }

    #[test]
    fn a_digest_lists_every_alert() {
        let digest = message(&vec![awkward(); 25]);
        let blocks = digest["attachments"][0]["blocks"].as_array().unwrap();
        assert_eq!(blocks[0]["text"]["text"], "25 alerts");
        let lines: Vec<_> = blocks[1..]
            .iter()
            .flat_map(|block| block["text"]["text"].as_str().unwrap().lines())
            .collect();
        assert_eq!(lines.len(), 25);
        assert_eq!(
            lines[24],
            format!(
                "• [CRITICAL] NET_RESET: Resets (50%) &amp; &lt;timeouts&gt; *now*! (3 events, 2 suppressed) `{}`",
                awkward().fingerprint
            )
        );
    }

    #[test]
    fn nothing_is_longer_than_slack_takes() {
        for body in [message(&[huge()]), message(&vec![huge(); MOST])] {
            assert_taken(&body);
        }
    }

    /// What Slack itself would refuse with `invalid_blocks`.
    fn assert_taken(body: &Value) {
        let length = |value: &Value| value.as_str().unwrap().chars().count();
        assert!(length(&body["text"]) <= 40_000);
        let blocks = body["attachments"][0]["blocks"].as_array().unwrap();
        assert!((1..=50).contains(&blocks.len()));
        for block in blocks {
            match block["type"].as_str().unwrap() {
                "header" => assert!((1..=150).contains(&length(&block["text"]["text"]))),
                "section" if block.get("fields").is_some() => {
                    let fields = block["fields"].as_array().unwrap();
                    assert!((1..=10).contains(&fields.len()));
                    fields.iter().for_each(|f| assert!((1..=2000).contains(&length(&f["text"]))));
                }
                "section" => assert!((1..=3000).contains(&length(&block["text"]["text"]))),
                "context" => {
                    let elements = block["elements"].as_array().unwrap();
                    assert!((1..=10).contains(&elements.len()));
                    elements.iter().for_each(|e| assert!((1..=3000).contains(&length(&e["text"]))));
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn the_alert_of_all_groups_lists_them() {
        let told = message(&[joined(few_values())]).to_string();
        let expected =
            r"*In 40 services*\ncheck_out&lt;1&gt; (12), billing (9), none named (1), and 37 more";
        assert!(told.contains(expected), "{told}");
    }
}

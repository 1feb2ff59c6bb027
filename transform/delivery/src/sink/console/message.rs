//! An alert as it reads on a terminal.

use signatures_alerts::{
    Alert,
    excerpt::{excerpt, printable},
};
use signatures_engine::aggregate::MAX_LISTED_VALUES;

const MAX_LINE: usize = 1000;

/// A few lines, without any control character of the alert's own.
pub(super) fn message(alert: &Alert, coloured: bool) -> String {
    let (start, end) = match (coloured, alert.is_critical()) {
        (false, _) => ("", ""),
        (true, true) => ("\u{1b}[1;31m", "\u{1b}[0m"),
        (true, false) => ("\u{1b}[1;33m", "\u{1b}[0m"),
    };
    let line = |text: &str| excerpt(&text.replace('\n', " "), MAX_LINE, printable);
    if let Some(resolved) = alert.resolved_line() {
        return format!("{}\n", line(&resolved));
    }
    let mut facts = vec![alert.frequency(), alert.category.clone(), alert.policy.to_string()];
    facts.extend(alert.service.clone());
    facts.extend(alert.host.clone());
    facts.extend(alert.request_id.as_deref().map(|id| format!("request {id}")));
    facts.extend(alert.incident.as_deref().map(|id| format!("incident {id}")));
    facts.extend(names(alert));
    facts.push(alert.last_seen.to_string());
    let mut out = format!(
        "{start}{}{end} {}\n    {}\n",
        alert.severity.as_str().to_uppercase(),
        line(&alert.name),
        line(&facts.join(" · ")),
    );
    for note in alert.notes() {
        out += &format!("    {}\n", line(&note));
    }
    if let Some(joined) = &alert.joined {
        let told = format!("in {}: {}", joined.how_many(), joined.listed(MAX_LISTED_VALUES));
        out += &format!("    {}\n", line(&told));
    }
    for told in alert.exception.iter().flat_map(|exception| exception.lines()) {
        out += &format!("    ! {}\n", line(&told));
    }
    for sample in &alert.samples {
        out += &format!("    | {}\n", line(sample));
    }
    if let Some(url) = &alert.sentry_url {
        out += &format!("    {}\n", line(url));
    }
    out
}

/// A name alone is the fingerprint, of two the first is the group.
fn names(alert: &Alert) -> Vec<String> {
    match &alert.names_of_error()[..] {
        [(_, only)] => vec![only.clone()],
        names => {
            names.iter().map(|(kind, name)| format!("{} {name}", kind.to_lowercase())).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::samples::{awkward, few_values, joined, spike};

    #[test]
    fn what_raised_it_is_told_with_its_numbers() {
        let text = message(&spike(), false);
        assert!(text.contains("    spike: 41 in 5 minutes, usually 3, 2 suppressed · "), "{text}");
    }

    #[test]
    fn people_get_something_readable_and_no_control_characters() {
        assert_eq!(
            message(&awkward(), false),
            format!(
                "CRITICAL NET_RESET: Resets (50%) & <timeouts> *now*!
    3 events, 2 suppressed · network_db · retry · vector-signatures · db-1.example · request r_1` · {} · 2026-01-02T03:04:05Z
    | a `b` ``` c \\ _d_ & <e>
    | é\u{fffd}[31m next → 🚀
    https://s.example/?q={{a|b}}>)
",
                awkward().fingerprint
            )
        );
        assert!(message(&awkward(), true).starts_with("\u{1b}[1;31mCRITICAL\u{1b}[0m NET"));
    }

    #[test]
    fn the_alert_of_all_groups_lists_them() {
        let told = message(&joined(few_values()), false);
        let expected =
            "    in 40 services: check_out<1> (12), billing (9), none named (1), and 37 more\n";
        assert!(told.contains(expected), "{told}");
    }
}

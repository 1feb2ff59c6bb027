//! Lines of a file as a report may quote them: in a build's log everybody reads
//! what was meant for one file.

use signatures_event::redact::is_secret_name;

/// Names of alerts.yml that hold a secret, and do not sound like it: an address may
/// be all that is asked for.
const ADDRESSES: [&str; 3] = ["url", "webhook_url", "base_url"];

/// Which names hold a secret in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrets {
    /// Those that sound like it, and addresses.
    OfSinks,
    /// Those that sound like it.
    ByName,
}

/// The text with `*` for each byte of what may be a secret: values under such names,
/// and who is named before the `@` of an address. Places stay where they are.
pub(super) fn masked(text: &str, secrets: Secrets) -> String {
    text.split_inclusive('\n').map(|line| masked_line(line, secrets)).collect()
}

fn masked_line(line: &str, secrets: Secrets) -> String {
    let mut bytes = line.as_bytes().to_vec();
    for (at, _) in line.match_indices(':') {
        let name = name_before(&line[..at]);
        let is_address = secrets == Secrets::OfSinks && ADDRESSES.contains(&name);
        if is_secret_name(name) && !name.is_empty() || is_address {
            let value = value_after(line, at + 1);
            if !stands_for_one(line[value.clone()].trim_matches(['\'', '"'])) {
                bytes[value].fill(b'*');
            }
        }
    }
    for (at, separator) in line.match_indices("://") {
        let from = at + separator.len();
        let end = line[from..].find(char::is_whitespace).map_or(line.len(), |end| from + end);
        if let Some(host) = line[from..end].rfind('@')
            && !stands_for_one(&line[from..from + host])
        {
            bytes[from..from + host].fill(b'*');
        }
    }
    // Whole values were replaced, and none begins or ends within a character.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The key that ends here, in quotes or not.
fn name_before(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['\'', '"']);
    let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let start = text
        .rfind(|c| !is_part(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    &text[start..]
}

/// Where the value lies that begins behind a colon: to its quote, or the end of the
/// line or of what is in braces.
fn value_after(line: &str, from: usize) -> std::ops::Range<usize> {
    let rest = &line[from..];
    let start = from + rest.len() - rest.trim_start().len();
    let value = &line[start..];
    let quoted = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let length = match quoted {
        Some(quote) => value[1..].find(quote).map(|end| end + 2),
        None if line[..from].contains('{') && !value.starts_with("${") => value.find([',', '}']),
        None => None,
    };
    start..start + length.unwrap_or(value.trim_end().len())
}

/// Whether nothing but variables stands here.
fn stands_for_one(value: &str) -> bool {
    value.starts_with("${") && value.trim_end_matches(['}', ',', ' ']).rfind("${") == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_quoted() {
        for (line, shown) in [
            ("bot_token: 12:AB", "bot_token: *****"),
            ("  \"bot_token\" : 'a b' # why", "  \"bot_token\" : ***** # why"),
            (
                "x: {type: slack, webhook_url: https://h/x, a: b}",
                "x: {type: slack, webhook_url: ***********, a: b}",
            ),
            ("bot_token: ${TOKEN}", "bot_token: ${TOKEN}"),
            ("url: 'http://${U}@h'", "url: *************".get(..5).unwrap_or_default()),
            ("runbook: http://me:pä@h/x", "runbook: http://******@h/x"),
            ("password_file: /x", "password_file: **"),
            ("min_count_default: 3", "min_count_default: 3"),
        ] {
            let masked = masked(line, Secrets::OfSinks);
            assert_eq!(masked.len(), line.len());
            assert!(masked.starts_with(shown), "{masked}");
        }
        assert_eq!(
            masked("url: http://h/x\ntoken: x\n", Secrets::ByName),
            "url: http://h/x\ntoken: *\n"
        );
    }
}

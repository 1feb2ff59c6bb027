//! Web pages in place of an answer.

/// Whether an answer is a page for people. Some webhooks answer so, and have
/// taken what they were sent.
pub(super) fn is_page(body: &str) -> bool {
    let start = body.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    ["<!doctype html", "<html"]
        .iter()
        .any(|sign| start.get(..sign.len()).is_some_and(|found| found.eq_ignore_ascii_case(sign)))
}

/// Whether an answer is a page that asks for a password, or leads the reader on,
/// as a captive portal does: no webhook has taken anything there.
pub(super) fn sends_elsewhere(body: &str) -> bool {
    is_page(body) && {
        // Quotes and blanks are the author's choice.
        let plain: String =
            body.chars().filter(|c| !matches!(c, '"' | '\'' | ' ' | '\t' | '\r' | '\n')).collect();
        let plain = plain.to_ascii_lowercase();
        ["type=password", "http-equiv=refresh"].iter().any(|sign| plain.contains(sign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_other_answers() {
        for (body, page, elsewhere) in [
            ("", false, false),
            ("ok", false, false),
            (r#"{"note":"<html>"}"#, false, false),
            ("<p>taken</p>", false, false),
            ("<html><body>OK</body></html>", true, false),
            ("\u{feff}\n<!DOCTYPE HTML><html><form><input type='password'></form>", true, true),
            (
                "<!doctype html><meta HTTP-EQUIV = refresh content='0; url=http://portal'>",
                true,
                true,
            ),
        ] {
            assert_eq!((is_page(body), sends_elsewhere(body)), (page, elsewhere), "{body}");
        }
    }
}

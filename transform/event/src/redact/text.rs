//! Secrets out of free text.

use std::{borrow::Cow, sync::LazyLock};

use regex_automata::{meta::Regex, util::captures::Captures};

use super::names::REDACTED;

/// Free text without the values of `password=…`, `token: …`,
/// `Authorization: Bearer …`, a cookie header, and the password in the
/// `user:password@` of a URL.
#[must_use]
pub fn redact_text(text: &str) -> Cow<'_, str> {
    let mut captures = SECRET_TEXT.create_captures();
    let (mut out, mut copied) = (String::new(), 0);
    while copied <= text.len() {
        SECRET_TEXT.captures(regex_automata::Input::new(text).range(copied..), &mut captures);
        let Some(secret) = secret_span(text, &captures) else { break };
        out.push_str(&text[copied..secret.start]);
        if secret.end > secret.start {
            out.push_str(REDACTED);
        }
        copied = secret.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What a match is to lose; an empty range where the value is no secret.
fn secret_span(text: &str, captures: &Captures) -> Option<std::ops::Range<usize>> {
    let whole = captures.get_match()?;
    let value = (1..captures.group_len()).rev().find_map(|group| captures.get_group(group))?;
    let name = &text[whole.start()..value.start];
    let value = match text.as_bytes().get(value.start) {
        Some(b'{' | b'[') if &text[value.start..value.end] != REDACTED => {
            value.start..nested_end(text, value.start)
        }
        _ => value.start..value.end,
    };
    let count = text[value.start..value.end].bytes().all(|b| b.is_ascii_digit())
        && name.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase().ends_with("tokens");
    let already = &text[value.start..value.end] == REDACTED;
    Some(if count || already { value.end..value.end } else { value })
}

/// Where the object or array that opens at `start` closes; the end of the text
/// if it never does.
fn nested_end(text: &str, start: usize) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// In each alternative the last group is the secret.
static SECRET_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    let alternatives = [
        // Cookies and credentials in a header: all up to the end of the header.
        r#"(?:cookie|authorization)\\*["']?\]?\s*(?:=>|[:=])\s*\\*["']?((?:[a-z]+ +)?[^\s"'\\,;]+(?:; *[^\s"'\\;,]+)*)"#,
        // name=value and name: value, the value quoted or a word.
        r#"(?:token|password|secret)[a-z0-9_.-]*\\*["']?\]?\s*(?:=>|[:=])\s*"((?:[^"\\]|\\.)*)""#,
        r#"(?:token|password|secret)[a-z0-9_.-]*\\*["']?\]?\s*(?:=>|[:=])\s*'((?:[^'\\]|\\.)*)'"#,
        r#"(?:token|password|secret)[a-z0-9_.-]*\\*["']?\]?\s*(?:=>|[:=])\s*\\*["']?(?:bearer +)?(\[REDACTED\]|[^\s"'\\,;&)\]}]+)"#,
        r"(?-u:\b)bearer +([a-z0-9_.~+/=-]{8,})",
        r"://[^\s/:@]*:([^\s/]+)@",
    ];
    Regex::new(&format!("(?i)(?:{})", alternatives.join("|")))
        .expect("the pattern is fixed, and a test uses it")
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_in_free_text_are_replaced() {
        let cases = [
            ("login password=hunter2 ok", "login password=[REDACTED] ok"),
            ("db_password: 'a b c', x", "db_password: '[REDACTED]', x"),
            ("{\"api_token\":\"abc\\\"d\",\"n\":1}", "{\"api_token\":\"[REDACTED]\",\"n\":1}"),
            (r#"{\"secret\":\"abc\"}"#, r#"{\"secret\":\"[REDACTED]\"}"#),
            ("Authorization: Bearer eyJ.abc-d_e x", "Authorization: [REDACTED] x"),
            ("authorization=Basic dXNlcg==", "authorization=[REDACTED]"),
            ("Cookie: a=1; b=2\nnext", "Cookie: [REDACTED]\nnext"),
            ("used Bearer abcdefgh123", "used Bearer [REDACTED]"),
            ("postgres://app:s3cr@t@db:5432/x", "postgres://app:[REDACTED]@db:5432/x"),
            ("GET /?token=abc&x=1", "GET /?token=[REDACTED]&x=1"),
            (
                r#"{"secret":{"v":"a}\"b"},"tokens":["x","y"],"n":1}"#,
                r#"{"secret":[REDACTED],"tokens":[REDACTED],"n":1}"#,
            ),
            (
                r#""password"=>"abc" [password] => def"#,
                r#""password"=>"[REDACTED]" [password] => [REDACTED]"#,
            ),
            ("secret: [1, 2", "secret: [REDACTED]"),
            ("é Bearer abcdefgh123", "é Bearer [REDACTED]"),
            ("TOKEN: abc", "TOKEN: [REDACTED]"),
            ("password=1234", "password=[REDACTED]"),
            ("max_tokens: 512 and tokens=7", "max_tokens: 512 and tokens=7"),
            ("unexpected token < in JSON", "unexpected token < in JSON"),
            ("http://host:80/a@b", "http://host:80/a@b"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact_text(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn redacting_twice_is_redacting_once(text in "(password|token|secret|cookie|bearer|://|[ =:@;\"'a-z0-9\\\\\\[\\]]){0,12}") {
            let once = redact_text(&text).into_owned();
            prop_assert_eq!(redact_text(&once), once.as_str());
        }

        #[test]
        fn no_value_survives(name in "(db_)?(password|Token|SECRET)", value in "[a-z0-9]{12}") {
            let text = format!("before {name}={value} after");
            prop_assert!(!redact_text(&text).contains(&value));
        }
    }
}

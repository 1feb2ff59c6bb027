//! The line that names an exception: `java.io.IOException: disk full`.

use super::error_name::is_error_name;

/// The type and the message that a line names, whatever a logger wrote before them.
pub(super) fn type_and_message(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let mut start = 0;
    for word in line.split(' ') {
        let end = start + word.len();
        let name = word.strip_suffix(':').unwrap_or(word);
        let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default();
        let code = code(&line[end..]);
        let ends = word.ends_with(':') || end == line.len() || code > 0;
        if ends && is_name(name) && is_error_name(last.as_bytes()) {
            return Some((name, line[end + code..].trim_start_matches(':').trim_start()));
        }
        start = end + 1;
    }
    None
}

/// How long a code of Node's is that a text begins with: ` [ERR_INVALID_ARG_TYPE]`.
fn code(text: &str) -> usize {
    let of_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let code = text.strip_prefix(" [").and_then(|text| text.split_once(']'));
    match code {
        Some((code, rest)) if !code.is_empty() && code.bytes().all(of_code) => {
            let ends = rest.is_empty() || rest.starts_with(':');
            if ends { code.len() + 3 } else { 0 }
        }
        _ => 0,
    }
}

/// The same of a line that begins with the type, whatever that is called.
pub(super) fn leading_type_and_message(line: &str) -> Option<(&str, &str)> {
    type_and_message(line).or_else(|| {
        let line = line.trim();
        let (name, message) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
        is_name(name).then_some((name, message.trim_start()))
    })
}

/// Whether a text could be the name of a type.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\')
        && text.chars().all(|c| c.is_alphanumeric() || "_.$:\\+<>`".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_found_behind_what_a_logger_wrote() {
        for (line, expected) in [
            ("java.io.IOException: disk full", Some(("java.io.IOException", "disk full"))),
            ("NullPointerException", Some(("NullPointerException", ""))),
            ("TypeError [ERR_X]: boom", Some(("TypeError", "boom"))),
            ("TypeError [or not]: boom", None),
            (
                "2024-05-01 12:00:01 ERROR c.e.A - java.sql.SQLTimeoutException: too slow: 5",
                Some(("java.sql.SQLTimeoutException", "too slow: 5")),
            ),
            (r#"Exception in thread "main" a.B$CError: x"#, Some(("a.B$CError", "x"))),
            ("Error processing order: none", None),
            ("all is well", None),
        ] {
            assert_eq!(type_and_message(line), expected, "{line}");
        }
        assert_eq!(leading_type_and_message("a.b.Boom: x"), Some(("a.b.Boom", "x")));
        assert_eq!(leading_type_and_message("two words: x"), None);
    }
}

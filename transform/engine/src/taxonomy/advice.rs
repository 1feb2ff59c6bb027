//! What to write in place of what is no regular expression.

use signatures_matcher::{Pattern, PatternError};

/// What was probably meant by a pattern that cannot be read.
pub(super) fn advice(pattern: &str, error: &PatternError) -> Option<String> {
    by_repair(pattern).or_else(|| by_message(&error.message).map(str::to_owned))
}

/// What reads once it is mended shows what was meant.
fn by_repair(pattern: &str) -> Option<String> {
    if pattern.contains("%{") && !pattern.contains(r"%\{") {
        return Some("grok's `%{…}` means nothing here: write out what it stands for".to_owned());
    }
    if let Some(inside) = between_slashes(pattern) {
        return Some(format!("leave the slashes and the flags out: `{inside}`"));
    }
    let reads = |pattern: &str| Pattern::compile(pattern).is_ok();
    if pattern.contains(r"\\") {
        let single = pattern.replace(r"\\", r"\");
        if reads(&single) {
            return Some(format!("one backslash is enough outside of double quotes: `{single}`"));
        }
    }
    let escaped = with_escaped_brackets(pattern);
    if escaped != pattern && reads(&escaped) {
        return Some(format!("inside of a class a bracket is written `\\[`: `{escaped}`"));
    }
    let spelt = with_hexadecimal(pattern);
    if spelt != pattern && reads(&spelt) {
        return Some(format!("a character's code is written in hexadecimal: `{spelt}`"));
    }
    None
}

fn by_message(message: &str) -> Option<&'static str> {
    Some(match message {
        "unclosed group" => r"a `(` that is meant itself is written `\(`",
        "unopened group" => r"a `)` that is meant itself is written `\)`",
        "unclosed character class" => r"a `[` that is meant itself is written `\[`",
        "repetition operator missing expression" | "Target of repeat operator is invalid" => {
            r"what is meant itself is written `\*`, `\+`, `\?`; whatever stands there, `.*`"
        }
        "incomplete escape sequence, reached end of pattern prematurely"
        | "Backslash without following character" => {
            r"a backslash that is meant itself is written `\\`"
        }
        "repetition quantifier expects a valid decimal" | "unclosed counted repetition" => {
            r"a `{` that is meant itself is written `\{`"
        }
        "unrecognized escape sequence" => "write the character itself, or a class as `[a-z]`",
        "unrecognized flag" => "the flags are `i`, `m`, `s`, `x` and `U`, as in `(?s)`",
        "invalid character class range, the start must be <= the end" => {
            "put a `-` that is meant itself first or last in the class"
        }
        _ => return None,
    })
}

/// What stands between slashes with flags behind, as other languages write it.
fn between_slashes(pattern: &str) -> Option<&str> {
    let (inside, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let are_flags = flags.chars().all(|flag| "dgimsuvxy".contains(flag));
    (are_flags && !inside.is_empty() && Pattern::compile(inside).is_ok()).then_some(inside)
}

/// Each `[` inside of a class, but for `[:alpha:]`, with a backslash.
fn with_escaped_brackets(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 4);
    let mut in_class = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '[' if in_class && chars.peek() != Some(&':') => out.push('\\'),
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Octal codes, as `\040`, in hexadecimal.
fn with_hexadecimal(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 4);
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out += before;
        let is_octal = |c: char| ('0'..='7').contains(&c);
        let digits = escape[1..].find(|c| !is_octal(c)).unwrap_or(escape.len() - 1).min(3);
        let code = u8::from_str_radix(&escape[1..1 + digits], 8).ok();
        let length = match code.filter(|_| digits > 1) {
            Some(code) => {
                out += &format!("\\x{code:02X}");
                1 + digits
            }
            None => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                out += &escape[..length];
                length
            }
        };
        rest = &escape[length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_told_with_what_to_write() {
        for (pattern, told) in [
            (r"Traceback \\(", r"one backslash is enough outside of double quotes: `Traceback \(`"),
            (r"a\\[0", r"one backslash is enough outside of double quotes: `a\[0`"),
            ("[^[]", r"inside of a class a bracket is written `\[`: `[^\[]`"),
            ("x[[a]+", r"inside of a class a bracket is written `\[`: `x[\[a]+`"),
            (r"a\040b", r"a character's code is written in hexadecimal: `a\x20b`"),
            (r"\101\(\033é\\", r"a character's code is written in hexadecimal: `\x41\(\x1Bé\\`"),
            ("%{IP:client} (", "grok's `%{…}` means nothing here: write out what it stands for"),
            ("oom (", r"a `(` that is meant itself is written `\(`"),
            ("*", r"what is meant itself is written `\*`, `\+`, `\?`; whatever stands there, `.*`"),
            (r"C:\", r"a backslash that is meant itself is written `\\`"),
        ] {
            let error = Pattern::compile(pattern).unwrap_err();
            assert_eq!(advice(pattern, &error).as_deref(), Some(told), "{pattern}");
        }
        let error = Pattern::compile(r"\p{Nope}").unwrap_err();
        assert_eq!(advice(r"\p{Nope}", &error), None);
    }
}

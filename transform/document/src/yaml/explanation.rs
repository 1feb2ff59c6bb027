//! What the parser could not read, said to who wrote it: the place where the hand
//! slipped, and what to write there.

use super::{error::YamlError, span::Span};

/// No line of a person is longer, in bytes; the rest is not searched.
const LOOKED_AT: usize = 4 << 10;

/// What is wrong at a byte of a text, by the words of the parser.
pub(super) fn explained(text: &str, at: usize, said: &str) -> YamlError {
    let at = text.floor_char_boundary(at.min(text.len()));
    let told = |message: &str, span: Span, help: String| YamlError {
        message: message.to_owned(),
        span,
        help: Some(help),
    };
    let place = Span::new(at, at);
    match said {
        _ if said.contains("unknown escape") => {
            let span = unknown_escape(text, at).unwrap_or(place);
            let escape = &text[span.start..span.end];
            let message = format!("`{escape}` is no escape of a text in double quotes");
            let help = match text.trim_start().starts_with('{') {
                true => format!("JSON wants the backslash twice: `\\{escape}`"),
                false => "use single quotes, in which a backslash is only itself".to_owned(),
            };
            told(&message, span, help)
        }
        _ if said.contains("tab") => {
            let tab = indenting_tab(text, at).unwrap_or(at);
            let help = "use blanks in place of the tab".to_owned();
            told("YAML is not indented by tabs", Span::new(tab, (tab + 1).min(text.len())), help)
        }
        _ if said.starts_with("mapping values are not allowed") => match unquoted(text, at) {
            Some(value) => told(
                "a text with `: ` in it needs quotes",
                value,
                format!("quote it: {}", quoted(&text[value.start..value.end])),
            ),
            None => told(said, place, "does the line above lack its `:`?".to_owned()),
        },
        _ => {
            let help = help(text, at, said);
            YamlError { help, ..YamlError::new(said, place) }
        }
    }
}

/// What to write instead, where the parser's own words say what is wrong.
fn help(text: &str, at: usize, said: &str) -> Option<String> {
    let next = text[at..].chars().next();
    let begun = unquoted(text, at).and_then(|value| text[value.start..].chars().next());
    Some(match said {
        _ if said.contains("after single-quoted") => {
            "write `''` for a quote inside single quotes".to_owned()
        }
        _ if said.contains("after double-quoted") => {
            "write `\\\"` for a quote inside double quotes, or use single quotes around".to_owned()
        }
        _ if said.starts_with("unexpected character") => match next {
            Some(sign @ ('@' | '`' | '%')) => {
                format!("quote it: no text without quotes begins with {sign}")
            }
            Some(sign) if sign.is_control() => {
                "take the character out, or write it as an escape in double quotes".to_owned()
            }
            _ => return None,
        },
        _ if said.contains("unknown anchor") => {
            "quote it: without quotes, what begins with * is an alias".to_owned()
        }
        _ if said.contains("block scalar") => {
            "quote it: without quotes, what begins with | or > goes on in the next line".to_owned()
        }
        _ if said.contains("expected key") => match begun {
            Some(sign @ ('[' | '{')) => {
                format!("quote it: without quotes, what begins with {sign} is YAML's own")
            }
            _ => "indent it as far as the keys beside it".to_owned(),
        },
        _ if said.contains("expected '-' indicator")
            || said.contains("expected <document start>") && is_indented(text, at) =>
        {
            "indent it as far as the keys beside it".to_owned()
        }
        _ if said.starts_with("unclosed") => {
            "close it, or quote the text that it is a part of".to_owned()
        }
        _ => return None,
    })
}

/// Whether nothing but blanks, and some, stands before a byte in its line.
fn is_indented(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    start < at && text[start..at].bytes().all(|byte| byte == b' ')
}

/// The escape that no text in double quotes may have, in the one that begins there.
fn unknown_escape(text: &str, quote: usize) -> Option<Span> {
    const KNOWN: &str = "0abtnvfre \"/\\N_LPxuU\n\r\t";
    let mut signs = text[quote..].char_indices().skip_while(|(_, sign)| *sign != '"').skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return None,
            '\\' => match signs.next()? {
                (_, escaped) if KNOWN.contains(escaped) => {}
                (escaped_at, escaped) => {
                    let end = quote + escaped_at + escaped.len_utf8();
                    return Some(Span::new(quote + at, end));
                }
            },
            _ => {}
        }
    }
    None
}

/// The first tab from there on that indents a line, or else the first of all.
fn indenting_tab(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indents = |tab: usize| {
        let start = text[..tab].rfind('\n').map_or(0, |end| end + 1);
        text[start..tab].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    };
    let end = text.floor_char_boundary((at + LOOKED_AT).min(text.len()));
    let mut tabs = text[line..end].match_indices('\t').map(|(tab, _)| line + tab);
    let first = tabs.clone().find(|tab| *tab >= at);
    tabs.find(|tab| indents(*tab)).or(first)
}

/// The value without quotes that stands around a byte, to the end of its line: of
/// `key: value`, or of the item of a list.
fn unquoted(text: &str, at: usize) -> Option<Span> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next()?.trim_end();
    let before = line.get(..at - start)?;
    let key = before.find(": ").filter(|_| line.len() < LOOKED_AT)?;
    let value = key + 2 + (line[key + 2..].len() - line[key + 2..].trim_start().len());
    (value < line.len()).then(|| Span::new(start + value, start + line.len()))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use crate::yaml::Source;

    #[test]
    fn the_place_and_the_mending_of_slips_are_told() {
        const NOT_FAR: &str = "indent it as far as the keys beside it";
        for (text, place, help) in [
            (
                "a:\n  - \"x \\d+\"\n",
                (2, 8),
                "use single quotes, in which a backslash is only itself",
            ),
            (
                "a: [\"\\\\ \\n \\w\"]",
                (1, 12),
                "use single quotes, in which a backslash is only itself",
            ),
            ("{\"a\": \"x\\d\"}", (1, 9), "JSON wants the backslash twice: `\\\\d`"),
            ("a:\n\tb: c\n", (2, 1), "use blanks in place of the tab"),
            ("a:\n  - b: x\n\tc: y\n", (3, 1), "use blanks in place of the tab"),
            ("a: error: x\n", (1, 4), "quote it: 'error: x'"),
            ("- p: it's: so\n", (1, 6), "quote it: 'it''s: so'"),
            ("a\n  - b: c\n", (2, 6), "does the line above lack its `:`?"),
            ("a: 'it's gone'\n", (1, 8), "write `''` for a quote inside single quotes"),
            ("a: @b\n", (1, 4), "quote it: no text without quotes begins with @"),
            ("a: *b\n", (1, 4), "quote it: without quotes, what begins with * is an alias"),
            ("a: [a-z]+ b\n", (1, 9), "quote it: without quotes, what begins with [ is YAML's own"),
            (
                "a: | x\n",
                (1, 4),
                "quote it: without quotes, what begins with | or > goes on in the next line",
            ),
            ("  a: 1\n b: 2\n", (2, 2), NOT_FAR),
            ("a: [x\n", (1, 4), "close it, or quote the text that it is a part of"),
            ("a: 'x\n", (1, 4), "close it, or quote the text that it is a part of"),
            (
                "a: \"b\u{7}\"\n",
                (1, 6),
                "take the character out, or write it as an escape in double quotes",
            ),
        ] {
            let source = Source::new("t.yml", text);
            let error = source.document().unwrap_err();
            let at = source.position(error.span.start);
            assert_eq!(
                ((at.line, at.column), error.help.as_deref()),
                (place, Some(help)),
                "{text}"
            );
        }
    }

    #[test]
    fn wherever_a_text_breaks_it_is_told_without_a_panic() {
        for text in ["ä: \"ö\\d", "\u{feff}a: é: ü", "\t", "a: \"\\", "-\té: x: y\n", "a: b: \u{7}"]
        {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let _ = Source::new("t.yml", &text[..end]).document();
            }
        }
    }
}

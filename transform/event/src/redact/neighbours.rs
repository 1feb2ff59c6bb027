//! Names and values that lie beside each other in one object instead of being its
//! keys and values: `{"name": "Cookie", "value": "…"}`, the attributes of OpenTelemetry,
//! the tags of AWS, the headers of an HTTP archive.

use super::names::Secrecy;

/// What a key says that its value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// The name of something.
    Name,
    /// The value of what is named beside it.
    Value,
    /// Neither.
    #[default]
    Other,
}

impl Part {
    /// What a key says.
    pub(super) fn of(key: &str) -> Self {
        const NAMES: [&str; 17] = [
            "k",
            "n",
            "key",
            "name",
            "field",
            "header",
            "param",
            "parameter",
            "property",
            "variable",
            "attribute",
            "label",
            "option",
            "setting",
            "arg",
            "env",
            "id",
        ];
        let ends = |end: &str| {
            let from = key.len().checked_sub(end.len());
            from.and_then(|from| key.get(from..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
        };
        if is_value(key) {
            Self::Value
        } else if ends("name") || ends("key") || NAMES.iter().any(|n| key.eq_ignore_ascii_case(n)) {
            Self::Name
        } else {
            Self::Other
        }
    }
}

/// Whether a key is one of a value that is named beside it: `value`, `stringValue`,
/// `val`, `v`, `content`, `data`, `text`, or what it was and is. Says no at once to nearly all others.
#[inline]
pub(super) fn is_value(key: &str) -> bool {
    let is = |word: &str| key.eq_ignore_ascii_case(word);
    match key.as_bytes() {
        [b'v' | b'V'] => true,
        [b'v' | b'V', ..] => is("val") || is_value_at(key, 0),
        [b'c' | b'C', ..] if matches!(key.len(), 7 | 8) => is("content") || is("contents"),
        [_, _] => is("to"),
        [b'o' | b'O' | b'n' | b'N', _, _] => is("old") || is("new"),
        [b'd' | b'D' | b't' | b'T' | b'f' | b'F', _, _, _] => {
            is("data") || is("text") || is("from")
        }
        [b'a' | b'A', _, _, _, _] => is("after"),
        [b'b' | b'B', _, _, _, _, _] => is("before"),
        [b'd' | b'D', _, _, _, _, _, _] => is("default"),
        [.., b'v' | b'V', _, _, _, b'e' | b'E'] => is_value_at(key, key.len() - 5),
        [.., b'v' | b'V', _, _, _, _, b's' | b'S'] => is_value_at(key, key.len() - 6),
        _ => false,
    }
}

fn is_value_at(key: &str, at: usize) -> bool {
    key.get(at..at + 5).is_some_and(|word| word.eq_ignore_ascii_case("value"))
}

/// The longest text that is taken for a name, in bytes, and how many blanks are in it.
const MAX_NAME: usize = 128;
const MAX_BLANKS: usize = 4;

/// What is named by a text that lies where names do. A sentence names nothing.
pub(super) fn named_by(text: &str) -> Secrecy {
    let blanks = text.bytes().filter(|byte| *byte == b' ').count();
    match text.len() <= MAX_NAME && blanks <= MAX_BLANKS {
        true => Secrecy::of(text),
        false => Secrecy::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_pair_are_known_by_their_keys() {
        for key in ["name", "Key", "header", "k", "ParameterKey", "field_name"] {
            assert_eq!(Part::of(key), Part::Name, "{key}");
        }
        for key in [
            "value",
            "V",
            "val",
            "stringValue",
            "ParameterValue",
            "values",
            "content",
            "old",
            "newValue",
            "before",
            "from",
            "to",
        ] {
            assert_eq!(Part::of(key), Part::Value, "{key}");
        }
        for key in
            ["", "message", "level", "valid", "text_length", "version", "dates", "évalue\u{e9}"]
        {
            assert_eq!(Part::of(key), Part::Other, "{key}");
        }
    }

    #[test]
    fn a_sentence_names_nothing() {
        assert_eq!(named_by("X API Key"), Secrecy::Secret);
        assert_eq!(named_by("the token that was sent is wrong"), Secrecy::Open);
        assert_eq!(named_by(&"k".repeat(200)), Secrecy::Open);
    }
}

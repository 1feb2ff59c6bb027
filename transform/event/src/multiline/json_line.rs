//! Which lines are JSON.

/// Whether a line is to be an event by itself: an object of JSON, or a list of them.
pub(super) fn is_json(text: &[u8]) -> bool {
    match text {
        [b'{', rest @ ..] | [b'[', b'{', rest @ ..] if is_tuple(rest) => false,
        [b'{', rest @ ..] => !rest.trim_ascii().is_empty(),
        [b'[', b'{', ..] => true,
        // Behind a byte-order mark, NULs or blanks, as whoever reads lines has it.
        [b'\0' | 0xef | b' ' | b'\t', ..] => {
            let text = text.trim_ascii_start();
            let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
            let nuls = text.iter().take_while(|byte| **byte == 0).count();
            matches!(&text[nuls..], [b'{', rest @ .., b'}'] if !is_tuple(rest))
        }
        _ => false,
    }
}

/// Whether a term of Erlang's goes on behind its brace: an atom, and a comma.
pub(super) fn is_tuple(rest: &[u8]) -> bool {
    let of_atom = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = rest.iter().take_while(|byte| of_atom(byte)).count();
    rest.first().is_some_and(u8::is_ascii_lowercase) && rest.get(length) == Some(&b',')
}

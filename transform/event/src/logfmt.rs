//! What the values of logfmt are written in.

/// Where the quote stands that closes the text which the bytes begin with.
pub(crate) fn quote_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

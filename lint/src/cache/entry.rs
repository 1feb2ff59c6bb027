//! How one answer is written down.

/// The first line of a file, before the check of the rest.
const FORMAT: &str = "sigcheck-cache 1";

/// The text of a file that keeps an answer.
pub(super) fn written(key: &str, answer: &str) -> String {
    let body = serde_json::Value::from(vec![key, answer]).to_string();
    format!("{FORMAT} {:016x}\n{body}", hash(&body))
}

/// The answer that a file keeps, if that is what it is: whole, and for this key.
pub(super) fn read(text: &str, key: &str) -> Option<String> {
    let (head, body) = text.split_once('\n')?;
    let check = head.strip_prefix(FORMAT)?.strip_prefix(' ')?;
    if u64::from_str_radix(check, 16).ok()? != hash(body) {
        return None;
    }
    let [found, answer]: [String; 2] = serde_json::from_str(body).ok()?;
    (found == key).then_some(answer)
}

/// FNV-1a: the same in every run, which the hashes of the standard library need not be.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_under_its_key_alone_and_only_whole() {
        let text = written("a\n\"b\"", "{\"c\":1}\n");
        assert_eq!(read(&text, "a\n\"b\"").as_deref(), Some("{\"c\":1}\n"));
        assert_eq!(read(&text, "a"), None);
        for end in 0..text.len() {
            assert_eq!(read(&text[..end], "a\n\"b\""), None, "{end}");
        }
        let broken = text.replace('c', "d");
        assert_eq!(read(&broken, "a\n\"b\""), None);
        assert_eq!(read("", ""), None);
    }
}

//! What stands behind the name of a secret and only says how it stands with it:
//! `token: expired`, `password: must not be blank`, `secret=null`.
//!
//! No dictionary: a list of what programs say of secrets, so that no word that
//! somebody might choose as one is taken for a sentence. Where it does not end
//! there, or goes on with anything but words, it is a secret.

/// How it may stand with a secret. One of these alone is no secret.
const STATES: &str = "\
    absent accepted bad blank blocked canceled cancelled changed conflict corrupt corrupted \
    created deleted denied deprecated disabled empty enabled encrypted eof err error errors \
    exceeded exception exists expired expires failed failing failure false fault forbidden \
    found hashed ignored illegal inactive incomplete incorrect insufficient invalid \
    invalidated locked malformed masked misconfigured mismatch mismatched missing nan nil no \
    none null nullptr off ok omitted on optional outdated pending present protected provided \
    received redacted refreshed refused rejected removed renewed required reset revoked \
    rotated sent set skipped stale success timeout true truncated unable unauthenticated \
    unauthorized unavailable unchanged undefined unexpected unknown unreadable unrecognized \
    unset unspecified unsupported unused unverified updated valid validated verified \
    violation weak wrong yes";

/// What a state may be written together with: `TokenExpiredError`, `invalid_grant`.
const SUBJECTS: &str = "\
    access already api argument auth authentication authorization aws bearer certificate \
    client code config cookie cookies credential credentials csrf field format grant header \
    id input json jwt key length login not oauth param parameter passphrase password \
    permission policy private provider refresh request response saml scope secret service \
    session signature signing token type user username validation value verification web";

/// What a sentence about a secret goes on with; a word follows.
const SAID: &str = "\
    already are aren can cannot contains could couldn did didn do does doesn don had has \
    hasn have haven is isn may might must needs never no not only requires shall should \
    shouldn too was wasn were weren will won would wouldn";

/// What may stand before a state, or what a sentence goes on with, in one about a
/// secret, and is hardly chosen for one.
const OPENINGS: &str = "\
    access authentication authorization basic bearer certificate checksum connection context \
    decode decoding decryption digest encryption exchange field format hash header it jwt \
    key length object parse parsing permission refresh request resource rotation session \
    signature the this type validation value verification your";

/// What may stand behind those.
const OF_OPENINGS: &str = "credentials deadline password secret token tokens";

/// What an error of the operating system or a network begins with; an address, a
/// path or a protocol follows.
const CALLS: &str = "dial get head lookup open post put read stat";

/// The services of `nsswitch.conf`, whose `passwd` is no password.
const NAME_SERVICES: &str = "compat db files ldap nis sss systemd winbind";

/// How many words of a sentence are looked at behind the first.
const MAX_WORDS: usize = 4;

/// Whether a value says how it stands with the secret whose name is before it; `rest`
/// is what follows the value, and a colon has to be before it if `sentence` is set.
pub(super) fn says_how_it_stands(value: &str, rest: &str, sentence: bool) -> bool {
    // `<nil>`, `(null)`.
    let word =
        value.trim_start_matches(['<', '(']).trim_end_matches(['.', ':', '!', '?', ')', '>']);
    if word.is_empty() || word.len() > 64 || !ends_here(rest) {
        return false;
    }
    is_state(word) || sentence && begins_sentence(word, rest)
}

/// Whether a name of `nsswitch.conf` has one of its services for a value.
pub(super) fn is_name_service(name: &str, value: &str) -> bool {
    name == "passwd" && is_any(value, NAME_SERVICES)
}

/// Whether a text is one state, or made of such and of what they are said of.
pub(super) fn is_state(text: &str) -> bool {
    if text.eq_ignore_ascii_case("n/a") {
        return true;
    }
    let mut parts = parts(text).peekable();
    let mut any = false;
    parts.peek().is_some()
        && parts.all(|part| {
            let state = is_any(part, STATES);
            any |= state;
            state || is_any(part, SUBJECTS)
        })
        && any
}

fn begins_sentence(word: &str, rest: &str) -> bool {
    let follow = rest.trim_start();
    if is_said(word) || is_status(word) {
        return follow.starts_with(|c: char| c.is_ascii_alphabetic());
    }
    if is_any(word, CALLS) {
        let follow = follow.trim_start_matches(['\\', '"', '\'']);
        return ["/", "http", "tcp", "udp", "unix"].iter().any(|begin| follow.starts_with(begin));
    }
    // `authentication failed`, `Bearer token expired`, `context deadline exceeded`.
    let mut words = word.split(' ').chain(follow.split([' ', ',', ';']).take(MAX_WORDS));
    let mut opened = false;
    words
        .find(|word| {
            let belongs = is_any(word, OPENINGS) || opened && is_any(word, OF_OPENINGS);
            opened |= belongs;
            !belongs
        })
        .is_some_and(|word| {
            let word = word.trim_end_matches(['.', ':', '!', '?', ')', '\r', '\n']);
            opened && (is_state(word) || is_said(word))
        })
}

/// Whether a sentence about a secret goes on with a word: `is`, `can't`.
pub(super) fn is_said(word: &str) -> bool {
    is_any(word.strip_suffix("'t").unwrap_or(word), SAID)
}

/// Whether a word is the number of a failure in HTTP: `401 Unauthorized`.
fn is_status(word: &str) -> bool {
    matches!(word.as_bytes(), [b'4' | b'5', b'0' | b'1' | b'2', b'0'..=b'9'])
}

/// Whether a value that ends here goes on with nothing that belongs to it.
fn ends_here(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric())
}

fn is_any(word: &str, words: &str) -> bool {
    words.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// The words that a name of a program is made of: `TokenExpired`, `invalid_grant`.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(['_', '-', '.', '/', ':', ' ']).filter(|word| !word.is_empty());
    words.flat_map(humps)
}

/// `Token`, `Expired` of `TokenExpired`; what is in capitals only is one.
fn humps(mut word: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if word.is_empty() {
            return None;
        }
        let bytes = word.as_bytes();
        let next = (1..bytes.len())
            .find(|at| bytes[at - 1].is_ascii_lowercase() && bytes[*at].is_ascii_uppercase());
        let (hump, rest) = word.split_at(next.unwrap_or(word.len()));
        word = rest;
        Some(hump)
    })
}

/// Whether a text that could be a key is a word, or some written together as
/// programs name things (`InvalidTokenException`, `ERR_CONNECTION_REFUSED`): keys by
/// chance have digits, or capitals anywhere.
pub(super) fn is_words(text: &str) -> bool {
    /// Longer than words are.
    const MAX_WORD: usize = 16;
    let text = text.trim_end_matches(['.', ':', '!', '?', '=']);
    !text.is_empty()
        && text.split(['_', '-', '.', '/']).flat_map(humps).all(|word| {
            let (_, rest) = word.split_at(word.len().min(1));
            word.len() < MAX_WORD
                && word.bytes().all(|byte| byte.is_ascii_alphabetic())
                && (rest.bytes().all(|byte| byte.is_ascii_lowercase())
                    || word.bytes().all(|byte| byte.is_ascii_uppercase()))
        })
        && text.split(['_', '-', '.', '/']).all(is_capitalised_evenly)
}

/// Whether the humps of a word are long enough for words.
fn is_capitalised_evenly(word: &str) -> bool {
    let count = humps(word).count();
    count <= 1 || humps(word).all(|hump| hump.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_how_it_stands_is_told_from_what_may_be_a_secret() {
        for (value, rest) in [
            ("expired", ""),
            ("incorrect", " for bob"),
            ("TokenExpiredError:", " jwt expired"),
            ("invalid_grant", ","),
            ("not", " found"),
            ("can't", " be blank"),
            ("401", " Unauthorized"),
            ("<nil>", ""),
            ("Basic authentication", " required"),
            ("must", " be set"),
            ("authentication", " failure"),
            ("Bearer token", " expired"),
            ("context", " deadline exceeded"),
            ("open", " /run/secrets/x: no such file"),
            ("Get", " \"https://h/\": EOF"),
            ("n/a", ""),
        ] {
            assert!(says_how_it_stands(value, rest, true), "{value}{rest}");
        }
        for (value, rest) in [
            ("hunter", ""),
            ("hunter_expired", ""),
            ("expired1", ""),
            ("token", " expired"),
            ("secret", " rejected"),
            ("not", ""),
            ("is", " 4711"),
            ("401", ""),
            ("471", " x"),
            ("authentication", " hunter"),
            ("open", " sesame"),
            ("expired", "x"),
            ("", ""),
        ] {
            assert!(!says_how_it_stands(value, rest, true), "{value}{rest}");
        }
        assert!(!says_how_it_stands("not", " found", false));
    }

    #[test]
    fn keys_by_chance_are_no_words() {
        for text in ["certificates", "Information", "InvalidTokenException", "ERR_NAME_REFUSED"] {
            assert!(is_words(text), "{text}");
        }
        for text in ["abcdefgh1", "abcdefghijklmnop", "dXNlcjpwYXNz", "aBcDeFgHiJkL", "a+b", "=="] {
            assert!(!is_words(text), "{text}");
        }
    }
}

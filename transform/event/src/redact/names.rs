//! Which names are those of secrets.

/// What stands where a secret stood.
pub const REDACTED: &str = "[REDACTED]";

/// A field whose name contains one of these, in any case, holds a secret.
pub const SECRET_NAMES: [&str; 5] = ["token", "password", "secret", "cookie", "authorization"];

/// Whether a field of this name holds a secret.
// Inlined up to its first step, since every field of every event is asked about.
#[inline]
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.as_bytes();
    name.iter().any(|byte| RARE[usize::from(*byte)]) && holds_a_secret_name(name)
}

fn holds_a_secret_name(name: &[u8]) -> bool {
    let letter = |at: Option<usize>| name.get(at?).map(|byte| byte | 0x20);
    let rare_pair = (0..name.len()).any(|at| match letter(Some(at)) {
        Some(b'k') => letter(at.checked_sub(1)) == Some(b'o'),
        Some(b'w') => letter(at.checked_sub(1)) == Some(b's'),
        Some(b'z') => letter(at.checked_sub(1)) == Some(b'i'),
        Some(b'c') => letter(Some(at + 1)) == Some(b'r'),
        _ => false,
    });
    rare_pair
        && SECRET_NAMES.iter().any(|secret| {
            name.windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
        })
}

/// The letters of which each secret name has one.
const RARE: [bool; 256] = {
    let mut rare = [false; 256];
    let (letters, mut at) = (b"ckwzCKWZ", 0);
    while at < letters.len() {
        rare[letters[at] as usize] = true;
        at += 1;
    }
    rare
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_are_known_in_any_case_and_place() {
        for name in ["X-Auth-Token", "PASSWORD", "clientSecretKey", "set-cookie", "authorization"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["user", "pass", "", "tok"] {
            assert!(!is_secret_name(name), "{name}");
        }
        for secret in SECRET_NAMES {
            assert!(is_secret_name(secret) && is_secret_name(&secret.to_uppercase()), "{secret}");
        }
    }
}

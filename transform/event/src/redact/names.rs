//! Which names are those of secrets.

/// What stands where a secret stood.
pub const REDACTED: &str = "[REDACTED]";

/// A field whose name contains one of these holds a secret, in any case and
/// with `_`, `-`, `.` or a blank between the words or none.
pub const SECRET_NAMES: [&str; 12] = [
    "token",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "cookie",
    "authorization",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
];

/// The longest name that is looked at to its end, in bytes; a longer one is
/// searched as it stands.
const MAX_FOLDED: usize = 128;

/// What a field holds, as far as its name tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secrecy {
    /// Nothing that has to be hidden.
    #[default]
    Open,
    /// A count of something secret, such as `max_tokens`: numbers stay.
    Count,
    /// A secret: texts and numbers go.
    Secret,
}

impl Secrecy {
    /// What a field of this name holds.
    // Inlined up to its first step, since every field of every event is asked about.
    #[inline]
    #[must_use]
    pub fn of(name: &str) -> Self {
        if is_open(name) || !is_suspect(name.as_bytes()) {
            return Self::Open;
        }
        Self::of_suspect(name)
    }

    fn of_suspect(name: &str) -> Self {
        let mut folded = [0; MAX_FOLDED];
        let mut length = 0;
        for byte in name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ' | b'.')) {
            if length == MAX_FOLDED {
                // Nobody calls a field so, unless to get past.
                return Self::Secret;
            }
            folded[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        let folded = &folded[..length];
        let holds = |secret: &str| {
            folded.len() >= secret.len()
                && folded.windows(secret.len()).any(|part| part == secret.as_bytes())
        };
        match SECRET_NAMES.iter().any(|secret| holds(secret)) {
            false => Self::Open,
            true if is_count(folded) => Self::Count,
            true => Self::Secret,
        }
    }

    /// Whether it hides numbers.
    #[must_use]
    pub(super) fn hides_numbers(self) -> bool {
        self == Self::Secret
    }

    /// Whether it hides texts.
    #[must_use]
    pub(super) fn hides_texts(self) -> bool {
        self != Self::Open
    }
}

/// `tokens`, `prompt_tokens`, `max_token_age`, `token_count`, `password_length`.
fn is_count(folded: &[u8]) -> bool {
    folded.starts_with(b"max")
        || [b"tokens".as_slice(), b"count", b"length"].iter().any(|end| folded.ends_with(end))
}

/// Whether a field of this name holds a secret.
#[inline]
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    Secrecy::of(name) != Secrecy::Open
}

/// Names that nearly every event has, known at once.
#[inline]
fn is_open(name: &str) -> bool {
    matches!(
        name,
        "host"
            | "file"
            | "time"
            | "level"
            | "logger"
            | "stream"
            | "message"
            | "service"
            | "severity"
            | "timestamp"
            | "source_type"
    )
}

/// Whether there is in a name what each name of a secret has, and few others: `k`,
/// `w` or `z`, or `cr` or `ph`.
#[inline]
fn is_suspect(name: &[u8]) -> bool {
    let mut before = 0;
    for byte in name {
        let byte = byte | 0x20;
        match byte {
            b'k' | b'w' | b'z' => return true,
            b'r' if before == b'c' => return true,
            b'h' if before == b'p' => return true,
            _ => before = byte,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_are_known_in_any_case_and_place() {
        for name in [
            "X-Auth-Token",
            "PASSWORD",
            "clientSecretKey",
            "set-cookie",
            "authorization",
            "X-Api-Key",
            "apiKey",
            "aws_access_key_id",
            "PrivateKey",
            "DB_PASSWD",
            "pwd",
            "passphrase",
            "credentials",
        ] {
            assert_eq!(Secrecy::of(name), Secrecy::Secret, "{name}");
        }
        for name in ["user", "pass", "", "tok", "key", "keyboard", "monkey", "host", "work"] {
            assert_eq!(Secrecy::of(name), Secrecy::Open, "{name}");
        }
        for secret in SECRET_NAMES {
            assert!(is_secret_name(secret) && is_secret_name(&secret.to_uppercase()), "{secret}");
        }
    }

    #[test]
    fn counts_of_secrets_are_none() {
        for name in [
            "tokens",
            "max_tokens",
            "maxTokenAge",
            "token_count",
            "PromptTokens",
            "password_length",
        ] {
            assert_eq!(Secrecy::of(name), Secrecy::Count, "{name}");
        }
    }

    #[test]
    fn a_name_of_any_length_is_judged() {
        assert_eq!(Secrecy::of(&format!("{}password", "_".repeat(5000))), Secrecy::Secret);
        assert_eq!(Secrecy::of(&"k".repeat(5000)), Secrecy::Secret);
        assert_eq!(Secrecy::of(&"n".repeat(5000)), Secrecy::Open);
    }
}

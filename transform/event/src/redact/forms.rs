//! Secrets that are known by their form, wherever they stand.

use std::{ops::Range, sync::LazyLock};

use regex_automata::{Input, meta::Regex, util::captures::Captures};

use super::{
    card::is_card,
    standing::{is_words, says_how_it_stands},
};

/// A form by which a secret is known.
struct Form {
    /// What it is, for people.
    what: &'static str,
    /// How it looks; the last group that takes part is the secret, or else all.
    pattern: &'static str,
}

/// The forms, as their issuers document them.
const FORMS: [Form; 27] = [
    Form {
        what: "an incoming webhook of Slack",
        pattern: r"hooks\.slack\.com\\*/(?:services|workflows|triggers)\\*/([a-zA-Z0-9/\\]{16,})",
    },
    Form {
        what: "a token of Slack",
        pattern: r"(?:\b|_)((?:xox[abeoprs]|xapp)-[0-9A-Za-z-]{10,})",
    },
    Form {
        what: "a bot token of Telegram",
        pattern: r"\b(?:bot)?([0-9]{6,12}:[A-Za-z0-9_-]{30,})",
    },
    Form {
        what: "an access key of AWS",
        pattern: r"(?:\b|_)((?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[0-9A-Z]{16})(?:\b|_)",
    },
    Form {
        what: "a key of Google Cloud",
        pattern: r"(?:\b|_)(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,})",
    },
    Form {
        what: "a token of GitHub",
        pattern: r"(?:\b|_)(gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,})",
    },
    Form {
        what: "a token of GitLab",
        pattern: r"(?:\b|_)(gl(?:pat|dt|rt|ptt|ft|soat|agent|cbt)-[0-9A-Za-z_-]{16,})",
    },
    Form {
        what: "a key of Stripe",
        pattern: r"(?:\b|_)([sr]k_(?:live|test)_[0-9A-Za-z]{10,}|whsec_[0-9A-Za-z+/=]{16,})",
    },
    Form {
        what: "a key of a service",
        pattern: r"(?:\b|_)(sk-[A-Za-z0-9_-]{20,}|npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{32,}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|dop_v1_[0-9a-f]{32,}|hf_[0-9A-Za-z]{30,})",
    },
    Form {
        what: "a JSON web token",
        pattern: r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*",
    },
    Form {
        what: "a private key",
        pattern: r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?s:.*?))(?:-----END [A-Z0-9 ]*PRIVATE KEY|\z)",
    },
    Form {
        what: "a password in an address",
        // A port is no password, nor is what comes after the address.
        pattern: r#"(?i)\b[a-z][a-z0-9+.-]*:\\*/\\*/[^\s/:@"']*:([^\s/"'<>]+|[^\s/"'<>]*[^\s/"'<>0-9][^\s"'<>]*)@"#,
    },
    Form { what: CREDENTIALS, pattern: r"(?i)\bbearer[ \t]+([a-z0-9_.~+/=-]{8,})" },
    Form {
        what: CREDENTIALS,
        pattern: r"(?i)\bbasic[ \t]+([a-z0-9+/_-]{8,}={0,2})(?:[^a-z0-9+/=_-]|\z)",
    },
    Form {
        what: ATTACHED,
        // The servers, `mysqld` and `mariadbd`, take none.
        pattern: r#"(?i)\b(?:mysql(?:admin|binlog|check|dump|import|pump|sh|show|slap|_[a-z_]+)?|mariadb(?:-[a-z-]+)?)\b[^\n|;&]*?(?:\s-p(?:"([^"]+)"|'([^']+)'|([^\s'"]+))|["']-p([^\s'"\\]+))"#,
    },
    Form {
        what: COMMAND,
        pattern: r#"(?i)\b(?:(?:docker|podman|helm)[\s"',]+(?:registry[\s"',]+)?login|mongo(?:sh|dump|restore|export|import)?|redis-cli)\b[^\n|;&]*?[\s"']-[ap](?:\s+|["'],\s*)['"]?([^\s'"]+)"#,
    },
    Form {
        what: "a password in SQL",
        pattern: r"(?i)\b(?:identified\s+(?:with\s+\S+\s+)?by|password)\s+'((?:[^']|'')+)'",
    },
    Form {
        what: "a secret beside its name",
        pattern: r#"(?i)\b(?:name|key)\\*["']?\s*[:=]\s*\\*["'][a-z0-9_.-]*(?:password|passwd|pwd|passphrase|secret|token|cookie|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credential)[a-z0-9_.-]*\\*["'],?\s*\\*["']?value\\*["']?\s*[:=]\s*\\*["']([^"'\\]+)"#,
    },
    Form { what: "a key of Azure", pattern: r"\bAccountKey=([A-Za-z0-9+/]{20,}={0,2})" },
    Form {
        what: COMMAND,
        pattern: r#"(?i)(?:\bsshpass\s+-p\s*|\s-?-pass(?:in|out)?\s+pass:)([^\s'"]+)"#,
    },
    Form {
        what: COMMAND,
        pattern: r#"(?i)\b(?:curl|wget|http)\b[^\n|;&]*?\s(?:-u|--user)[\s=]*['"]?[^\s:'"]+:([^\s'"]+)"#,
    },
    Form {
        what: SIGNED,
        pattern: r"(?i)[?&](?:x-amz-signature|x-amz-security-token|x-goog-signature|sig|signature|code|access_code)=([0-9a-z%+/=_.~-]{16,})",
    },
    Form {
        what: ARGUMENT,
        pattern: r#"(?i)(?:^|[\s"'])--?(?:[a-z0-9]+[_-])*(?:password|passwd|pwd|passphrase|secret|token|cookie|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)(?:[ \t]+|["'],\s*)"((?:[^"\\]|\\.)*)""#,
    },
    Form {
        what: ARGUMENT,
        pattern: r#"(?i)(?:^|[\s"'])--?(?:[a-z0-9]+[_-])*(?:password|passwd|pwd|passphrase|secret|token|cookie|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)(?:[ \t]+|["'],\s*)'([^']*)'"#,
    },
    Form {
        what: ARGUMENT,
        pattern: r#"(?i)(?:^|\s)--?(?:[a-z0-9]+[_-])*(?:password|passwd|pwd|passphrase|secret|token|cookie|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[ \t]+([^\s'"-][^\s'"]*)"#,
    },
    // Whether it is no word is checked as well.
    Form {
        what: IN_WORDS,
        pattern: r"(?i)\b(?:password|passwd|passphrase|pwd|secret|token)[ \t]+([a-z0-9_+/=]{8,})",
    },
    // Its digits are checked as well.
    Form { what: CARD, pattern: r"\b[0-9](?:[ -]?[0-9]){12,18}\b" },
];

const IN_WORDS: &str = "a secret in a sentence";
const CARD: &str = "the number of a card";
const ARGUMENT: &str = "a password in an argument";
const COMMAND: &str = "a password on a command line";
const ATTACHED: &str = "a password behind its option";
const SIGNED: &str = "a signed address";
const CREDENTIALS: &str = "credentials";

static ANY: LazyLock<Regex> = LazyLock::new(|| matcher(&patterns()));

/// The forms as patterns.
pub(super) fn patterns() -> Vec<String> {
    // Unicode classes would cost much and find nothing.
    FORMS.iter().map(|form| format!("(?-u){}", form.pattern)).collect()
}

/// Finds any of fixed patterns.
pub(super) fn matcher(patterns: &[String]) -> Regex {
    Regex::builder()
        .configure(Regex::config().utf8_empty(true))
        .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
        .build_many(patterns)
        .expect("the patterns are fixed, and a test uses each")
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) what: &'static str,
    pub(super) secret: Range<usize>,
}

impl Found {
    /// Whether it is known by the command before it.
    pub(super) fn is_of_command(&self) -> bool {
        [ATTACHED, ARGUMENT, COMMAND].contains(&self.what)
    }
}

/// Finds one secret after the other.
pub(super) struct Finder<'t> {
    text: &'t str,
    captures: Captures,
}

impl<'t> Finder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, captures: ANY.create_captures() }
    }

    /// The first secret that begins at or after a place.
    pub(super) fn from(&mut self, mut start: usize) -> Option<Found> {
        while start <= self.text.len() {
            ANY.search_captures(&Input::new(self.text).range(start..), &mut self.captures);
            let whole = self.captures.get_match()?;
            let form = &FORMS[whole.pattern().as_usize()];
            let groups = (1..self.captures.group_len()).rev();
            let secret = groups.filter_map(|group| self.captures.get_group(group)).next();
            let secret = secret.map_or(whole.range(), |span| span.range());
            let shown = &self.text[secret.clone()];
            let is_one = match form.what {
                CARD => is_card(shown),
                CREDENTIALS | SIGNED => !is_words(shown),
                IN_WORDS => is_no_word(shown),
                ATTACHED => !is_long_option(shown),
                ARGUMENT => !is_said_of_option(shown, &self.text[secret.end..]),
                _ => true,
            };
            if is_one && !secret.is_empty() {
                return Some(Found { what: form.what, secret });
            }
            // What is none may hide one that begins inside.
            start = whole.start() + 1;
            while !self.text.is_char_boundary(start) {
                start += 1;
            }
        }
        None
    }
}

/// Which secret, known by its form, a text holds; none for most. What only
/// holds a secret's place (`${PASSWORD}`, `<password>`, `[REDACTED]`) is none.
#[must_use]
pub fn secret_in(text: &str) -> Option<&'static str> {
    let mut finder = Finder::new(text);
    let mut start = 0;
    while let Some(found) = finder.from(start) {
        if !text[found.secret.clone()].starts_with(['$', '{', '<', '[', '*', '%']) {
            return Some(found.what);
        }
        start = found.secret.end;
    }
    None
}

/// Whether it is the rest of an option that is written with one dash by mistake, as in
/// `mysql -port 3306`.
fn is_long_option(rest: &str) -> bool {
    ["ort", "rotocol", "ipe", "rint-defaults"].contains(&rest)
}

/// Whether a word is said of the option before it: `--token is required`.
fn is_said_of_option(word: &str, rest: &str) -> bool {
    let ends =
        rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ",.;:)".contains(c));
    let said = ["option", "flag", "argument", "parameter", "or", "and"].contains(&word);
    said && ends || says_how_it_stands(word, rest, true)
}

/// Whether it can hardly be a word of a sentence: it has letters and digits, or is
/// longer than words are.
fn is_no_word(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit) || text.len() >= 16 && !is_words(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_finds_its_secret_and_only_that() {
        let cases = [
            (
                "see https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX ok",
                "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            ),
            ("xoxb-123456789012-abcdef used", "xoxb-123456789012-abcdef"),
            (
                "https://api.telegram.org/bot123456:AAEXAMPLEBOTTOKENxxxxxxxxxxxxxxxxxx/sendMessage",
                "123456:AAEXAMPLEBOTTOKENxxxxxxxxxxxxxxxxxx",
            ),
            ("aws key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
            (
                "key=AIzaSyA1234567890abcdefghijklmnopqrstuv x",
                "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            ),
            (
                "ghp_abcdefghijklmnopqrstuvwxyz0123456789.",
                "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            ),
            ("glpat-abcdefghijklmnopqrst", "glpat-abcdefghijklmnopqrst"),
            ("charge with sk_live_abcdefghij1234 failed", "sk_live_abcdefghij1234"),
            (
                "npm_abcdefghijklmnopqrstuvwxyz0123456789",
                "npm_abcdefghijklmnopqrstuvwxyz0123456789",
            ),
            (
                "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            ),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "\nMIIE\n"),
            ("-----BEGIN PRIVATE KEY----- MIIEpAIBAAKCAQEA", " MIIEpAIBAAKCAQEA"),
            ("redis://:hunter6@10.0.0.5:6379/0", "hunter6"),
            ("used Bearer abcdefgh123", "abcdefgh123"),
            ("Basic dXNlcjpwYXNzd29yZA== x", "dXNlcjpwYXNzd29yZA=="),
            ("mysql -uroot -phunter5value failed", "hunter5value"),
            ("mysql -uroot -p\"hunter5 value\" failed", "hunter5 value"),
            ("mysql -uroot -p'hunter5 value' failed", "hunter5 value"),
            ("of_AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
            (
                "tok_ghp_abcdefghijklmnopqrstuvwxyz0123456789.",
                "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            ),
            (r"postgres:\/\/u:hunter5@h\/db", "hunter5"),
            (
                r"https:\/\/hooks.slack.com\/services\/T00000000\/B00000000\/XXXXXXXX ok",
                r"T00000000\/B00000000\/XXXXXXXX",
            ),
            ("sshpass -p hunter5 ssh x", "hunter5"),
            ("openssl rsa -passin pass:hunter5 x", "hunter5"),
            ("docker login -u bob -p hunter5 r.example", "hunter5"),
            ("redis-cli -h x -a hunter5 ping", "hunter5"),
            ("ALTER USER x WITH PASSWORD 'hunter5'", "hunter5"),
            ("CREATE USER x IDENTIFIED BY 'hunter5'", "hunter5"),
            (r#"<add key="DbPassword" value="hunter5"/>"#, "hunter5"),
            (r#"{"name":"DB_PASSWORD","value":"hunter5"}"#, "hunter5"),
            (r#"{\"name\": \"X-Api-Key\", \"value\": \"hunter5\"}"#, "hunter5"),
            ("curl --cookie a=hunter5 x", "a=hunter5"),
            ("AccountName=a;AccountKey=abcdefghij0123456789==;x", "abcdefghij0123456789=="),
            ("postgres://u:a/hunter5@h/db", "a/hunter5"),
            ("curl -s -u bob:hunter5 https://x", "hunter5"),
            ("GET /o?X-Amz-Signature=0123456789abcdef0123 x", "0123456789abcdef0123"),
            ("run --db-password \"a b\" x", "a b"),
            ("run --token 'a b' x", "a b"),
            ("run --password hunter9value x", "hunter9value"),
            ("Command '['mysql', '-u', 'a', '-phunter5']' failed", "hunter5"),
            ("args=['run', '--password', 'a b']", "a b"),
            (r#"["docker", "login", "-p", "hunter5"]"#, "hunter5"),
            ("user bob password hunter8value", "hunter8value"),
            ("token abcdefghijklmnop was refused", "abcdefghijklmnop"),
            ("card 4111 1111 1111 1111 declined", "4111 1111 1111 1111"),
        ];
        for (text, secret) in cases {
            let found = Finder::new(text).from(0).map(|found| &text[found.secret]);
            assert_eq!(found, Some(secret), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "http://host:80/a@b",
            r#"{"url":"http://host:8080","mail":"a@b"}"#,
            "mongo -p",
            "basic auth is off",
            "Basic authentication required, bearer authorization failed",
            "a bearer of news",
            "4111 1111 1111 1112",
            "1700000000123 ms, id 12345678901234567",
            "0000000000000000",
            "mysql -u root --port 3306",
            "sk-learn",
            "run --password --verbose",
            "the password was wrong",
            "password authentication failed, token expired, secret santa, token bucket",
            "https://user:${PASSWORD}@wiki.example/login",
            "mysql -u root -p$PASSWORD, run --token <token>",
        ] {
            assert_eq!(secret_in(text), None, "{text}");
        }
    }
}

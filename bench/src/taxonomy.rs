//! The sets of patterns that are searched for.

use std::{env, fs, path::Path};

use signatures_document::yaml::Source;
use signatures_engine::taxonomy;
use signatures_matcher::Pattern;

/// A named list of patterns, in priority order.
pub struct Taxonomy {
    /// What the table calls it.
    pub name: String,
    /// The patterns, in the syntax of the crate `regex`.
    pub patterns: Vec<String>,
}

/// The patterns that the design names in its chapters on the taxonomy and on
/// canonical text.
const DESIGN: [&str; 12] = [
    r"OOMKilled",
    r"(socket hang up|ECONNRESET|ETIMEDOUT|EAI_AGAIN)",
    r"Out of memory|OOMKilled",
    r"gunicorn.*worker timeout",
    r"certificate verify failed|x509: .* expired",
    r"ECONNRESET|ETIMEDOUT|EAI_AGAIN|socket hang up",
    r"Too many open files|ENFILE|EMFILE",
    r"No space left on device|ENOSPC",
    r"Traceback ?\(|UnhandledPromiseRejection|TypeError:|ReferenceError:",
    r"Exited with code [1-9]\d*",
    r"socket hang up",
    r"Broken pipe|context canceled|499",
];

/// The taxonomy of a file: its signatures, then its allowlist.
#[must_use]
pub fn of_file(path: &Path) -> Taxonomy {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let source = Source::new(path.display().to_string(), text);
    let read = taxonomy::Taxonomy::read(&source).into_result(&source);
    let read = read.unwrap_or_else(|problems| panic!("{problems}"));
    let signatures = read.signatures.iter().map(|signature| &signature.pattern);
    let noise = read.noise_allowlist.iter().map(|entry| &entry.pattern);
    let patterns: Vec<_> = signatures.chain(noise).map(|p| p.as_str().to_owned()).collect();
    Taxonomy { name: format!("shipped ({})", patterns.len()), patterns }
}

/// The taxonomy that the project ships.
#[must_use]
pub fn shipped() -> Taxonomy {
    of_file(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/error_signatures.yml")))
}

/// The design's own twelve patterns.
#[must_use]
pub fn design() -> Taxonomy {
    Taxonomy { name: "design (12)".into(), patterns: DESIGN.map(String::from).into() }
}

/// All of them that there are.
#[must_use]
pub fn all() -> Vec<Taxonomy> {
    let generated = [10, 100, 1_000, 10_000].map(generated);
    [design(), shipped()].into_iter().chain(logcheck()).chain(generated).collect()
}

/// Debian's `logcheck-database`, when `LOGCHECK` names its `etc/logcheck`.
#[must_use]
pub fn logcheck() -> Option<Taxonomy> {
    let root = env::var_os("LOGCHECK")?;
    let mut files = Vec::new();
    for folder in fs::read_dir(Path::new(&root)).ok()?.flatten() {
        files.extend(fs::read_dir(folder.path()).ok()?.flatten().map(|file| file.path()));
    }
    files.sort();
    let patterns: Vec<_> = files
        .iter()
        .flat_map(|file| {
            fs::read_to_string(file)
                .unwrap_or_default()
                .lines()
                .map(String::from)
                .collect::<Vec<_>>()
        })
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| from_posix(&line))
        // A handful are broken, or for the backtracking engine, which no peer has.
        .filter(|source| Pattern::compile(source).is_ok_and(|pattern| !pattern.is_backtracking()))
        .collect();
    Some(Taxonomy { name: format!("logcheck ({})", patterns.len()), patterns })
}

/// Rewrites a POSIX extended expression: inside brackets a backslash and an
/// opening bracket stand for themselves there, and are special here.
fn from_posix(source: &str) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            '\\' if at + 1 < bytes.len() => {
                out.extend(&bytes[at..at + 2]);
                at += 2;
            }
            '[' => at = bracket(&bytes, at, &mut out),
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

fn bracket(source: &[char], open: usize, out: &mut String) -> usize {
    let mut at = open + 1;
    out.push('[');
    if source.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(&c) = source.get(at) {
        match c {
            ']' if at > first => {
                out.push(']');
                return at + 1;
            }
            '[' if source.get(at + 1) == Some(&':') => {
                let end =
                    (at + 2..source.len()).find(|&i| source[i] == ']').unwrap_or(source.len() - 1);
                out.extend(&source[at..=end]);
                at = end + 1;
            }
            '[' | ']' | '\\' | '&' | '~' => {
                out.push('\\');
                out.push(c);
                at += 1;
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    at
}

/// Made-up signatures of the kinds that people write: phrases, alternatives,
/// error codes, gaps and numbers.
#[must_use]
pub fn generated(count: usize) -> Taxonomy {
    const SUBJECTS: [&str; 24] = [
        "connection",
        "database",
        "replica",
        "upstream",
        "certificate",
        "transaction",
        "session",
        "payment",
        "queue",
        "worker",
        "scheduler",
        "volume",
        "snapshot",
        "token",
        "handshake",
        "checkpoint",
        "partition",
        "consumer",
        "leader",
        "migration",
        "webhook",
        "cache",
        "index",
        "shard",
    ];
    const FAULTS: [&str; 20] = [
        "refused",
        "timed out",
        "expired",
        "rejected",
        "corrupted",
        "overflowed",
        "not found",
        "locked",
        "unreachable",
        "aborted",
        "rolled back",
        "exhausted",
        "out of sync",
        "denied",
        "panicked",
        "stalled",
        "deadlocked",
        "dropped",
        "throttled",
        "malformed",
    ];
    let mut random = Random(0x5EED);
    let patterns = (0..count)
        .map(|_| {
            let name = random.name();
            let (subject, fault) = (random.of(&SUBJECTS), random.of(&FAULTS));
            match random.below(8) {
                0 | 1 => format!("{name} {subject} {fault}"),
                2 => format!("{subject} {fault}: {name}"),
                3 => format!("({name}|{}) {subject} (is )?{fault}", random.name()),
                4 => format!("{name}.*{subject} {fault}"),
                5 => format!(r"E_{}_{}\b", name.to_uppercase(), subject.to_uppercase()),
                6 => format!(r"^\S+ {name}\[\d+\]: {subject} \w+ {fault}"),
                _ => format!(r"{subject} {name} {fault} after \d+ ?(ms|s)"),
            }
        })
        .collect();
    Taxonomy { name: format!("generated ({count})"), patterns }
}

/// A small generator that gives the same numbers everywhere (xorshift64*).
pub struct Random(pub u64);

impl Random {
    /// A number under `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }

    /// One of the items.
    pub fn of<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    fn name(&mut self) -> String {
        const SYLLABLES: [&str; 32] = [
            "ba", "cor", "den", "fi", "gra", "hel", "in", "jo", "kel", "lum", "mar", "nex", "or",
            "pra", "qui", "ras", "sol", "tan", "ul", "vor", "wex", "xan", "yl", "zen", "tri",
            "plo", "ster", "net", "auth", "data", "stor", "mon",
        ];
        (0..2 + self.below(3)).map(|_| self.of(&SYLLABLES)).collect()
    }
}

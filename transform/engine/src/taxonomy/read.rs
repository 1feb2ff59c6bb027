//! From a YAML tree to a taxonomy.

use std::collections::{HashMap, HashSet};

use signatures_document::{
    Code, Diagnostic, Reader, Reading,
    diagnostic::UNKNOWN_KEY,
    one_letter_from,
    yaml::{Entry, Node, NodeKind, Source},
};
use signatures_event::Metadata;
use signatures_matcher::{Pattern, PatternError, PatternErrorKind};

use super::{
    advice::advice,
    limits::{AUTOMATA_LIMIT, PATTERNS_LIMIT},
    model::{AllowlistEntry, Category, DeclaredId, Example, Located, Signature, Taxonomy},
};
use crate::{policy::Policy, settings::Settings, severity::Severity};

/// A pattern is no regular expression.
pub const INVALID_REGEX: Code = Code::error("invalid-regex");

/// A pattern would compile to more memory than it may.
pub const REGEX_TOO_LARGE: Code = Code::error("regex-too-large");

const ROOT_KEYS: [&str; 2] = ["categories", "noise_allowlist"];
const CATEGORY_KEYS: [&str; 4] =
    ["description", "default_policy", "default_severity", "signatures"];
/// What a signature may have beside its metadata.
const SIGNATURE_KEYS: [&str; 9] = [
    "id",
    "pattern",
    "regex",
    "severity",
    "policy",
    "summary",
    "description",
    "examples",
    "counterexamples",
];

impl Taxonomy {
    /// Reads a taxonomy in YAML or JSON, structured or legacy form, with every
    /// mistake in it, and compiles its patterns.
    #[must_use]
    pub fn read(source: &Source) -> Reading<Self> {
        Self::read_again(source, &Self::default())
    }

    /// The same for a taxonomy that was read before, as after an edit: patterns
    /// that `before` has are taken from it, and only the others are compiled.
    #[must_use]
    pub fn read_again(source: &Source, before: &Self) -> Reading<Self> {
        let signatures = before.signatures.iter().map(|signature| &signature.pattern);
        let entries = before.noise_allowlist.iter().map(|entry| &entry.pattern);
        let mut reader = TaxonomyReader {
            source,
            reader: Reader::default(),
            taxonomy: Self::default(),
            ids: HashSet::new(),
            compiled: signatures.chain(entries).map(|p| (p.as_str().into(), p.clone())).collect(),
            patterns: 0,
            automata: 0,
        };
        if let Some(root) = reader.reader.root(source, "a taxonomy") {
            reader.root(root);
        }
        Reading::new(reader.taxonomy, reader.reader.into_diagnostics())
    }
}

struct TaxonomyReader<'s> {
    source: &'s Source,
    /// Patterns that need not be compiled again, by their text.
    compiled: HashMap<Box<str>, Pattern>,
    /// How many patterns were read.
    patterns: usize,
    /// No less than what their automata take, in bytes, that are made at once.
    automata: usize,
    reader: Reader,
    taxonomy: Taxonomy,
    ids: HashSet<String>,
}

impl TaxonomyReader<'_> {
    fn root(&mut self, root: &[Entry]) {
        if let Some(setting) = root.iter().find(|e| is_setting(e) && !is_taxonomy(root)) {
            let message = "these are alert settings, where a taxonomy is expected";
            let diagnostic = Diagnostic::schema(setting.key_span, message);
            self.reader.report(diagnostic.help("name the two files the other way round"));
            return;
        }
        // The legacy form has its categories at the top.
        let structured = root.iter().find(|entry| entry.key == "categories");
        if let Some(categories) = structured {
            for entry in self.reader.mapping("categories", &categories.value) {
                self.category(entry);
            }
        }
        for entry in root {
            match entry.key.as_str() {
                "noise_allowlist" => self.allowlist(&entry.value),
                "categories" => {}
                _ if structured.is_some() => {
                    self.reader.unknown_key(entry, "a taxonomy", &ROOT_KEYS);
                }
                _ => self.legacy_category(entry),
            }
        }
    }

    fn allowlist(&mut self, node: &Node) {
        for item in self.reader.sequence("noise_allowlist", node) {
            if let NodeKind::Mapping(fields) = &item.kind
                && let Some(text) = unquoted(self.source, fields)
            {
                let message = "an entry of the allowlist is a text, not a mapping";
                let diagnostic = Diagnostic::schema(item.span, message);
                self.reader.report(diagnostic.help(format!("quote it: {text}")));
                continue;
            }
            if let Some((pattern, pattern_at)) = self.pattern("noise_allowlist", item) {
                self.taxonomy.noise_allowlist.push(AllowlistEntry { pattern, pattern_at });
            }
        }
    }

    fn legacy_category(&mut self, entry: &Entry) {
        if !matches!(entry.value.kind, NodeKind::Sequence(_)) {
            let message = format!(
                "the category `{}` takes a list of patterns, not {}",
                entry.key,
                entry.value.describe()
            );
            self.reader.report(
                Diagnostic::schema(entry.value.span, message)
                    .help("write `categories:` above it if this is the structured form"),
            );
            return;
        }
        self.category(entry);
    }

    /// A category, or just the list of its signatures.
    fn category(&mut self, entry: &Entry) {
        let mut category = Category {
            name: entry.key.clone(),
            description: None,
            default_policy: Policy::default(),
            default_severity: Severity::default(),
            default_severity_at: None,
            span: entry.key_span,
        };
        if entry.key.trim().is_empty() {
            self.reader.schema(entry.key_span, "a category has no name");
        }
        let mut signatures: &[Node] = &[];
        if let NodeKind::Sequence(items) = &entry.value.kind {
            signatures = items;
        } else {
            for field in self.reader.mapping(&entry.key, &entry.value) {
                let (key, value) = (field.key.as_str(), &field.value);
                match key {
                    "description" => category.description = self.reader.text(key, value),
                    "default_policy" => {
                        category.default_policy =
                            Policy::read(&mut self.reader, key, value).unwrap_or_default();
                    }
                    "default_severity" => {
                        category.default_severity =
                            Severity::read(&mut self.reader, key, value).unwrap_or_default();
                        category.default_severity_at = Located::of(value);
                    }
                    "signatures" => signatures = self.reader.sequence(key, value),
                    _ => self.reader.unknown_key(field, "a category", &CATEGORY_KEYS),
                }
            }
        }
        let index = self.taxonomy.categories.len();
        for (position, node) in signatures.iter().enumerate() {
            let default_id = format!("{}_{position}", entry.key);
            if let Some(signature) = self.signature(node, index, &category, default_id) {
                self.taxonomy.signatures.push(signature);
            }
        }
        self.taxonomy.categories.push(category);
    }

    fn signature(
        &mut self,
        node: &Node,
        category: usize,
        defaults: &Category,
        default_id: String,
    ) -> Option<Signature> {
        let mut pattern = None;
        let mut declared_id = None;
        let mut id = default_id;
        let mut draft = Draft::default();
        match &node.kind {
            NodeKind::Scalar { .. } => pattern = Some(self.pattern("pattern", node)),
            NodeKind::Sequence(_) => {
                let message = "a signature is a pattern, or a mapping with a `pattern`, not a list";
                self.reader.schema(node.span, message);
                return None;
            }
            NodeKind::Mapping(fields) => {
                for field in fields {
                    match field.key.as_str() {
                        "id" => {
                            if let Some(text) = self.reader.text("id", &field.value) {
                                declared_id = Located::of(&field.value)
                                    .map(|at| DeclaredId { text: text.clone(), at });
                                id = text;
                            }
                        }
                        "pattern" | "regex" if pattern.is_some() => {
                            let message = "`pattern` and `regex` are one key; keep one of them";
                            self.reader.schema(field.key_span, message);
                        }
                        "pattern" | "regex" => {
                            pattern = Some(self.pattern(&field.key, &field.value));
                        }
                        _ => self.field(field, &mut draft),
                    }
                }
                if pattern.is_none() {
                    let missing = Diagnostic::schema(node.span, "a signature has no `pattern`");
                    let help =
                        unquoted(self.source, fields).map(|text| format!("quote it: {text}"));
                    let help = help.unwrap_or_else(|| "add `pattern: '…'`".to_owned());
                    self.reader.report(missing.help(help));
                }
            }
        }
        let id = self.unique(id);
        let (pattern, pattern_at) = pattern??;
        Some(Signature {
            id,
            declared_id,
            category,
            pattern,
            pattern_at,
            policy: draft.policy.unwrap_or(defaults.default_policy),
            severity: draft.severity.unwrap_or_else(|| defaults.default_severity.clone()),
            severity_at: draft.severity_at,
            summary: draft.summary.or(draft.description),
            examples: draft.examples,
            counterexamples: draft.counterexamples,
            metadata: draft.metadata,
            span: node.span,
        })
    }

    fn field(&mut self, field: &Entry, draft: &mut Draft) {
        let (key, value) = (field.key.as_str(), &field.value);
        match key {
            "policy" => draft.policy = Policy::read(&mut self.reader, key, value),
            "severity" => {
                draft.severity = Severity::read(&mut self.reader, key, value);
                draft.severity_at = Located::of(value);
            }
            "summary" => draft.summary = self.reader.text(key, value),
            "description" => draft.description = self.reader.text(key, value),
            "examples" => draft.examples = self.examples(key, value),
            "counterexamples" => draft.counterexamples = self.examples(key, value),
            _ => {
                if let Some(meant) = one_letter_from(key, SIGNATURE_KEYS) {
                    let message = format!("`{key}` is kept as metadata, and nothing else");
                    let diagnostic = Diagnostic::new(UNKNOWN_KEY, field.key_span, message);
                    self.reader.report(diagnostic.help(format!("did you mean `{meant}`?")));
                }
                draft.metadata.insert(field.key.clone(), value.to_json());
            }
        }
    }

    fn examples(&mut self, key: &str, node: &Node) -> Vec<Example> {
        let items = self.reader.sequence(key, node);
        let example =
            |item: &Node| self.reader.text(key, item).map(|text| Example { text, span: item.span });
        items.iter().filter_map(example).collect()
    }

    fn pattern(&mut self, key: &str, node: &Node) -> Option<(Pattern, Located)> {
        if self.patterns > PATTERNS_LIMIT {
            return None;
        }
        let text = self.reader.text(key, node)?;
        let at = Located::of(node)?;
        self.patterns += 1;
        if self.patterns > PATTERNS_LIMIT {
            let message = format!("from here on there are more than {PATTERNS_LIMIT} patterns");
            self.reader.schema(at.span, message);
            return None;
        }
        let compiled = match self.compiled.get(text.as_str()) {
            Some(known) => Ok(known.clone()),
            None => Pattern::compile(&text),
        };
        match compiled {
            Ok(pattern) => {
                self.compiled.entry(text.into()).or_insert_with(|| pattern.clone());
                self.fits(&pattern, at).then_some((pattern, at))
            }
            Err(error) => {
                self.cannot_compile(&text, error, at);
                None
            }
        }
    }

    /// Whether there is memory for the automata of one more pattern.
    fn fits(&mut self, pattern: &Pattern, at: Located) -> bool {
        let was_full = self.automata > AUTOMATA_LIMIT;
        let bytes = pattern.automata_bound();
        self.automata = self.automata.saturating_add(bytes);
        if self.automata <= AUTOMATA_LIMIT || bytes == 0 {
            return true;
        }
        if !was_full {
            let message = format!(
                "from here on the patterns that need an automaton at once take more than {} MiB \
                 together",
                AUTOMATA_LIMIT >> 20
            );
            let help = "those that have no word in them do, and those with look-around or \
                        back-references: give them words, or make them fewer";
            self.reader.report(Diagnostic::new(REGEX_TOO_LARGE, at.span, message).help(help));
        }
        false
    }

    fn cannot_compile(&mut self, pattern: &str, error: PatternError, at: Located) {
        let code = match error.kind {
            PatternErrorKind::Syntax => INVALID_REGEX,
            PatternErrorKind::TooLarge => REGEX_TOO_LARGE,
        };
        let advice = advice(pattern, &error);
        let span = self.source.within_scalar(at.span, at.style, error.span);
        let mut diagnostic = Diagnostic::new(code, span, error.message);
        if code == REGEX_TOO_LARGE {
            let help = "lower the counts in `{n,m}`, repeat a smaller class, or make two patterns";
            diagnostic = diagnostic.help(help);
        } else if let Some(advice) = advice {
            diagnostic = diagnostic.help(advice);
        }
        self.reader.report(diagnostic);
    }

    /// The id itself, or with the first `_1`, `_2`, … that nobody has.
    fn unique(&mut self, id: String) -> String {
        let mut unique = id.clone();
        let mut repeat = 0;
        while !self.ids.insert(unique.clone()) {
            repeat += 1;
            unique = format!("{id}_{repeat}");
        }
        unique
    }
}

/// Whether a key at the top of a file is one that only a taxonomy has.
fn is_taxonomy(root: &[Entry]) -> bool {
    root.iter().any(|entry| ROOT_KEYS.contains(&entry.key.as_str()))
}

/// Whether an entry at the top of a file can be a setting alone: a category of that
/// name would be a list.
fn is_setting(entry: &Entry) -> bool {
    Settings::KEYS.contains(&entry.key.as_str())
        && !matches!(entry.value.kind, NodeKind::Sequence(_))
}

/// The pattern that was read as a pair of key and value, since it is not quoted.
fn unquoted(source: &Source, fields: &[Entry]) -> Option<String> {
    let [Entry { key, key_span, value }] = fields else { return None };
    let is_text = value.as_text().is_some() && !SIGNATURE_KEYS.contains(&key.as_str());
    let text = source.text().get(key_span.start..value.span.end).filter(|_| is_text)?;
    Some(format!("'{}'", text.replace('\'', "''")))
}

#[derive(Default)]
struct Draft {
    policy: Option<Policy>,
    severity: Option<Severity>,
    severity_at: Option<Located>,
    summary: Option<String>,
    description: Option<String>,
    examples: Vec<Example>,
    counterexamples: Vec<Example>,
    metadata: Metadata,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> (Option<Taxonomy>, Vec<String>) {
        let source = Source::new("t.yml", text);
        let reading = Taxonomy::read(&source);
        (reading.value, reading.diagnostics.iter().map(|p| p.located(&source)).collect())
    }

    fn usable(text: &str) -> Taxonomy {
        let (taxonomy, diagnostics) = read(text);
        assert_eq!(diagnostics, Vec::<String>::new());
        taxonomy.unwrap()
    }

    /// The parts of each signature that tests are about.
    fn outline(taxonomy: &Taxonomy) -> Vec<[&str; 6]> {
        taxonomy
            .signatures
            .iter()
            .map(|s| {
                [
                    s.id.as_str(),
                    taxonomy.category_of(s).name.as_str(),
                    s.pattern.as_str(),
                    s.policy.as_str(),
                    s.severity.as_str(),
                    s.summary.as_deref().unwrap_or("-"),
                ]
            })
            .collect()
    }

    #[test]
    fn what_was_read_before_is_taken_over_and_nothing_else() {
        let before = usable("{a: [disk full, '[0-9]+ oops'], noise_allowlist: ['499']}");
        let source = Source::new("t.yml", "{noise_allowlist: [disk full], b: ['499', new, 'x(']}");
        let (fresh, again) = (Taxonomy::read(&source), Taxonomy::read_again(&source, &before));
        assert_eq!(again.diagnostics, fresh.diagnostics);
        let (fresh, again) = (fresh.salvaged.unwrap(), again.salvaged.unwrap());
        assert_eq!(outline(&again), outline(&fresh));
        assert_eq!(again.noise_allowlist[0].pattern.as_str(), "disk full");
    }

    #[test]
    fn the_structured_form_is_read_with_its_defaults_and_in_order() {
        let taxonomy = usable(
            r#"
noise_allowlist:
  - "Broken pipe|499"
categories:
  network_db:
    description: "The network"
    default_policy: retry
    signatures:
      - id: NET_RESET
        pattern: "ECONNRESET"
        severity: Medium
        summary: "Transient"
        examples: ["read ECONNRESET"]
        counterexamples: ["fine"]
        owner: {team: db, tier: 1}
      - regex: 'timeout \d+'
        policy: notify
        description: "Slow"
      - bare
  app:
    default_severity: weird
    signatures: [{pattern: x, severity: high}, y]
"#,
        );
        assert_eq!(
            outline(&taxonomy),
            [
                ["NET_RESET", "network_db", "ECONNRESET", "retry", "medium", "Transient"],
                ["network_db_1", "network_db", r"timeout \d+", "notify", "anomaly", "Slow"],
                ["network_db_2", "network_db", "bare", "retry", "anomaly", "-"],
                ["app_0", "app", "x", "escalate", "high", "-"],
                ["app_1", "app", "y", "escalate", "weird", "-"],
            ]
        );
        let first = &taxonomy.signatures[0];
        assert_eq!(json!(first.metadata), json!({"owner": {"team": "db", "tier": 1}}));
        assert_eq!(first.examples[0].text, "read ECONNRESET");
        assert_eq!(first.counterexamples[0].text, "fine");
        assert_eq!(taxonomy.noise_allowlist[0].pattern.as_str(), "Broken pipe|499");
        assert_eq!(taxonomy.categories[0].description.as_deref(), Some("The network"));
    }

    #[test]
    fn the_legacy_form_is_read_as_json_too() {
        let taxonomy = usable(
            r#"{"critical": ["OOMKilled"], "network_db": ["socket hang up", "x"], "noise_allowlist": ["499"]}"#,
        );
        assert_eq!(
            outline(&taxonomy),
            [
                ["critical_0", "critical", "OOMKilled", "escalate", "anomaly", "-"],
                ["network_db_0", "network_db", "socket hang up", "escalate", "anomaly", "-"],
                ["network_db_1", "network_db", "x", "escalate", "anomaly", "-"],
            ]
        );
        assert_eq!(taxonomy.noise_allowlist.len(), 1);
    }

    #[test]
    fn a_repeated_id_gets_a_number() {
        let taxonomy = usable(
            "categories: {a: {signatures: [{id: X, pattern: a}, {id: X_1, pattern: b}, {id: X, pattern: c}]}, b: [{id: X, pattern: d}]}",
        );
        let ids: Vec<_> = taxonomy.signatures.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["X", "X_1", "X_2", "X_3"]);
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_their_places() {
        let (taxonomy, diagnostics) = read(
            r#"categories:
  a:
    default_policy: page
    policy: retry
    signatures:
      - pattern: 'it''s (broken'
      - {id: X, severity: high}
      - pattern: a
        regex: b
      - []
      - "(\\w{1000}){1000}"
      - pattern: '(?<=a)b('
  b: 5
noise_allowlist: [~, '*']
extra: 1
"#,
        );
        assert!(taxonomy.is_none());
        assert_eq!(
            diagnostics,
            [
                "t.yml:3:21: there is no policy `page` [unknown-policy]; one of retry, notify, escalate",
                "t.yml:4:5: nothing reads the key `policy` of a category [unknown-key]; did you mean `default_policy`?",
                "t.yml:6:25: unclosed group [invalid-regex]; a `(` that is meant itself is written `\\(`",
                "t.yml:7:9: a signature has no `pattern` [schema]; add `pattern: '…'`",
                "t.yml:9:9: `pattern` and `regex` are one key; keep one of them [schema]",
                "t.yml:10:9: a signature is a pattern, or a mapping with a `pattern`, not a list [schema]",
                "t.yml:11:10: compiled it would take more than 4 MiB [regex-too-large]; lower the counts in `{n,m}`, repeat a smaller class, or make two patterns",
                "t.yml:12:26: unclosed group [invalid-regex]; a `(` that is meant itself is written `\\(`",
                "t.yml:13:6: `b` takes a mapping, not `5` [schema]",
                "t.yml:14:19: `noise_allowlist` is empty [schema]",
                "t.yml:14:23: repetition operator missing expression [invalid-regex]; what is meant itself is written `\\*`, `\\+`, `\\?`; whatever stands there, `.*`",
                "t.yml:15:1: nothing reads the key `extra` of a taxonomy [unknown-key]; known here: categories, noise_allowlist",
            ]
        );
    }

    #[test]
    fn patterns_are_bounded_in_number_and_in_what_is_built_at_once() {
        let many = vec!["x"; PATTERNS_LIMIT + 5].join(", ");
        let text = format!("a: [{many}]\nnoise_allowlist: [y]");
        let expected = "from here on there are more than 50000 patterns [schema]";
        let (taxonomy, told) = read(&text);
        assert_eq!((taxonomy.is_none(), told.len()), (true, 1));
        assert!(told[0].ends_with(expected), "{told:?}");

        // Each is small enough by itself, and none has a word in it.
        let lines: Vec<_> = (0..100).map(|n| format!("  - '[a-y]{{8000}}[{n}]'\n")).collect();
        let (taxonomy, told) = read(&format!("a:\n{}  - word\n", lines.concat()));
        assert!(taxonomy.is_none());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(" take more than 256 MiB together [regex-too-large]; "));
    }

    #[test]
    fn what_is_no_taxonomy_says_so() {
        for (text, expected) in [
            ("", "t.yml:1:1: the file is empty; a taxonomy is a mapping [schema]"),
            ("- a", "t.yml:1:1: a taxonomy is a mapping, not a list [schema]"),
            (
                "version: 2",
                "t.yml:1:10: the category `version` takes a list of patterns, not a number [schema]; write `categories:` above it if this is the structured form",
            ),
        ] {
            assert_eq!(read(text).1, [expected], "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn arbitrary_structure_is_read_or_refused(
            text in "((categories|noise_allowlist|signatures|pattern|id|- |: |\\{|\\}|\\[|\\]|'|\"|\\(|x|\n|  |,|&a |\\*a )){0,40}",
        ) {
            let (taxonomy, diagnostics) = read(&text);
            prop_assert!(taxonomy.is_some() || !diagnostics.is_empty());
        }
    }

    #[test]
    fn alert_settings_and_texts_without_quotes_are_told_for_what_they_are() {
        let swapped = |at| {
            format!(
                "t.yml:{at}: these are alert settings, where a taxonomy is expected [schema]; name the two files the other way round"
            )
        };
        let no_pattern =
            |at, help| format!("t.yml:{at}: a signature has no `pattern` [schema]; {help}");
        for (text, told) in [
            ("window_minutes: 5\nmin_count_default: 3", vec![swapped("1:1")]),
            ("immediate_categories: [critical]\nlimits: {}", vec![swapped("2:1")]),
            ("{critical: [OOM], limits: [quota exceeded]}", vec![]),
            ("a: [error: it's x]", vec![no_pattern("1:5", "quote it: 'error: it''s x'")]),
            (
                "noise_allowlist: [error: x]\na: []",
                vec!["t.yml:1:19: an entry of the allowlist is a text, not a mapping [schema]; quote it: 'error: x'".to_owned()],
            ),
            ("a: [{id: X}]", vec![no_pattern("1:5", "add `pattern: '…'`")]),
            (
                "a: [{pattern: x, Sumary: y, owner: z}]",
                vec!["t.yml:1:18: `Sumary` is kept as metadata, and nothing else [unknown-key]; did you mean `summary`?".to_owned()],
            ),
        ] {
            assert_eq!(read(text).1, told, "{text}");
        }
    }
}

//! Findings as SARIF 2.1.0, which code scanning reads.
//!
//! The format: OASIS, "Static Analysis Results Interchange Format (SARIF)
//! Version 2.1.0".

use std::{collections::BTreeSet, fmt::Write as _, io};

use serde_json::{Value, json};
use signatures_alerts::legible;
use signatures_document::yaml::{Source, Span};

use super::masked::Quotes;
use crate::{
    finding::{Checked, Finding, Severity},
    rules::{Rule, rule_named},
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn print(files: &[Checked<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let found = || files.iter().flat_map(|f| f.findings.iter().map(move |finding| (f, finding)));
    let names: BTreeSet<_> = found().map(|(_, finding)| finding.rule).collect();
    let rules: Vec<_> = names.iter().filter_map(|name| rule_named(name)).map(rule).collect();
    let results = files.iter().flat_map(|file| {
        let quotes = Quotes::of(file.source);
        file.findings.iter().map(move |finding| result(file.source, &quotes, finding))
    });
    let results: Vec<_> = results.collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "sigcheck",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    writeln!(out, "{}", legible::json(serde_json::to_string_pretty(&log)?))
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": {"text": rule.summary()},
        "help": {"text": rule.documentation(), "markdown": rule.documentation()},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn result(source: &Source, quotes: &Quotes, finding: &Finding) -> Value {
    let range = finding.range(source);
    let place = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(source.name())},
        "region": region(source, Span::new(range.start, range.end)),
    }});
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": quotes.said(&text)},
        "locations": [place],
    });
    // A fix that cannot be said can still be made, by --fix.
    if let Some(fix) = finding.fix.as_ref().filter(|fix| quotes.said(&fix.text) == fix.text) {
        result["fixes"] = json!([{
            "description": {"text": quotes.said(finding.help.as_deref().unwrap_or("mend it"))},
            "artifactChanges": [{
                "artifactLocation": {"uri": uri(source.name())},
                "replacements": [{
                    "deletedRegion": region(source, fix.span),
                    "insertedContent": {"text": fix.text},
                }],
            }],
        }]);
    }
    result
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a URI reference, relative as it is given, without what leads nowhere.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => _ = segments.pop(),
            segment => segments.push(segment),
        }
    }
    let start = if path.starts_with('/') { "file:///" } else { "" };
    let mut uri = start.to_owned();
    for byte in segments.join("/").bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        for (path, expected) in [
            ("./config/a b.yml", "config/a%20b.yml"),
            ("/srv/ä.yml", "file:///srv/%C3%A4.yml"),
            (".//x.yml", "x.yml"),
            ("a//b/./c/../x.yml", "a/b/x.yml"),
            ("../../a/../x.yml", "../../x.yml"),
            ("//srv///x#1?.yml", "file:///srv/x%231%3F.yml"),
            ("/../x.yml", "file:///../x.yml"),
            ("c:50%.yml", "c%3A50%25.yml"),
            ("<stdin>", "%3Cstdin%3E"),
        ] {
            assert_eq!(uri(path), expected, "{path}");
        }
        #[cfg(unix)]
        assert_eq!(uri(r"a\b.yml"), "a%5Cb.yml");
    }
}

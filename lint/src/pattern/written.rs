//! One pattern, and how to point at its parts and replace them.

use std::{ops::Range, sync::OnceLock};

use regex_syntax::{
    ast::{Ast, parse::ParserBuilder},
    hir::Hir,
};
use signatures_document::yaml::{self, NodeKind, ScalarStyle, Source, Span};
use signatures_engine::{
    Taxonomy,
    taxonomy::{AllowlistEntry, Located, Signature},
};
use signatures_matcher::{NEST_LIMIT, Pattern};

use crate::finding::Fix;

/// A pattern, and the file it stands in.
#[derive(Clone)]
pub(crate) struct WrittenPattern<'a> {
    source: &'a Source,
    at: Located,
    /// The compiled pattern.
    pub(crate) pattern: &'a Pattern,
    ast: OnceLock<Option<Ast>>,
    hir: OnceLock<Option<Hir>>,
    /// What it may be called in a message.
    pub(crate) owner: String,
    /// Whether it is an entry of the allowlist.
    pub(crate) is_noise: bool,
}

impl<'a> WrittenPattern<'a> {
    /// All patterns of a taxonomy, one after the other.
    pub(crate) fn all(
        source: &'a Source,
        taxonomy: &'a Taxonomy,
    ) -> impl Iterator<Item = WrittenPattern<'a>> {
        let signature =
            |s: &'a Signature| Self::new(source, &s.pattern, s.pattern_at, s.id.clone());
        let entry = |e: &'a AllowlistEntry| Self {
            is_noise: true,
            ..Self::new(source, &e.pattern, e.pattern_at, "this entry of the allowlist".to_owned())
        };
        let entries = taxonomy.noise_allowlist.iter().map(entry);
        taxonomy.signatures.iter().map(signature).chain(entries)
    }

    fn new(source: &'a Source, pattern: &'a Pattern, at: Located, owner: String) -> Self {
        Self {
            source,
            at,
            pattern,
            ast: OnceLock::new(),
            hir: OnceLock::new(),
            owner,
            is_noise: false,
        }
    }

    /// Its syntax with places; none for a pattern on the backtracking engine.
    pub(crate) fn ast(&self) -> Option<&Ast> {
        let parse = || {
            let mut parser = ParserBuilder::new().nest_limit(NEST_LIMIT).build();
            parser.parse(self.text()).ok()
        };
        let is_linear = !self.pattern.is_backtracking();
        self.ast.get_or_init(|| is_linear.then(parse).flatten()).as_ref()
    }

    /// What it means; likewise.
    pub(crate) fn hir(&self) -> Option<&Hir> {
        self.hir.get_or_init(|| self.pattern.hir()).as_ref()
    }

    /// The text of the pattern, escapes of the file resolved.
    pub(crate) fn text(&self) -> &'a str {
        self.pattern.as_str()
    }

    /// Where the whole pattern stands.
    pub(crate) fn whole(&self) -> Span {
        self.at.span
    }

    /// Where a part of it stands.
    pub(crate) fn span(&self, part: Range<usize>) -> Span {
        self.source.within_scalar(self.at.span, self.at.style, part)
    }

    /// The edit that puts `text` in place of a part; none where the manner of
    /// writing makes that a matter of judgement.
    pub(crate) fn fix(&self, part: Range<usize>, text: &str) -> Option<Fix> {
        let raw = &self.source.text()[self.at.span.start..self.at.span.end];
        if raw.contains('\n') {
            return None;
        }
        let text = match self.at.style {
            ScalarStyle::SingleQuoted => text.replace('\'', "''"),
            ScalarStyle::DoubleQuoted => text.replace('\\', "\\\\").replace('"', "\\\""),
            // Without quotes almost anything may mean something to YAML.
            ScalarStyle::Plain if is_plain(self.text(), &part, text) => text.to_owned(),
            ScalarStyle::Plain | ScalarStyle::Block => return None,
        };
        Some(Fix { span: self.span(part), text })
    }
}

/// Whether a plain scalar stays one when a part of it is replaced.
fn is_plain(value: &str, part: &Range<usize>, text: &str) -> bool {
    let edited = format!("{}{text}{}", &value[..part.start], &value[part.end..]);
    let document = format!("- {edited}\n");
    let Ok(Some(root)) = yaml::parse(&document) else { return false };
    match root.kind {
        NodeKind::Sequence(items) => {
            items.len() == 1 && items[0].as_text() == Some(edited.as_str()) && !items[0].is_null()
        }
        _ => false,
    }
}

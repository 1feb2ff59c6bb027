//! One pattern, and how to point at its parts and replace them.

use std::{ops::Range, sync::OnceLock};

use regex_syntax::{
    ast::{Ast, parse::ParserBuilder},
    hir::Hir,
};
use signatures_document::yaml::{Source, Span};
use signatures_engine::{
    Taxonomy,
    taxonomy::{AllowlistEntry, Located, Signature},
};
use signatures_matcher::{NEST_LIMIT, Pattern};

use super::change::Change;
use crate::{finding::Fix, scalar_edit};

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

    /// The edit that puts `text` in place of a part, which is safe where all that was
    /// found is found, and nothing else.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn fix(&self, part: Range<usize>, text: &str) -> Result<Fix, &'static str> {
        let is_safe = match self.change(&part, text) {
            Some(change) => change == Change::Nothing,
            None => return Err("with it the pattern would be no regular expression"),
        };
        let fix = scalar_edit::edit(self.source, self.at, self.text(), part, text)?;
        Ok(Fix { is_safe, ..fix })
    }

    /// What it would change to put `text` in place of a part; none where that leaves no
    /// regular expression.
    pub(crate) fn change(&self, part: &Range<usize>, text: &str) -> Option<Change> {
        let value = self.text();
        let after = format!("{}{text}{}", &value[..part.start], &value[part.end..]);
        let after = Pattern::compile(&after).ok()?;
        Some(Change::between(self.pattern, &after))
    }
}

//! The choices themselves.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use sigcheck_backtracking::Dialect;

use super::dialect;
use crate::{cache::Cache, finding::Severity};

/// What a team has chosen; the command line adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// What is validated when the command line names nothing.
    pub(crate) files: Vec<PathBuf>,
    /// Only these rules; all when empty.
    pub(crate) select: Vec<String>,
    /// All rules but these.
    pub(crate) ignore: Vec<String>,
    /// Whether warnings fail the check too.
    pub(crate) deny_warnings: bool,
    /// How much a finding of a rule weighs.
    pub(crate) severity: BTreeMap<String, Severity>,
    /// By whose rules the patterns run, for what backtracking can cost.
    #[serde(rename = "engine", with = "dialect::DialectName")]
    pub(crate) dialect: Dialect,
    /// The dialects that the taxonomy is read as too; all when not given.
    #[serde(deserialize_with = "dialect::others")]
    pub(crate) portable_to: Option<Vec<Dialect>>,
    /// Whether nothing is kept of what takes long to find out.
    pub(crate) no_cache: bool,
    /// Where what takes long to find out is kept; the command line says.
    #[serde(skip)]
    pub(crate) cache: Cache,
}

impl Config {
    /// Whether a rule is looked for.
    pub(crate) fn wants(&self, rule: &str) -> bool {
        let named = |rules: &[String]| rules.iter().any(|name| name == rule);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Whether the taxonomy is read as that dialect too.
    pub(crate) fn is_portable_to(&self, dialect: Dialect) -> bool {
        self.portable_to.as_ref().is_none_or(|dialects| dialects.contains(&dialect))
    }
}

//! ## What it does
//! Finds text that is no YAML: broken quotes or brackets, wrong indentation, a
//! key that is there twice, a second document; also more than 16 MiB of text, and
//! what takes more than 64 MiB of memory once aliases are followed.
//!
//! ## Why is this bad?
//! Nothing of the file can be used. At start that is fatal; on a reload the
//! last good file stays in force, and the change does not arrive.
//!
//! ## Example
//! ```yaml
//! categories:
//!   network_db: [signatures: [
//! ```
//!
//! ## Use instead
//! ```yaml
//! categories:
//!   network_db:
//!     signatures:
//!       - { pattern: 'ECONNRESET', summary: Connection reset }
//! ```
//!
//! ## References
//! - [YAML 1.2](https://yaml.org/spec/1.2.2/)

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "invalid-yaml",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("invalid_yaml.rs"),
};

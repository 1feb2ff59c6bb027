//! The characters of a syntax tree's leaves.

use regex_syntax::hir::{Class, ClassUnicode};

/// The class in characters; bytes of a class without Unicode are ASCII.
pub(super) fn unicode(class: &Class) -> ClassUnicode {
    match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => class.to_unicode_class().unwrap_or_else(ClassUnicode::empty),
    }
}

/// The characters of a literal.
pub(super) fn characters(literal: &[u8]) -> impl Iterator<Item = char> {
    String::from_utf8_lossy(literal).chars().collect::<Vec<_>>().into_iter()
}

//! What reading a file came to.

use crate::{diagnostic::Diagnostic, yaml::Source};

/// All the diagnostics of a file, and its value unless one of them is an error.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// What was read; none when any diagnostic is an error.
    pub value: Option<T>,
    /// What could be made of a file with errors, for those who look for more
    /// of them; none when there is a value.
    pub salvaged: Option<T>,
    /// Every diagnostic, in file order.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Reading<T> {
    /// A value that was read, with what was found on the way.
    #[must_use]
    pub fn new(value: T, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        let broken = diagnostics.iter().any(Diagnostic::is_error);
        let (value, salvaged) = if broken { (None, Some(value)) } else { (Some(value), None) };
        Self { value, salvaged, diagnostics }
    }

    /// The value, or all the errors as one.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn into_result(self, source: &Source) -> Result<T, Unusable> {
        self.value.ok_or_else(|| {
            let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
            Unusable { errors: errors.map(|error| error.located(source)).collect() }
        })
    }
}

/// A file that cannot be used: every error in it, with file, line and column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", errors.join("\n"))]
pub struct Unusable {
    /// One line for each error.
    pub errors: Vec<String>,
}

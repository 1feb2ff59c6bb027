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

    /// What to say of a file that can be used and has something doubtful in it: how
    /// much, and the worst of it. None of one that is fine, or broken.
    #[must_use]
    pub fn doubts(&self, source: &Source) -> Option<String> {
        let worst = self.diagnostics.iter().min_by_key(|d| d.code.severity())?;
        if worst.is_error() {
            return None;
        }
        let worst = worst.located(source);
        Some(match self.diagnostics.len() {
            1 => worst,
            count => format!("{worst} (the worst of {count}: `sigcheck validate` tells them)"),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostic::{Code, SCHEMA, UNKNOWN_KEY},
        yaml::Span,
    };

    #[test]
    fn of_what_is_doubtful_the_worst_is_told_and_how_much_there_is() {
        let source = Source::new("a.yml", "x: 1\ny: 2\n");
        let doubts = |codes: &[(Code, usize)]| {
            let told =
                codes.iter().map(|(code, at)| Diagnostic::new(*code, Span::new(*at, *at), "no"));
            Reading::new((), told.collect()).doubts(&source)
        };
        let mistake = Code::mistake("twice");
        assert_eq!(doubts(&[]), None);
        assert_eq!(doubts(&[(UNKNOWN_KEY, 0)]).unwrap(), "a.yml:1:1: no [unknown-key]");
        assert_eq!(
            doubts(&[(UNKNOWN_KEY, 0), (mistake, 5)]).unwrap(),
            "a.yml:2:1: no [twice] (the worst of 2: `sigcheck validate` tells them)"
        );
        assert_eq!(doubts(&[(UNKNOWN_KEY, 0), (SCHEMA, 5)]), None);
    }
}

//! Who reads standard output, and whether colours are wanted.

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice, stream::RawStream};

/// How wide a terminal is that does not say it.
const COLUMNS: usize = 80;

/// Whether what goes there is to be coloured: not where nobody sees it, nor where
/// `NO_COLOR` is set, or the terminal knows no colours. `anstream` decides it, for what
/// is written through it too.
#[must_use]
pub fn is_coloured(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// How many columns the terminal behind standard output has; none where there is no
/// terminal, and all is to stay whole. What `COLUMNS` says stands over what it says
/// itself.
#[must_use]
pub fn columns() -> Option<usize> {
    let out = io::stdout();
    out.is_terminal().then(|| {
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let its_own = || terminal_size::terminal_size_of(&out).map(|(width, _)| width.0.into());
        said.or_else(its_own).filter(|columns| *columns > 0).unwrap_or(COLUMNS)
    })
}

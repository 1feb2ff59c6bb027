//! Whether short help fits a terminal.

use std::collections::BTreeSet;

use clap::Command;

const COLUMNS: usize = 80;
const LINES: usize = 40;

/// What does not fit a terminal of 80 columns and 40 lines, of the short help of a
/// command line and all its subcommands.
#[must_use]
pub fn oversize(command: &Command) -> Vec<String> {
    let mut found = Vec::new();
    look(command.clone().term_width(COLUMNS), command.get_name(), &mut found);
    found
}

fn look(mut command: Command, path: &str, found: &mut Vec<String>) {
    let help = command.render_help().to_string();
    if help.lines().count() > LINES {
        found.push(format!("`{path} -h` has {} lines", help.lines().count()));
    }
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    // Those would be wrapped, and could not be copied.
    let lines: BTreeSet<_> = help.lines().chain(examples.lines()).collect();
    let wide = lines.into_iter().filter(|line| line.chars().count() > COLUMNS);
    found.extend(wide.map(|line| format!("`{path} -h` is too wide: {line}")));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        look(sub.clone().term_width(COLUMNS), &path, found);
    }
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    #[test]
    fn help_that_is_too_long_or_too_wide_is_found() {
        let arg = |number: usize| {
            let name: &'static str = format!("option-{number}").leak();
            Arg::new(name).long(name)
        };
        let long = Command::new("long").args((0..40).map(arg));
        let wide = Command::new("wide").before_help("x".repeat(81));
        let fits = Command::new("fits").before_help("x".repeat(80)).args((0..30).map(arg));
        let found = oversize(&Command::new("tool").subcommands([long, wide, fits]));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("`tool long -h` has 4"), "{found:?}");
        assert!(found[1].starts_with("`tool wide -h` is too wide: xxx"), "{found:?}");
    }
}

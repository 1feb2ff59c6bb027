//! One word means one thing: the options of a program against the page that lists
//! those of all.

use std::collections::BTreeSet;

use clap::{Arg, Command};
use signatures_configuration::environment;

/// How an option is written, as a row of the page has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Option {
    /// `-t, --taxonomy FILE`.
    spelling: String,
    /// `SIGNATURES_TAXONOMY, ERROR_SIGNATURES_PATH`, or nothing.
    variables: String,
}

/// What differs between the options of a command line and a page in Markdown, whose
/// tables have a row for each: spelling, variables, programs, meaning. An option that
/// has a short form or a variable, or that more than one command has, is to be there,
/// and be written alike everywhere; a row that names the program is to be of use in it.
#[must_use]
pub fn differences(command: &Command, page: &str) -> Vec<String> {
    let program = command.get_name();
    let listed: BTreeSet<_> =
        rows(page).filter(|(_, programs)| programs.contains(program)).collect();
    let listed: BTreeSet<_> = listed.into_iter().map(|(option, _)| option).collect();
    let mut used = Vec::new();
    collect(command, program, &mut used);
    let mut found = Vec::new();
    for (place, option) in &used {
        let long = |option: &Option| option.spelling.split("--").nth(1).map(first_word);
        let spread = used.iter().filter(|(_, other)| long(other) == long(option)).count() > 1;
        let begins_short = !option.spelling.starts_with("--");
        let must = begins_short || !option.variables.is_empty() || spread;
        let known = listed.iter().find(|known| long(known) == long(option));
        match known {
            Some(known) if known != option => {
                found.push(format!("`{place}` has {option:?}, the page {known:?}"));
            }
            None if must => {
                found.push(format!("`{place}` has {option:?}, which is not on the page"))
            }
            _ => {}
        }
    }
    let unused = listed.iter().filter(|known| !used.iter().any(|(_, option)| option == *known));
    found.extend(unused.map(|known| format!("no command has {known:?}")));
    found
}

fn first_word(text: &str) -> String {
    text.split([' ', '=']).next().unwrap_or_default().to_owned()
}

fn collect(command: &Command, path: &str, used: &mut Vec<(String, Option)>) {
    let own =
        command.get_arguments().filter(|arg| arg.get_long().is_some() && arg.get_id() != "help");
    used.extend(
        own.filter(|arg| arg.get_id() != "version").map(|arg| (path.to_owned(), option(arg))),
    );
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        collect(sub, &format!("{path} {}", sub.get_name()), used);
    }
}

fn option(arg: &Arg) -> Option {
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let long = arg.get_long().unwrap_or_default();
    let takes = arg.get_action().takes_values();
    let value = arg.get_value_names().filter(|_| takes).and_then(|names| names.first());
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    // Shaped, it may go by its alias.
    let variable = arg.get_env().and_then(|name| name.to_str()).unwrap_or_default();
    let name = environment::own_name(variable);
    let alias = environment::alias(name).map(|alias| format!(", {alias}")).unwrap_or_default();
    Option { spelling: format!("{short}--{long}{value}"), variables: format!("{name}{alias}") }
}

/// The options of the page, and the programs that have them.
fn rows(page: &str) -> impl Iterator<Item = (Option, String)> {
    page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let spelling = cells.next()?.replace('`', "").replace("\\|", "|");
        let variables = cells.next()?.replace('`', "");
        spelling.contains("--").then_some(())?;
        let variables = variables.trim().to_owned();
        Some((Option { spelling, variables }, cells.next()?.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
| option | variables | programs | meaning |
|---|---|---|---|
| `-q, --quiet` |  | tool, other | Says less. |
| `--state-dir DIR` | `SIGNATURES_STATE_DIR` | tool | Where. |
| `--aside X` |  | other | Of another. |
";

    fn tool(quiet: Arg) -> Command {
        let state = || {
            Arg::new("state-dir").long("state-dir").value_name("DIR").env("SIGNATURES_STATE_DIR")
        };
        let quiet = quiet.long("quiet").action(clap::ArgAction::SetTrue);
        Command::new("tool")
            .subcommand(Command::new("a").arg(quiet).arg(state()))
            .subcommand(Command::new("b").arg(state()).arg(Arg::new("own").long("own")))
    }

    #[test]
    fn an_option_that_is_written_otherwise_or_is_not_listed_is_found() {
        let quiet = || Arg::new("quiet");
        assert_eq!(differences(&tool(quiet().short('q')), PAGE), <[&str; 0]>::default());
        let found = differences(&tool(quiet().short('s')), PAGE);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`tool a` has") && found[0].contains("-s, --quiet"), "{found:?}");
        assert!(found[1].contains("no command has"), "{found:?}");

        let twice =
            tool(quiet().short('q')).subcommand(Command::new("c").arg(Arg::new("own").long("own")));
        let found = differences(&twice, PAGE);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|one| one.contains("--own") && one.contains("not on the page")));
    }
}

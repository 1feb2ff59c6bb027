//! How help looks, and which variables set options.

use clap::{Arg, Command};
use signatures_configuration::environment;

/// Examples come first: they are what most look for.
const HELP: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// The one that every program has; its example names the program.
const COMPLETIONS: &str = "completions";

/// A command line with the look that our programs share, its subcommands too.
///
/// `-h` fits a screen: the names in the environment, and what is hidden there, are
/// in `--help`. An option that is set by a variable `SIGNATURES_…` is set by its
/// [alias](environment::alias) as well, where only that says something.
#[must_use]
pub fn shaped(command: Command) -> Command {
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let name = command.get_name().to_owned();
    let command =
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, shaped));
    let command = match command.find_subcommand(COMPLETIONS) {
        None => command,
        Some(_) => command.mut_subcommand(COMPLETIONS, |sub| {
            sub.before_help(format!(
                "Example:\n  {name} {COMPLETIONS} bash > /etc/bash_completion.d/{name}"
            ))
        }),
    };
    command.help_template(HELP).max_term_width(100).mut_args(set_by_environment)
}

fn set_by_environment(arg: Arg) -> Arg {
    let Some(name) = arg.get_env().and_then(|name| name.to_str()).map(ToOwned::to_owned) else {
        return arg;
    };
    let alias = environment::alias(&name);
    let long = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let or = alias.map(|alias| format!(" or {alias}")).unwrap_or_default();
    let arg = arg.hide_env(true).long_help(format!("{long} [env: {name}{or}]"));
    match alias {
        Some(alias) if environment::variable_named(&name).is_none() => arg.env(alias),
        _ => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool() -> Command {
        let option = |name: &'static str| Arg::new(name).long(name).help(name);
        let run = Command::new("run")
            .about("Runs")
            .before_help("Examples:\n  tool run")
            .after_long_help("The long story.")
            .arg(option("state-dir").env(environment::STATE_DIR))
            .arg(option("rare").env("TOOL_RARE").hide_short_help(true));
        shaped(Command::new("tool").subcommand(run))
    }

    #[test]
    fn short_help_begins_with_examples_and_is_without_variables() {
        let mut tool = tool();
        let run = tool.find_subcommand_mut("run").unwrap();
        let short = run.render_help().to_string();
        assert_eq!(
            short,
            "Runs\n\nUsage: run [OPTIONS]\n\nExamples:\n  tool run\n\nOptions:\n      \
             --state-dir <state-dir>  state-dir\n  -h, --help                   Print help (see more with '--help')\n"
        );
        let long = run.render_long_help().to_string();
        assert!(long.contains("state-dir [env: SIGNATURES_STATE_DIR]"), "{long}");
        assert!(long.contains("rare [env: TOOL_RARE]"), "{long}");
        assert!(long.ends_with("The long story.\n"), "{long}");
    }
}

//! Named parameters as the words that they stand for.

use super::{
    command::Command,
    specification::{Kind, Specification},
    usage::{CommandError, Wrong},
    words::split,
};

impl Command {
    /// The command of that name with these parameters, as a page or a program says
    /// them. An empty value says nothing.
    ///
    /// # Errors
    /// When there is no such command, or parameter, or it says what it must not.
    pub fn from_parameters(
        name: &str,
        parameters: &[(String, String)],
    ) -> Result<Self, CommandError> {
        let specification =
            Specification::of(name).ok_or_else(|| CommandError::Unknown(name.to_owned()))?;
        let words = words(specification, parameters).map_err(|w: Wrong| w.with(specification))?;
        Self::of_words(specification, &words)
    }
}

/// In the order of the usage.
fn words(
    specification: &Specification,
    parameters: &[(String, String)],
) -> Result<Vec<String>, Wrong> {
    let known = |name: &str| specification.parameters.iter().any(|known| known.name == name);
    if let Some((name, _)) = parameters.iter().find(|(name, _)| !known(name)) {
        return Err(format!("there is no parameter `{name}`").into());
    }
    let mut words = vec![specification.name.to_owned()];
    let mut switches = Vec::new();
    for parameter in specification.parameters {
        let mut said = parameters.iter().filter(|(name, _)| name == parameter.name);
        let value = said.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty());
        if said.next().is_some() {
            return Err(format!("`{}` is said twice", parameter.name).into());
        }
        let Some(value) = value else {
            if parameter.required {
                return Err(format!("`{}` is missing", parameter.name).into());
            }
            continue;
        };
        match (parameter.kind, parameter.name) {
            (Kind::Switch, name) => match value {
                "true" => switches.push(switch(name).to_owned()),
                "false" => {}
                _ => return Err(format!("`{name}` is true or false").into()),
            },
            (_, "matchers") => {
                words.extend(split(value).map_err(|error| error.to_string())?);
            }
            (_, name) if is_named(specification.name, name) => {
                words.push(format!("{name}={value}"));
            }
            _ => words.push(value.to_owned()),
        }
    }
    words.extend(switches);
    Ok(words)
}

/// Whether it is written with its name.
fn is_named(command: &str, parameter: &str) -> bool {
    match command {
        "errors" => parameter != "window",
        "alerts" => parameter == "severity",
        _ => false,
    }
}

/// How a switch is written.
fn switch(name: &str) -> &str {
    match name {
        "verbose" => "-v",
        "force" => "--force",
        name => name,
    }
}

//! Erlang and Elixir: the innermost frame is the first.

use super::{
    exception::{Exception, Frame},
    place::frame,
};

/// Applications of the languages and of well-known frameworks.
const LIBRARIES: [&str; 22] = [
    "elixir",
    "stdlib",
    "kernel",
    "mix",
    "logger",
    "ex_unit",
    "iex",
    "ecto",
    "ecto_sql",
    "db_connection",
    "postgrex",
    "myxql",
    "phoenix",
    "phoenix_live_view",
    "plug",
    "plug_cowboy",
    "cowboy",
    "bandit",
    "thousand_island",
    "absinthe",
    "oban",
    "telemetry",
];

/// Modules of Erlang's own.
const MODULES: [&str; 12] = [
    "gen_server",
    "gen_statem",
    "gen_event",
    "gen",
    "proc_lib",
    "supervisor",
    "lists",
    "maps",
    "erl_eval",
    "erlang",
    "timer",
    "application_master",
];

/// What the lines say if one is of the form `** (RuntimeError) no price`, or a report of
/// Erlang's.
pub(super) fn parse(lines: &[&str]) -> Option<Exception> {
    elixir(lines).or_else(|| crash(lines)).or_else(|| term(lines))
}

fn elixir(lines: &[&str]) -> Option<Exception> {
    let mut types = Vec::new();
    let mut root = None;
    for (at, line) in lines.iter().enumerate() {
        let Some((name, message)) = line.trim_start().strip_prefix("** (").and_then(named) else {
            continue;
        };
        types.push(name.to_owned());
        root = Some((at, message));
    }
    let (at, message) = root?;
    let frames = lines[at + 1..].iter().take_while(|line| line.starts_with([' ', '\t']));
    let frames: Vec<Frame> = frames.filter_map(|line| elixir_frame(line)).collect();
    Some(Exception::new(types, message, frames))
}

/// `RuntimeError) no price`.
fn named(text: &str) -> Option<(&str, &str)> {
    let (name, message) = text.split_once(')')?;
    let name = name.split_whitespace().next()?;
    Some((name, message.trim_start()))
}

/// `(shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.total/1`.
fn elixir_frame(line: &str) -> Option<Frame> {
    let text = line.trim();
    let (application, place) = match text.strip_prefix('(').and_then(|text| text.split_once(") ")) {
        Some((application, place)) => (application, place),
        None => ("", text),
    };
    let (path, function) = place.split_once(": ")?;
    let is_place = path.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok());
    let application = application.split(' ').next().unwrap_or_default();
    let is_own = !LIBRARIES.contains(&application) && !path.starts_with("deps/");
    (is_place && is_own).then(|| frame(without_arity(function), path))
}

/// `Shop.Cart.total/1`, and `anonymous fn/1 in Shop.Cart.total/1`.
fn without_arity(function: &str) -> &str {
    let name = function.rsplit(" in ").next().unwrap_or(function);
    name.rsplit_once('/').map_or(name, |(name, _)| name)
}

/// A crash report: `exception error: …`, and `in function  shop:total/1 (shop.erl, line 5)`
/// below it.
fn crash(lines: &[&str]) -> Option<Exception> {
    let (at, said) = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, line.trim_start().strip_prefix("exception ")?)))?;
    let (kind, message) = said.split_once(": ")?;
    let frames = lines[at + 1..].iter().filter_map(|line| {
        let text = line.trim_start();
        let called = text.strip_prefix("in function ").or(text.strip_prefix("in call from "))?;
        let (function, place) = called.trim().split_once(" (")?;
        erlang_frame(without_arity(function), place.split(',').next()?)
    });
    let frames: Vec<Frame> = frames.collect();
    Some(Exception::new(vec![kind.to_owned()], message, frames))
}

/// The term that a process ended with: `{badarith,[{shop,total,1,[{file,"shop.erl"},…`.
fn term(lines: &[&str]) -> Option<Exception> {
    const MARKS: [&str; 2] = ["with exit value:", "Reason for termination =="];
    let mark = lines.iter().position(|line| MARKS.iter().any(|mark| line.contains(mark)))?;
    let said: String =
        lines[mark..].iter().map(|line| line.trim().trim_start_matches("** ")).collect();
    let said = MARKS.iter().find_map(|mark| Some(said.split_once(mark)?.1))?;
    let (reason, stack) = said.trim_start().strip_prefix('{')?.split_once(",[{")?;
    let reason = reason.trim_start_matches('{');
    let (kind, message) = reason.split_once(',').unwrap_or((reason, ""));
    let mut frames = Vec::new();
    let mut parts = stack.split("[{file,\"");
    let mut before = parts.next()?;
    for part in parts {
        let (file, rest) = part.split_once('"')?;
        let called: Vec<&str> = before.rsplit('{').next()?.split(',').collect();
        if let [module, function, ..] = called[..] {
            frames.extend(erlang_frame(&format!("{module}:{function}"), file));
        }
        before = rest;
    }
    Some(Exception::new(vec![kind.to_owned()], message.trim_end_matches('}'), frames))
}

fn erlang_frame(function: &str, file: &str) -> Option<Frame> {
    let module = function.split(':').next().unwrap_or_default();
    (!MODULES.contains(&module)).then(|| frame(function, file))
}

//! What two patterns have to do with each other, and the texts that prove it.
//!
//! ```sh
//! cargo run -p sigcheck-language --example relation -- 'ECONNRESET' 'read ECONNRESET'
//! ```

use std::{error::Error, process::ExitCode};

use sigcheck_language::Relation;
use signatures_matcher::Pattern;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second] = arguments.as_slice() else {
        eprintln!("usage: relation PATTERN PATTERN");
        return ExitCode::from(2);
    };
    match relation(first, second) {
        Ok(relation) => {
            print(&relation);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn relation(first: &str, second: &str) -> Result<Relation, Box<dyn Error>> {
    let tree = |pattern: &str| -> Result<_, Box<dyn Error>> {
        let tree = Pattern::compile(pattern)?.hir();
        tree.ok_or_else(|| format!("`{pattern}` needs a backtracking engine").into())
    };
    Ok(Relation::between(&tree(first)?, &tree(second)?)?)
}

fn print(relation: &Relation) {
    let Relation { both, only_first, only_second } = relation;
    println!(
        "{}",
        match (both, only_first, only_second) {
            (None, ..) => "no line has both",
            (_, None, None) => "both find the same lines",
            (_, None, Some(_)) => "the second finds all that the first finds, and more",
            (_, Some(_), None) => "the first finds all that the second finds, and more",
            (_, Some(_), Some(_)) => "each finds lines that the other misses",
        }
    );
    for (who, text) in
        [("both", both), ("only the first", only_first), ("only the second", only_second)]
    {
        if let Some(text) = text {
            println!("  {who}: `{text}`");
        }
    }
}

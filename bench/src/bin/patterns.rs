//! Prints a taxonomy's patterns, one a line, as `grep -f` and `rg -f` read them.

use std::{env, path::Path};

use signatures_bench::taxonomy;

fn main() {
    for path in env::args_os().skip(1) {
        for pattern in taxonomy::of_file(Path::new(&path)).patterns {
            println!("{pattern}");
        }
    }
}

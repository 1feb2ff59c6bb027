//! The `vector-signatures` command.
fn main() {}

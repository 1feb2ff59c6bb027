//! Any bytes of who asks for the status: they are answered or refused, the token is
//! told to nobody, and nothing else to who does not know it.
//!
//! ```sh
//! cargo +nightly fuzz run status --fuzz-dir transform/program/fuzz
//! ```
#![no_main]

use std::{cell::OnceCell, fs, process};

use libfuzzer_sys::fuzz_target;
use vector_signatures::AskedPages;

const TOKEN: &str = "t0k3n";

/// What only the pages behind the token say.
const BEHIND: [&str; 2] = ["\"aggregation\"", "vector_signatures_"];

thread_local! {
    static PAGES: OnceCell<AskedPages> = const { OnceCell::new() };
}

fn start() -> AskedPages {
    let folder = std::env::temp_dir().join(format!("status-fuzz-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (token, taxonomy) = (folder.join("token"), folder.join("taxonomy.yml"));
    fs::write(&token, TOKEN).expect("a token");
    fs::write(&taxonomy, "{critical: [boom]}").expect("a taxonomy");
    let (token, taxonomy) = (token.display().to_string(), taxonomy.display().to_string());
    let args = ["serve", "--forward", "http://127.0.0.1:1", "--aggregate=off"];
    let files = ["--status-token-file", &token, "--taxonomy", &taxonomy];
    AskedPages::of(&[&args[..], &files].concat()).expect("pages")
}

fuzz_target!(|bytes: &[u8]| {
    let answer = PAGES.with(|pages| pages.get_or_init(start).ask(bytes));
    let answer = answer.expect("an answer in time");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1."), "{answer}");
    assert!(!answer.contains(TOKEN), "{answer}");
    let knows = String::from_utf8_lossy(bytes).contains(TOKEN);
    assert!(knows || BEHIND.iter().all(|text| !answer.contains(text)), "{answer}");
});

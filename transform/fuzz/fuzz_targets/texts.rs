//! Any text to what identifies an error.
//!
//! ```sh
//! cargo +nightly fuzz run texts --fuzz-dir transform/fuzz transform/fuzz/corpus/texts tests/cases
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;
use signatures_engine::{
    canonical::{canonical, redacted_canonical},
    extended::{Buffer, extended, extended_in, redacted_extended, steps},
};
use signatures_event::{exception_in_text, without_escapes};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let seed = canonical(&text);
    assert!(seed.chars().count() <= 800, "it is cut");
    assert_eq!(seed, canonical(&text));
    let _ = redacted_canonical(&text);
    let whole = extended(&text);
    assert_eq!(extended_in(&mut Buffer::new(), &text), whole);
    let _ = (redacted_extended(&text), steps(&text), exception_in_text(&text));
    let plain = without_escapes(text);
    assert_eq!(without_escapes(plain.clone()), plain);
});

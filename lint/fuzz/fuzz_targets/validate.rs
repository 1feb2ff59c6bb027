//! Any bytes through everything that `sigcheck validate` does.
//!
//! ```sh
//! cp lint/tests/fixtures/*.yml config/*.yml lint/fuzz/corpus/validate/
//! cargo +nightly fuzz run validate --fuzz-dir lint/fuzz
//! ```
//!
//! What follows a NUL is the alert settings; without one, the bytes are tried as
//! a taxonomy and as alert settings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sigcheck::survey;

fuzz_target!(|bytes: &[u8]| {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => survey(&bytes[..at], &bytes[at + 1..]),
        None => {
            survey(bytes, b"");
            survey(b"", bytes);
        }
    }
});

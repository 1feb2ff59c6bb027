//! Any `Host` header of who asks for the status, and any entry of `status.hosts`.
//!
//! ```sh
//! cargo +nightly fuzz run host --fuzz-dir transform/fuzz
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;
use signatures_configuration::{Host, HostError};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Some(host) = Host::of_header(&text) {
        // What is known for a host is one, and by itself is the same.
        assert_eq!(Host::of_header(host.as_str()).as_ref(), Some(&host));
        assert_eq!(Host::try_from(host.to_string()).as_ref(), Ok(&host));
    }
    match Host::try_from(text.clone().into_owned()) {
        Ok(host) => assert_eq!(host.as_str(), text),
        Err(HostError::Write(host)) => assert_eq!(Host::try_from(host.to_string()), Ok(host)),
        Err(_) => {}
    }
});

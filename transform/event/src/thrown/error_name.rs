//! Names of errors: `java.net.SocketTimeoutException` looks like a host, and is
//! the one thing that must stay.

/// Whether a name ends as errors' names do.
pub fn is_error_name(name: &[u8]) -> bool {
    // Most names end in none of the letters that these do.
    let ends: &[&[u8]] = match name.last().map(u8::to_ascii_lowercase) {
        Some(b'n') => &[b"exception"],
        Some(b'r') => &[b"error"],
        Some(b'e') => &[b"throwable", b"failure"],
        Some(b't') => &[b"fault", b"timeout", b"interrupt", b"exit"],
        Some(b'g') => &[b"warning"],
        _ => return false,
    };
    ends.iter().any(|end| {
        name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_known_by_the_end_of_their_names() {
        for name in [
            "FooException",
            "ERROR",
            "Throwable",
            "connectFailure",
            "SegFault",
            "readtimeout",
            "KeyboardInterrupt",
            "UserWarning",
            "SystemExit",
        ] {
            assert!(is_error_name(name.as_bytes()), "{name}");
        }
        for name in ["", "t", "errors", "exceptional", "example.com", "exits"] {
            assert!(!is_error_name(name.as_bytes()), "{name}");
        }
    }
}

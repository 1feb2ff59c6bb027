//! Why a call failed, in words.

use std::error::Error;

use tonic::Status;

use super::tls_words::tls_words;

/// What a status says, with its causes when it is this side's.
#[must_use]
pub fn reason(status: &Status) -> String {
    match status.source() {
        Some(source) => chain(source),
        None => status.message().to_owned(),
    }
}

/// An error and its causes: the transport's own message says nothing alone. What
/// TLS says is put so that an operator knows what to do.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes: Vec<String> = std::iter::successors(Some(error), |error| (*error).source())
        .map(|error| tls_words(error).unwrap_or_else(|| error.to_string()))
        .collect();
    causes.dedup();
    causes.join(": ")
}

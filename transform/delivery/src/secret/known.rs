//! The secrets of this process, for texts that nobody wrote to be shown: what code
//! panics with, its own or that of others.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError, TryLockError},
    thread,
};

use super::{
    scrubber::Scrubber,
    secret::{HIDDEN, Secret},
};

/// Those of some reloads; each brings all of them again.
const MOST: usize = 256;

static KNOWN: Mutex<VecDeque<Secret>> = Mutex::new(VecDeque::new());

/// Takes note of a secret.
pub(super) fn remember(secret: &Secret) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if secret.expose().is_empty() || known.contains(secret) {
        return;
    }
    if known.len() == MOST {
        known.pop_front();
    }
    known.push_back(secret.clone());
}

/// The text without the secrets that this process was given. To be called wherever
/// something went wrong: it waits for nobody who may wait for it, and hides all of the
/// text where it would have to.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    const TRIES: u32 = 1000;
    for _ in 0..TRIES {
        let known = match KNOWN.try_lock() {
            Ok(known) => known,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Whoever has it is through in a moment, unless it panicked with it.
            Err(TryLockError::WouldBlock) => {
                thread::yield_now();
                continue;
            }
        };
        return Scrubber::new(known.iter()).scrub(text);
    }
    HIDDEN.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_became_a_secret_is_hidden_in_any_text() {
        let secrets = ["kn0wn-new", "http://u:kn0wn-user@host/kn0wn-path"].map(Secret::new);
        let _of_a_flag = Secret::from("kn0wn-flag".to_owned());
        let text = format!("{} kn0wn-user kn0wn-path kn0wn-flag", secrets[0].expose());
        assert_eq!(without_secrets(&text), "[SECRET] [SECRET] [SECRET] [SECRET]");
        // Who panicked while it was held here would wait for himself.
        let _held = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(without_secrets("anything"), HIDDEN);
    }
}

//! What became a secret in this process.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError, TryLockError},
    thread,
};

/// Those of some reloads; each brings all of them again.
const MOST: usize = 256;

static KNOWN: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Takes note of a secret.
pub(super) fn remember(secret: &str) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if secret.is_empty() || known.iter().any(|known| known == secret) {
        return;
    }
    if known.len() == MOST {
        known.pop_front();
    }
    known.push_back(secret.to_owned());
}

/// All of them; none where that would have to wait for long, as who panicked while he
/// took note of one would for himself.
pub(super) fn known() -> Option<Vec<String>> {
    read(&KNOWN)
}

fn read(secrets: &Mutex<VecDeque<String>>) -> Option<Vec<String>> {
    const TRIES: u32 = 1000;
    for _ in 0..TRIES {
        match secrets.try_lock() {
            Ok(known) => return Some(known.iter().cloned().collect()),
            Err(TryLockError::Poisoned(poisoned)) => {
                return Some(poisoned.into_inner().iter().cloned().collect());
            }
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_himself() {
        let secrets = Mutex::new(VecDeque::from(["a".to_owned()]));
        let held = secrets.lock().unwrap();
        assert_eq!(read(&secrets), None);
        drop(held);
        assert_eq!(read(&secrets), Some(vec!["a".to_owned()]));
    }
}

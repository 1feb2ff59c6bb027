//! Who has logged in by the form: what a browser can show in place of a token.

use std::{
    collections::HashMap,
    fmt::Write,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use signatures_delivery::Secret;

use super::keys::{Holder, Keys};

/// How long a login counts.
pub(crate) const LASTS: Duration = Duration::from_secs(12 * 60 * 60);

/// How many logins there are at most; the oldest ends first.
const MOST: usize = 1000;

/// The logins of this process, by what their cookies hold: nobody else can know it.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Debug)]
struct Session {
    holder: Holder,
    /// A login ends with the token that it was made by.
    token: Secret,
    began: Instant,
}

impl Sessions {
    /// Begins one, and says what its cookie has to hold.
    ///
    /// # Errors
    /// When the system has nothing random.
    pub(crate) fn begin(&self, holder: Holder, token: Secret, now: Instant) -> io::Result<String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let id = bytes.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        });
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.lasts(now));
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.began);
            let oldest = oldest.map(|(id, _)| id.clone());
            oldest.into_iter().for_each(|id| drop(sessions.remove(&id)));
        }
        sessions.insert(id.clone(), Session { holder, token, began: now });
        Ok(id)
    }

    /// Who has logged in there, as long as that counts.
    pub(crate) fn holder(&self, id: &str, keys: &Keys, now: Instant) -> Option<Holder> {
        let sessions = self.sessions();
        let session = sessions.get(id).filter(|session| session.lasts(now))?;
        let is_in_force = keys.token_of(&session.holder) == Some(&session.token);
        is_in_force.then(|| session.holder.clone())
    }

    /// Ends one.
    pub(crate) fn end(&self, id: &str) {
        self.sessions().remove(id);
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn lasts(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began) < LASTS
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn keys(token: &str) -> Keys {
        Keys::new(None, Some((Path::new("f"), &format!("dana:{token}")))).unwrap()
    }

    #[test]
    fn a_login_ends_after_twelve_hours_by_logging_out_and_with_its_token() {
        let (token, other) = ("0123456789abcdef", "0123456789abcdeg");
        let (dana, now) = (Holder::Operator("dana".to_owned()), Instant::now());
        let sessions = Sessions::default();
        let begin = || sessions.begin(dana.clone(), Secret::new(token), now).unwrap();
        let (id, second) = (begin(), begin());
        assert_ne!(id, second);
        let holder = |id: &str, token, after| sessions.holder(id, &keys(token), now + after);
        assert_eq!(holder(&id, token, Duration::ZERO), Some(dana.clone()));
        assert_eq!(holder(&id, token, LASTS - Duration::from_secs(1)), Some(dana));
        assert_eq!(holder(&id, token, LASTS), None);
        assert_eq!(holder(&id, other, Duration::ZERO), None);
        assert_eq!(holder("", token, Duration::ZERO), None);
        sessions.end(&id);
        assert_eq!(holder(&id, token, Duration::ZERO), None);
        assert!(holder(&second, token, Duration::ZERO).is_some());
    }

    #[test]
    fn logins_are_bounded() {
        let sessions = Sessions::default();
        let now = Instant::now();
        let begin = |second| {
            let at = now + Duration::from_secs(second);
            sessions.begin(Holder::Reader, Secret::new("x"), at).unwrap()
        };
        let first = begin(0);
        (1..=MOST as u64).for_each(|second| drop(begin(second)));
        let keys = Keys::new(Some("x"), None).unwrap();
        assert_eq!(sessions.holder(&first, &keys, now), None);
        assert_eq!(sessions.sessions().len(), MOST);
    }
}

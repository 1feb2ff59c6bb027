//! The address of the next hop, which may hold a password.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::Deserialize;

/// An address as it was given. Shown, it is without who may go there: neither a log
/// nor an error has to say that.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct HopUrl(String);

impl HopUrl {
    /// The address, to be used and not to be shown.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for HopUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for HopUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let separator = if scheme.is_empty() { "" } else { "://" };
        // A password may hold what ends a host elsewhere, so its end is the last `@`.
        let (user, rest) = match rest.rsplit_once('@') {
            Some((_, rest)) => ("[SECRET]@", rest),
            None => ("", rest),
        };
        let (host, more) = match rest.find(['?', '#']) {
            Some(at) => (&rest[..at], "?[SECRET]"),
            None => (rest, ""),
        };
        write!(f, "{scheme}{separator}{user}{host}{more}")
    }
}

impl fmt::Debug for HopUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_secret() {
        for (url, shown) in [
            ("http://vector:6101", "http://vector:6101"),
            ("https://user:p@s/s@vector:6101", "https://[SECRET]@vector:6101"),
            ("user:pass@vector", "[SECRET]@vector"),
            ("http://v:1/p?token=x", "http://v:1/p?[SECRET]"),
            ("http://v:1/#x", "http://v:1/?[SECRET]"),
            ("vector", "vector"),
            ("", ""),
        ] {
            assert_eq!(
                format!("{0} {0:?}", url.parse::<HopUrl>().unwrap()),
                format!("{shown} {shown}")
            );
        }
    }
}

//! Hosts as a browser names them.

use std::{fmt, net::IpAddr};

use serde::Deserialize;

/// The longest name that DNS knows.
const MOST: usize = 253;

/// A name in lower case, or an IP address: what stands in a `Host` header, without
/// port, brackets and the dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Host(String);

/// Why a text is no [`Host`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// There is one in it.
    #[error("a host alone: write `{0}`")]
    Write(Host),
    /// It would stand for many.
    #[error("hosts by their names: there are no wildcards, list each")]
    Wildcard,
    /// DNS, and so a browser, knows it by other letters.
    #[error("the name as DNS has it, `xn--…` where it has letters beyond ASCII")]
    International,
    /// Nothing like it.
    #[error("a name as `relay.internal`, or an IP address")]
    Other,
}

impl TryFrom<String> for Host {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, HostError> {
        let found = Self::found_in(&text);
        match found {
            Some(host) if host.0 == text => Ok(host),
            Some(host) => Err(HostError::Write(host)),
            None if text.contains('*') => Err(HostError::Wildcard),
            None if !text.is_ascii() => Err(HostError::International),
            None => Err(HostError::Other),
        }
    }
}

impl Host {
    /// The host that a `Host` header names, whatever its port.
    #[must_use]
    pub fn of_header(value: &str) -> Option<Self> {
        let host = without_port(value)?;
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        match name.parse::<IpAddr>() {
            Ok(address) => Some(Self(address.to_canonical().to_string())),
            Err(_) => is_name(&name).then_some(Self(name)),
        }
    }

    /// The host of a text that may have more around it: blanks, a scheme, a path.
    fn found_in(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Self::of_header(rest.rsplit_once('@').map_or(rest, |(_, rest)| rest))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_port(text: &str) -> Option<&str> {
    let Some(rest) = text.strip_prefix('[') else {
        // An IPv6 address without brackets has no port.
        let has_port = text.matches(':').count() == 1;
        return text.split(':').next().filter(|_| has_port).or(Some(text));
    };
    let (address, port) = rest.split_once(']')?;
    (port.is_empty() || port.starts_with(':')).then_some(address)
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len())
            && label.bytes().all(is_part)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MOST && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<String, String> {
        match Host::try_from(text.to_owned()) {
            Ok(host) => Ok(host.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_host_is_a_name_in_lower_case_or_an_address() {
        for text in
            ["relay", "relay.internal", "xn--bcher-kva.example", "my_relay", "10.0.0.7", "::1"]
        {
            assert_eq!(of(text), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_more_or_less_is_told_with_what_to_write() {
        for (text, host) in [
            (" relay.internal ", "relay.internal"),
            ("Relay.Internal", "relay.internal"),
            ("relay.internal.", "relay.internal"),
            ("relay.internal:6102", "relay.internal"),
            ("http://relay.internal:6102/status", "relay.internal"),
            ("https://me:x@relay.internal?x#y", "relay.internal"),
            ("[::1]", "::1"),
            ("[::1]:6102", "::1"),
            ("0:0:0:0:0:0:0:1", "::1"),
            ("::ffff:10.0.0.7", "10.0.0.7"),
        ] {
            assert_eq!(of(text), Err(format!("a host alone: write `{host}`")), "{text}");
        }
        for text in ["*", "*.internal", "http://*.internal"] {
            assert_eq!(of(text), Err(HostError::Wildcard.to_string()), "{text}");
        }
        assert_eq!(of("bücher.example"), Err(HostError::International.to_string()));
        let long = "a.".repeat(130);
        for text in [
            "",
            " ",
            ":6102",
            "a b",
            "a..b",
            "-a",
            "a-",
            ".",
            "[::1",
            "1::2::3",
            &long,
            "fe80::1%eth0",
            "//relay",
            "[::1]x",
        ] {
            assert_eq!(of(text), Err(HostError::Other.to_string()), "{text}");
        }
    }
}

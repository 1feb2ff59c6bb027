//! Where to listen.

use std::{fmt, io, net::SocketAddr, str::FromStr};

use serde::Deserialize;
use tokio::net::{TcpListener, lookup_host};

/// An IP address, or a name of this machine, and a port: `127.0.0.1:6100`,
/// `[::1]:6100`, `localhost:6100`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Address(String);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected HOST:PORT, as 127.0.0.1:6100 or localhost:6100";
        let text = text.trim();
        let (host, port) = text.rsplit_once(':').ok_or(EXPECTED)?;
        let bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        let a_name = !host.is_empty() && !host.contains(['/', ' ', '@']);
        if !a_name || bare_ipv6 || port.parse::<u16>().is_err() {
            return Err(EXPECTED);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// A port of the loopback address.
    pub(crate) fn loopback(port: u16) -> Self {
        Self(format!("127.0.0.1:{port}"))
    }

    /// What it stands for; the system is asked when it is a name.
    ///
    /// # Errors
    /// When nothing is known by that name.
    pub(crate) async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        lookup_host(&self.0).await.map(Vec::from_iter)
    }

    /// Listens on the first of what it stands for that can be had.
    ///
    /// # Errors
    /// When none can.
    pub(crate) async fn listen(&self) -> io::Result<TcpListener> {
        TcpListener::bind(&*self.resolve().await?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_are_an_address_and_nothing_else_is() {
        for text in ["127.0.0.1:6100", "[::1]:0", "localhost:6100", "relay.internal:65535"] {
            assert_eq!(text.parse(), Ok(Address(text.to_owned())), "{text}");
        }
        assert_eq!(" localhost:1\n".parse(), Ok(Address("localhost:1".to_owned())));
        for text in [
            "",
            "127.0.0.1",
            ":6100",
            "6100",
            "localhost:",
            "localhost:http",
            "localhost:65536",
            "::1:6100",
            "http://localhost:6100",
            "user@localhost:6100",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_is_looked_up_and_one_that_is_unknown_is_told() {
        let listener = "localhost:0".parse::<Address>().unwrap().listen().await.unwrap();
        assert!(listener.local_addr().unwrap().ip().is_loopback());
        let unknown = "no-such-host.invalid:6100".parse::<Address>().unwrap();
        assert!(unknown.listen().await.is_err());
    }
}

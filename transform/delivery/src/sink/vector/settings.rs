//! What alerts.yml says of a `vector` source.

use std::sync::Arc;

#[cfg(feature = "send")]
use {
    super::sender::Vector,
    crate::sink::{
        Sender,
        setup::{Setup, Unusable},
    },
    signatures_protocol::client::{ClientConfig, Keepalive, Tls},
    std::path::PathBuf,
    tonic::codec::CompressionEncoding,
};

use crate::{
    secret::SecretText,
    sink::{
        fields::Fields,
        kind::{Kind, Target},
        pace::DefaultPace,
    },
};

/// `type: vector`.
pub(crate) static KIND: Kind = Kind {
    name: "vector",
    keys: &["url", "url_file", "compression", "crt_file", "key_file", "server_name"],
    // Those that are not acknowledged yet hold up no others.
    pace: DefaultPace { concurrency: 32, per_minute: 600 },
    read: |fields| Some(Arc::new(Settings::read(fields)?)),
    environment: None,
};

/// A `vector` source of a Vector: the alert event as a log event.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// Its address.
    url: SecretText,
    /// How requests are compressed; none: not at all.
    compression: Option<Compression>,
    /// A file with the certificate to show, when it asks for one.
    crt_file: Option<String>,
    /// A file with its key.
    key_file: Option<String>,
    /// The name in its certificate, when that is not the host of the URL.
    server_name: Option<String>,
}

/// How what is sent is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let [crt_file, key_file] = ["crt_file", "key_file"].map(|key| fields.file(key));
        let server_name = fields.text("server_name");
        if crt_file.is_some() != key_file.is_some() {
            let message = "give both `crt_file` and `key_file`, or none";
            fields.reader.schema(fields.span, message);
        }
        let url = fields.required("url")?;
        let compression = fields.choice(
            "compression",
            &[("none", None), ("gzip", Some(Compression::Gzip)), ("zstd", Some(Compression::Zstd))],
        );
        Some(Self { url, compression, crt_file, key_file, server_name })
    }
}

impl Target for Settings {
    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        let url = setup.secret(&self.url);
        let path = |file: &Option<String>| file.as_ref().map(PathBuf::from);
        let client = ClientConfig {
            url: url.expose().to_owned(),
            compression: self.compression.map(|compression| match compression {
                Compression::Gzip => CompressionEncoding::Gzip,
                Compression::Zstd => CompressionEncoding::Zstd,
            }),
            connect_timeout: setup.timeouts.connect,
            keepalive: Keepalive::default(),
            tls: Tls {
                crt_file: path(&self.crt_file),
                key_file: path(&self.key_file),
                ca_file: setup.ca_file.map(PathBuf::from),
                server_name: self.server_name.clone(),
            },
        };
        Ok(Arc::new(Vector::new(&client, setup.patience, setup.scrubber())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::target;

    #[test]
    fn it_is_read() {
        let Settings { url, compression, crt_file, key_file, server_name } = target(
            "{type: vector, url: 'https://v:6103', compression: zstd, crt_file: c, key_file: k}",
        );
        assert_eq!((url.written(), compression), ("https://v:6103", Some(Compression::Zstd)));
        assert_eq!((crt_file.as_deref(), key_file.as_deref()), (Some("c"), Some("k")));
        assert_eq!(server_name, None);
    }
}

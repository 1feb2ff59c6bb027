//! What goes wrong with TLS, and what to do about it.

use std::{error::Error, io};

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError, Error as TlsFailure, pki_types::UnixTime};

/// What an error of TLS says to an operator. None when it is of another kind, or
/// the library's words are all there is to say.
pub(super) fn tls_words(error: &(dyn Error + 'static)) -> Option<String> {
    match failure(error)? {
        TlsFailure::InvalidCertificate(error) => certificate_words(error),
        TlsFailure::AlertReceived(alert) => alert_words(*alert),
        TlsFailure::InvalidMessage(_) => Some("what answers there does not speak TLS".to_owned()),
        _ => None,
    }
}

/// An I/O error hides the one it was made of from `source`, and may be made of
/// another.
fn failure<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsFailure> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match inner {
        Some(inner) => failure(inner),
        None => error.downcast_ref(),
    }
}

fn certificate_words(error: &CertificateError) -> Option<String> {
    Some(match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the server's certificate has expired on {}", time(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            let from = time(*not_before);
            format!("the server's certificate is valid from {from} only: see the clocks of both")
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names = match presented.is_empty() {
                true => "no name".to_owned(),
                false => presented.iter().map(|name| bare(name)).collect::<Vec<_>>().join(", "),
            };
            let expected = expected.to_str();
            format!("the server's certificate is for {names}, not for {expected}: `server_name`")
        }
        // A bad signature is that of an authority of the same name with another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the server's certificate is of no authority that is trusted here: `ca_file`".to_owned()
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of an authority, and not the one in `ca_file`"
                .to_owned()
        }
        _ => return None,
    })
}

/// What the server says of the certificate that it was shown.
fn alert_words(alert: AlertDescription) -> Option<String> {
    Some(match alert {
        AlertDescription::CertificateRequired => {
            "the server asks for a certificate: `crt_file` and `key_file`".to_owned()
        }
        AlertDescription::CertificateExpired => {
            "the server says that the certificate of `crt_file` has expired".to_owned()
        }
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::DecryptError
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked => {
            format!("the server refuses the certificate of `crt_file` ({alert:?})")
        }
        _ => return None,
    })
}

/// A name as the library writes it: `DnsName("host")`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"')
}

fn time(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "another day".to_owned(), |time| time.to_string())
}

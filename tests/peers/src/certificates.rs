//! Certificates made on the spot.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

/// Somebody who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes `NAME.pem` and `NAME.key` for a host of that name.
    pub fn issue(&self, name: &str, folder: &Path) {
        self.sign(name, CertificateParams::new([name.to_owned()]).unwrap(), folder);
    }

    /// The same, of long ago.
    pub fn issue_expired(&self, name: &str, folder: &Path) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        self.sign(name, params, folder);
    }

    fn sign(&self, name: &str, params: CertificateParams, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        write(name, &certificate.pem(), &key, folder);
    }
}

/// Writes `NAME.pem` and `NAME.key` for a host of that name, signed by itself; as an
/// authority, too, as `openssl req -x509` makes them.
pub fn self_signed(name: &str, is_authority: bool, folder: &Path) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    write(name, &params.self_signed(&key).unwrap().pem(), &key, folder);
}

fn write(name: &str, pem: &str, key: &KeyPair, folder: &Path) {
    std::fs::write(folder.join(format!("{name}.pem")), pem).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

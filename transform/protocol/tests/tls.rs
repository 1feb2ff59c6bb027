//! TLS towards a `vector` source: what it shows, what it takes, and what is said
//! when that comes to nothing.

// Helpers of tests are tests.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use signatures_peers::{
    certificates::{Authority, self_signed},
    vector::VectorSource,
};
use signatures_protocol::client::{ClientConfig, Keepalive, Tls, VectorClient, reason};
use tempfile::TempDir;

const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// TLS as Vector's: of HTTP/2 it says nothing.
fn server(folder: &Path, name: &str, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let server = match clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            server.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => server.with_no_client_auth(),
    };
    let pem = |ending: &str| std::fs::read(folder.join(format!("{name}.{ending}"))).unwrap();
    let certificate = CertificateDer::from_pem_slice(&pem("pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&pem("key")).unwrap();
    server.with_single_cert(vec![certificate], key).unwrap()
}

/// A folder with `ca.pem`, and certificates of it.
fn issued(names: &[&str]) -> (TempDir, Authority) {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    names.iter().for_each(|name| authority.issue(name, folder.path()));
    (folder, authority)
}

/// A client that trusts a file, and shows a certificate.
fn client(source: SocketAddr, folder: &Path, ca: &str, shown: Option<&str>) -> VectorClient {
    let file = |name: String| folder.join(name);
    VectorClient::new(&ClientConfig {
        url: format!("https://{source}"),
        compression: None,
        connect_timeout: Duration::from_secs(60),
        keepalive: Keepalive::default(),
        tls: Tls {
            crt_file: shown.map(|name| file(format!("{name}.pem"))),
            key_file: shown.map(|name| file(format!("{name}.key"))),
            ca_file: Some(file(ca.to_owned())),
            server_name: Some("hop".to_owned()),
        },
    })
    .unwrap()
}

async fn push(client: &VectorClient) -> Result<(), String> {
    client.push(Bytes::new()).await.map_err(|status| reason(&status))
}

/// What comes of it once the connection of before is found to be dead, which takes a
/// request or two.
async fn push_again(client: &VectorClient) -> Result<(), String> {
    for _ in 0..5 {
        if push(client).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    push(client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_names_no_protocol_is_spoken_to() {
    let (folder, _authority) = issued(&["hop"]);
    let source =
        VectorSource::start_like_openssl(ANY_PORT, server(folder.path(), "hop", None)).await;
    let client = client(source.address, folder.path(), "ca.pem", None);
    assert_eq!(push(&client).await, Ok(()));
    assert_eq!(source.requests(), [Bytes::new()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_comes_back_and_shows_its_certificate_again() {
    let (folder, authority) = issued(&["hop", "client"]);
    // With what it remembers of sessions, over its restarts.
    let tls = server(folder.path(), "hop", Some(&authority));
    let mut source = VectorSource::start_like_openssl(ANY_PORT, tls.clone()).await;
    let client = client(source.address, folder.path(), "ca.pem", Some("client"));
    for _ in 0..3 {
        assert_eq!(push_again(&client).await, Ok(()));
        let address = source.address;
        drop(source);
        source = VectorSource::start_like_openssl(address, tls.clone()).await;
    }
    assert_eq!(push_again(&client).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_renewed_on_disk_is_shown_by_the_next_connection() {
    let (folder, former) = issued(&["hop", "client"]);
    let renewed = Authority::new();
    let tls = |clients| server(folder.path(), "hop", Some(clients));
    let source = VectorSource::start_like_openssl(ANY_PORT, tls(&former)).await;
    let client = client(source.address, folder.path(), "ca.pem", Some("client"));
    assert_eq!(push(&client).await, Ok(()));

    let restart = async |source: VectorSource, clients| {
        let address = source.address;
        drop(source);
        VectorSource::start_like_openssl(address, tls(clients)).await
    };
    // Written by half, the former one is shown.
    let key = std::fs::read(folder.path().join("client.key")).unwrap();
    std::fs::write(folder.path().join("client.key"), "").unwrap();
    let source = restart(source, &former).await;
    assert_eq!(push_again(&client).await, Ok(()));
    std::fs::write(folder.path().join("client.key"), key).unwrap();

    renewed.issue("client", folder.path());
    let source = restart(source, &renewed).await;
    assert_eq!(push_again(&client).await, Ok(()));

    // And the authority of the source itself.
    renewed.issue("hop", folder.path());
    std::fs::write(folder.path().join("ca.pem"), renewed.pem()).unwrap();
    let _source = restart(source, &renewed).await;
    assert_eq!(push_again(&client).await, Ok(()));
}

/// A pipe has nothing more to say, and is waited for by nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_be_read_once_is_read_once() {
    let (folder, authority) = issued(&["hop"]);
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pem = authority.pem();
    std::thread::spawn(move || std::fs::write(pipe, pem).unwrap());
    let tls = server(folder.path(), "hop", None);
    let mut source = VectorSource::start_like_openssl(ANY_PORT, tls.clone()).await;
    let client = client(source.address, folder.path(), "pipe", None);
    for _ in 0..2 {
        assert_eq!(push_again(&client).await, Ok(()));
        let address = source.address;
        drop(source);
        source = VectorSource::start_like_openssl(address, tls.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_told_with_the_failure_that_they_lead_to() {
    let (folder, authority) = issued(&["hop", "client"]);
    let tls = server(folder.path(), "hop", Some(&authority));
    let source = VectorSource::start_like_openssl(ANY_PORT, tls).await;
    let client = client(source.address, folder.path(), "ca.pem", Some("client"));
    assert_eq!(push(&client).await, Ok(()));
    let address = source.address;
    drop(source);
    Authority::new().issue("hop", folder.path());
    std::fs::write(folder.path().join("ca.pem"), "").unwrap();
    let _source =
        VectorSource::start_like_openssl(address, server(folder.path(), "hop", None)).await;
    let said = push_again(&client).await.unwrap_err();
    let ca = folder.path().join("ca.pem");
    let expected = format!(
        "the server's certificate is of no authority that is trusted here: `ca_file`; the files \
         of TLS as they are now cannot be used: {} holds no certificate",
        ca.display()
    );
    assert!(said.ends_with(&expected), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_certificate_is_said_in_a_sentence() {
    let (folder, authority) = issued(&["hop", "other", "client"]);
    authority.issue_expired("old", folder.path());
    Authority::new().issue("stranger", folder.path());
    let cases = [
        ("other", "the server's certificate is for other, not for hop: `server_name`"),
        ("old", "the server's certificate has expired on 2020-01-01T00:00:00Z"),
        ("stranger", "the server's certificate is of no authority that is trusted here: `ca_file`"),
    ];
    for (shown, expected) in cases {
        let source =
            VectorSource::start_like_openssl(ANY_PORT, server(folder.path(), shown, None)).await;
        let client = client(source.address, folder.path(), "ca.pem", None);
        let said = push(&client).await.unwrap_err();
        assert!(said.ends_with(expected), "{said}");
    }
    for (shown, expected) in [
        (None, "the server asks for a certificate: `crt_file` and `key_file`"),
        (Some("old"), "the server says that the certificate of `crt_file` has expired"),
        (Some("stranger"), "the server refuses the certificate of `crt_file`"),
    ] {
        let tls = server(folder.path(), "hop", Some(&authority));
        let source = VectorSource::start_like_openssl(ANY_PORT, tls).await;
        let client = client(source.address, folder.path(), "ca.pem", shown);
        let said = push(&client).await.unwrap_err();
        assert!(said.contains(expected), "{shown:?}: {said}");
    }
    let source = VectorSource::start().await;
    let client = client(source.address, folder.path(), "ca.pem", None);
    let said = push(&client).await.unwrap_err();
    assert!(said.ends_with("what answers there does not speak TLS"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_certificate_that_was_given_is_trusted_and_no_other() {
    for is_authority in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        for name in ["hop", "elsewhere"] {
            self_signed(name, is_authority, folder.path());
        }
        let another = tempfile::tempdir().unwrap();
        self_signed("hop", is_authority, another.path());

        let said = async |of: &Path, shown: &str, trusted: &str| {
            let source = VectorSource::start_like_openssl(ANY_PORT, server(of, shown, None)).await;
            push(&client(source.address, folder.path(), trusted, None)).await
        };
        assert_eq!(said(folder.path(), "hop", "hop.pem").await, Ok(()), "{is_authority}");
        let wrong_name = said(folder.path(), "elsewhere", "elsewhere.pem").await.unwrap_err();
        assert!(wrong_name.contains("is for elsewhere, not for hop"), "{wrong_name}");
        assert!(said(another.path(), "hop", "hop.pem").await.is_err(), "{is_authority}");
    }
}

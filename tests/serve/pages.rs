//! The pages of the status address: who sees what.

use signatures_peers::vector::VectorSource;

use crate::process::{Relay, fails, folder, get, get_of};

/// A relay whose next hop is away, with a `status:` section.
fn relay(status: &str, more: &[&str]) -> Relay {
    let folder = folder();
    std::fs::write(folder.path().join("token"), "s3cret\n").unwrap();
    let config = format!(
        "listen: 127.0.0.1:0\nforward: {{url: \"http://127.0.0.1:1\"}}\nstatus: {status}\n"
    );
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    Relay::start_in(folder, &[&["--config", "relay.yml"], more].concat())
}

#[test]
fn beyond_loopback_status_needs_a_token() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let (exit, error) = fails(&["--forward", "http://127.0.0.1:1", "--status", address]);
        assert_eq!(exit, Some(2));
        let expected = format!("the status address {address} can be reached from elsewhere");
        assert!(error.contains(&expected), "{error}");
    }

    let relay = relay("{token_file: token}", &[]);
    for (header, status) in [
        ("", 401),
        ("Authorization: Bearer s3cre\r\n", 401),
        ("Authorization: Bearer s3creT\r\n", 401),
        ("Authorization: Bearer s3cret\r\n", 200),
        ("authorization: bearer s3cret\r\n", 200),
    ] {
        for page in ["/metrics", "/status"] {
            assert_eq!(get(&relay.status, page, header).0, status, "{page} {header}");
            assert_eq!(get_of(&relay.status, "any.example", page, header).0, status, "{page}");
        }
    }
    assert!(!relay.stderr().contains("s3cret"));
}

#[test]
fn who_has_no_token_hears_yes_or_no_and_not_why() {
    let relay = relay("{token_file: token}", &[]);
    assert_eq!(get_of(&relay.status, "10.1.2.3:6102", "/healthz", ""), (200, "ok\n".to_owned()));
    assert_eq!(get_of(&relay.status, "10.1.2.3:6102", "/readyz", ""), (503, "no\n".to_owned()));
    let (status, why) = get(&relay.status, "/readyz", "Authorization: Bearer s3cret\r\n");
    assert_eq!(status, 503);
    assert!(why.starts_with("next hop: "), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_directory_that_cannot_be_used_is_told_while_events_flow() {
    let source = VectorSource::start().await;
    for (state, usable) in [("relay.yml", false), ("state", true)] {
        let folder = folder();
        let (url, listen) = (source.url(), "listen: 127.0.0.1:0");
        let config = format!("{listen}\nforward: {{url: '{url}'}}\nstate_dir: {state}\n");
        std::fs::write(folder.path().join("relay.yml"), config).unwrap();
        let relay = Relay::start_in(folder, &["--config", "relay.yml"]);
        let (status, body) = relay.get("/readyz");
        assert_eq!(status, 200);
        assert_eq!(body == "ok\n", usable, "{body}");
        assert_eq!(body.starts_with("ok, but cannot use relay.yml: "), !usable, "{body}");
        let (status, plain) = get_of(&relay.status, "rebound.example", "/readyz", "");
        assert_eq!((status, &*plain), (200, "ok\n"), "who may not look");
        let gauge = relay.metric("vector_signatures_state_directory_usable");
        assert_eq!(gauge, if usable { 1.0 } else { 0.0 });
        let fault = relay.get("/status").1.contains("state_directory_fault");
        assert_eq!(fault, !usable);
    }
}

#[test]
fn a_page_of_the_web_reads_nothing_through_a_browser() {
    let relay = relay("{hosts: [signatures.internal]}", &[]);
    for (host, status) in [
        (&*relay.status, 200),
        ("localhost", 200),
        ("signatures.internal:6102", 200),
        ("rebound.example:6102", 403),
        ("", 403),
    ] {
        for page in ["/metrics", "/status"] {
            assert_eq!(get_of(&relay.status, host, page, "").0, status, "{page} {host}");
        }
    }
    let (status, told) = get_of(&relay.status, "rebound.example", "/readyz", "");
    assert_eq!((status, &*told), (503, "no\n"));
}

#[test]
fn metrics_can_be_open_to_all_while_samples_are_not() {
    let relay = relay("{token_file: token, metrics: open}", &[]);
    let (status, metrics) = get_of(&relay.status, "10.1.2.3:6102", "/metrics", "");
    assert_eq!(status, 200);
    assert!(metrics.contains("vector_signatures_"), "{metrics}");
    assert_eq!(get(&relay.status, "/status", "").0, 401);
}

#[test]
fn names_can_be_listened_on() {
    let relay = relay("{address: \"localhost:0\"}", &["--listen", "localhost:0"]);
    assert_eq!(get_of(&relay.status, "localhost", "/status", "").0, 200);
    assert!(std::net::TcpStream::connect(&relay.listen).is_ok());

    let (exit, error) = fails(&["--forward", "http://127.0.0.1:1", "--listen", "6100"]);
    assert_eq!(exit, Some(2));
    assert!(error.contains("expected HOST:PORT"), "{error}");
    let unknown = ["--forward", "http://127.0.0.1:1", "--listen", "no-such-host.invalid:1"];
    let (exit, error) = fails(&unknown);
    assert_eq!(exit, Some(2));
    assert!(error.contains("cannot listen on no-such-host.invalid:1: "), "{error}");
}

/// What is asked may be anything: bytes of a request changed, doubled and left out.
#[test]
fn whatever_is_asked_it_goes_on_to_answer() {
    use std::{
        io::{Read, Write},
        net::{Shutdown, TcpStream},
    };
    const ASKED: &[u8] = b"GET /status?a=%20b HTTP/1.1\r\nHost: localhost:6102\r\n\
        Authorization: Bearer s3cret\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\n0\r\n\r\n";
    let relay = relay("{token_file: token}", &[]);
    let mut random = fastrand::Rng::with_seed(16);
    for _ in 0..300 {
        let mut bytes = ASKED.to_vec();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(0..bytes.len().max(1));
            if bytes.is_empty() {
                break;
            }
            match random.u8(0..4) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                2 => bytes.extend_from_within(at..),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let mut stream = TcpStream::connect(&relay.status).unwrap();
        // It may have heard enough before the end.
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!String::from_utf8_lossy(&answer).contains("s3cret"), "{bytes:?}");
    }
    assert_eq!(get(&relay.status, "/healthz", "").0, 200);
    assert!(!relay.stderr().contains("panic"), "{}", relay.stderr());
}

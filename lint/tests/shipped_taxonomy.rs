//! What the shipped taxonomy promises beyond its own examples.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use signatures_document::yaml::Source;
use signatures_engine::taxonomy::Taxonomy;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn shipped() -> Taxonomy {
    let path = root().join("config/error_signatures.yml");
    let source = Source::new("shipped", std::fs::read_to_string(path).unwrap());
    Taxonomy::read(&source).into_result(&source).unwrap()
}

/// The signature, `noise` or `unmatched` of each line.
fn verdicts(lines: &[String]) -> Vec<String> {
    let mut command = support::sigcheck(root(), &["classify", "--format", "json", "-"]);
    command.write_stdin(lines.join("\n"));
    let (code, out, error) = support::run(command);
    assert_eq!((code, error.as_str()), (0, ""));
    out.lines()
        .map(|line| {
            let found: Value = serde_json::from_str(line).unwrap();
            found["signature"].as_str().or(found["verdict"].as_str()).unwrap().to_owned()
        })
        .collect()
}

/// Addresses that say what a text says: as a query, as a path, as a title and as a file name.
fn addresses(text: &str) -> impl Iterator<Item = String> {
    let words = text.split_whitespace().collect::<Vec<_>>();
    // A quote never stands in an address as it is: servers escape it in their logs.
    ["+", "%20", "-", "_"].map(|blank| words.join(blank).replace('"', "%22")).into_iter()
}

#[test]
fn no_address_is_evidence_of_an_error() {
    let mut lines = Vec::new();
    for example in shipped().signatures.iter().flat_map(|signature| &signature.examples) {
        for address in addresses(&example.text) {
            lines.push(format!(
                r#"10.0.0.9 - - [14/Mar/2026:09:00:00 +0000] "GET /wiki/{address} HTTP/1.1" 200 51 "https://shop.example/search?q={address}" "Mozilla/5.0""#
            ));
            lines.push(format!("GET /search?q={address} 404 3.1 ms - 51"));
        }
    }
    let found = verdicts(&lines);
    let errors: Vec<_> =
        lines.iter().zip(found).filter(|(_, verdict)| verdict != "unmatched").collect();
    assert_eq!(errors, []);
}

#[test]
fn a_request_that_its_client_gave_up_is_noise_however_it_is_told() {
    let noise = [
        r#"10.0.0.9 - - [14/Mar/2026:09:00:00 +0000] "GET /cart HTTP/1.1" 499 0 "-" "Mozilla/5.0""#,
        r#"Mar 14 09:00:00 web-1 shop: {"path":"/cart","status_code": 499,"ms":12}"#,
        r#"Mar 14 09:00:00 web-1 shop: {"path":"/cart","http.response.status_code":"499"}"#,
        r#"Mar 14 09:00:00 web-1 shop: "{\"path\":\"/cart\",\"statusCode\":499}""#,
        "level=warn method=GET path=/cart status=499 duration=12ms",
        r#"{"level":"warn","message":"GET /cart 499"}"#,
        r#"{"level":"warn","message":"GET https://shop.example/cart HTTP/2.0 499"}"#,
        "[GIN] 2026/03/14 - 09:00:00 | 499 |    12.1ms |     203.0.113.9 | GET     \"/cart\"",
    ];
    let shipped = [
        r#"10.0.0.9 - - [14/Mar/2026:09:00:00 +0000] "GET /orders/499 HTTP/1.1" 200 499 "-" "-""#,
        r#"Mar 14 09:00:00 web-1 shop: {"path":"/cart","status_code": 4990}"#,
        r#"{"level":"warn","message":"GET /orders/499 200"}"#,
        "order 499 has the status of 499 others",
    ];
    assert_eq!(verdicts(&noise.map(str::to_owned)), ["noise"; 8]);
    assert_eq!(verdicts(&shipped.map(str::to_owned)), ["unmatched"; 4]);
}

#[test]
fn a_failed_login_that_names_a_user_is_shipped_and_a_scanner_is_not() {
    for server in ["sshd[7]", "sshd-session[7]"] {
        let line = |text: &str| format!("Mar 14 09:00:00 web-1 {server}: {text}");
        let logins = [
            "Connection closed by authenticating user root 198.51.100.4 port 45362 [preauth]",
            "Connection reset by invalid user git 198.51.100.4 port 45362 [preauth]",
            "Disconnected from invalid user admin 198.51.100.4 port 59402 [preauth]",
            "Invalid user admin from 198.51.100.4 port 59402",
            "User root from 198.51.100.4 not allowed because not listed in AllowUsers",
        ];
        let scanners = [
            "Connection closed by 198.51.100.4 port 4 [preauth]",
            "Connection reset by 2001:db8::4 port 4 [preauth]",
            "Received disconnect from 198.51.100.4 port 58846:11: Bye Bye [preauth]",
        ];
        assert_eq!(verdicts(&logins.map(line)), ["LOGIN_FAILED"; 5]);
        assert_eq!(verdicts(&scanners.map(line)), ["noise"; 3]);
    }
}

#[test]
fn what_nginx_quotes_from_php_is_what_php_said() {
    let line = |said: &str| {
        format!(
            r#"2026/03/14 09:00:00 [error] 29#29: *1093 FastCGI sent in stderr: "PHP message: {said}" while reading response header from upstream, client: 10.0.0.9, server: _, request: "GET / HTTP/1.1", upstream: "fastcgi://127.0.0.1:9000""#
        )
    };
    let said = [
        "PHP Warning:  Undefined variable $x in /srv/app/a.php on line 3",
        "PHP Fatal error:  Uncaught Exception: x in /srv/app/b.php:9",
        "PHP Fatal error:  Uncaught TypeError: x in /srv/app/b.php:9",
        "PHP Warning:  mysqli_connect(): (HY000/2002): Connection refused in /srv/app/a.php on line 3",
    ];
    assert_eq!(verdicts(&said.map(line)), ["unmatched", "PHP_FATAL", "PHP_FATAL", "NET_REFUSED"]);
}

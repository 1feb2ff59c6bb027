//! The page without a browser: forms, twins, and what it must never do.

use crate::{
    http::get,
    program::{DANA, Program, READER, bearer},
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[test]
fn every_page_has_a_twin_in_json_and_a_strict_policy() {
    let program = Program::over(&["Out of memory", "ECONNRESET"]);
    let alerts = program.get("/api/alerts").json();
    let alert = format!("/alerts/{}", alerts["alerts"][0]["id"].as_str().unwrap());
    for path in ["/", "/signatures/NET_RESET", &alert] {
        let html = get(&program.address, path, &["Accept: text/html", &bearer(DANA)]);
        assert_eq!(
            (html.status, html.header("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
        assert_eq!(html.header("content-security-policy"), Some(POLICY));
        assert_eq!(html.header("cache-control"), Some("no-store"));
        assert!(!html.body.contains(" style=") && !html.body.contains("<style"), "{}", html.body);
        for script in ["<script>", " onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!html.body.contains(script), "{script} in {}", html.body);
        }
        let json = program.get(path);
        assert_eq!((json.status, json.header("content-type")), (200, Some("application/json")));
        assert!(json.json().is_object(), "{}", json.body);
    }
    let page = get(&program.address, "/", &["Accept: text/html", &bearer(READER)]).body;
    assert!(!page.contains("/do/"), "who may only look has no forms");
}

#[test]
fn hostile_addresses_and_texts_stay_texts() {
    let line = r#"{"level":"error","message":"<script>alert(1)</script> \u001b[31m\u202e\"'&","service":"<b>x</b>"}"#;
    let program = Program::over(&["Out of memory <script>alert(2)</script>", line, line, line]);
    let html = |path: &str| get(&program.address, path, &["Accept: text/html", &bearer(DANA)]);
    for path in [
        "/",
        "/errors/%3Cscript%3Ealert(3)%3C/script%3E",
        "/signatures/%3Cscript%3Ealert(3)%3C%2Fscript%3E",
        "/signatures/%22onload%3Dalert(3)%3E",
        "/alerts/%3Cimg%20src%3Dx%3E",
        "/silences/%3Cimg%3E",
        "/parts/%3Cimg%3E",
        "/login?next=%22%3E%3Cscript%3E",
        "/login?next=https://evil.example/",
        "/assets/..%2f..%2fetc%2fpasswd",
    ] {
        let body = html(path).body;
        for text in ["<script>", "<img", "<b>x", "onload=alert(3)>", "\u{1b}", "\u{202e}", "evil"] {
            assert!(!body.contains(text), "{path}: {text} in {body}");
        }
    }
    let alerts = program.get("/api/alerts").json();
    for alert in alerts["alerts"].as_array().unwrap() {
        let page = html(&format!("/alerts/{}", alert["id"].as_str().unwrap()));
        assert!(page.status == 200 && !page.body.contains("<script>"), "{}", page.body);
    }
}

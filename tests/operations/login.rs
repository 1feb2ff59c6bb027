//! Logging in by the form.

use crate::{
    http::{Answer, get, post},
    program::{DANA, Program, READER},
};

fn log_in(program: &Program, token: &str) -> Answer {
    let own = format!("Origin: http://{}", program.address);
    post(&program.address, "/login", &[&own], &format!("token={token}&next=/errors/f6942a7ed95e"))
}

/// The cookie of an answer, as the browser sends it back.
fn cookie(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap();
    format!("Cookie: {cookie}")
}

#[test]
fn a_login_is_a_cookie_that_no_script_and_no_other_site_has() {
    let program = Program::over(&["ECONNRESET"]);
    let address = &*program.address;
    let page = get(address, "/errors/f6942a7ed95e", &["Accept: text/html"]);
    assert_eq!(page.status, 401);
    assert!(page.body.contains("name=\"next\" value=\"/errors/f6942a7ed95e\""), "{}", page.body);

    let answer = log_in(&program, DANA);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/errors/f6942a7ed95e")));
    let set = answer.header("set-cookie").unwrap();
    assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{set}");
    let cookie = cookie(&answer);
    assert_eq!(get(address, "/", &["Accept: text/html", &cookie]).status, 200);

    let own = format!("Origin: http://{address}");
    let silence = |head: &[&str]| {
        let form = "matchers=host%3Da&duration=1h&reason=x&back=/";
        post(address, "/do/silence", head, form)
    };
    assert_eq!(silence(&[&cookie]).status, 403, "a browser says where it comes from");
    assert_eq!(silence(&[&cookie, "Origin: http://evil.example"]).status, 403);
    let made = silence(&[&cookie, &own]);
    assert_eq!((made.status, made.header("location")), (303, Some("/silences/1")));

    let reader = self::cookie(&log_in(&program, READER));
    assert_eq!(get(address, "/", &[&reader]).status, 200);
    assert_eq!(silence(&[&reader, &own]).status, 403);

    assert_eq!(post(address, "/logout", &[&cookie], "").status, 403);
    assert_eq!(get(address, "/", &[&cookie]).status, 200, "another page logs nobody out");
    let gone = post(address, "/logout", &[&cookie, &own], "");
    assert!(gone.header("set-cookie").unwrap().contains("Max-Age=0"), "{gone:?}");
    assert_eq!(get(address, "/", &[&cookie]).status, 401);
    let secret = cookie.rsplit('=').next().unwrap();
    assert!(!program.stderr().contains(secret) && !program.stderr().contains(DANA));
}

#[test]
fn who_guesses_has_to_wait() {
    let program = Program::over(&["ECONNRESET"]);
    assert_eq!(post(&program.address, "/login", &[], &format!("token={DANA}")).status, 403);
    for _ in 0..10 {
        assert_eq!(log_in(&program, "guess").status, 401);
    }
    let late = log_in(&program, DANA);
    assert_eq!((late.status, late.header("set-cookie")), (429, None));
    assert!(late.body.contains("too many wrong tokens"), "{}", late.body);
    // Who is asked nothing hears yes or no.
    assert_eq!(get(&program.address, "/healthz", &[]).status, 200);
}

//! The commands under `/api`, and on the command line.

use serde_json::json;

use crate::{
    http::{get, post, request},
    program::{DANA, LEE, Program, READER, bearer, folder, pipe, run},
};

const SILENCE: &str = "matchers=signature%3DNET_RESET&duration=1h&reason=a+deploy";

#[test]
fn what_changes_something_needs_the_token_of_a_person_and_no_other_page() {
    let program = Program::over(&["ECONNRESET"]);
    let silence = |head: &[&str]| post(&program.address, "/api/silence", head, SILENCE);
    let [reader, dana, lee] = [READER, DANA, LEE].map(bearer);
    let own = format!("Origin: http://{}", program.address);
    for (head, status) in [
        (&[][..], 401),
        (&["Authorization: Bearer nobody's"], 401),
        (&[&*reader], 403),
        (&[&*dana, "Origin: http://evil.example"], 403),
        (&[&*dana, "Origin: null"], 403),
        (&[&*dana, "Sec-Fetch-Site: cross-site"], 403),
        (&[&*dana, &*own], 200),
    ] {
        let answer = silence(head);
        assert_eq!(answer.status, status, "{head:?} {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let silences = program.get("/api/silences").json();
    let [silence] = silences["silences"].as_array().unwrap().as_slice() else {
        panic!("one silence: {silences}")
    };
    assert_eq!(
        (&silence["matchers"], &silence["by"], &silence["reason"]),
        (&json!("signature=NET_RESET"), &json!("dana"), &json!("a deploy"))
    );

    let end = r#"{"id": 1}"#;
    let ended = |token: &str| {
        let head = ["Content-Type: application/json", token];
        request(&program.address, "POST", "/api/unsilence", &head, end).json()["changed"].clone()
    };
    assert_eq!((ended(&lee), ended(&dana)), (json!(true), json!(false)));
    assert_eq!(program.get("/api/silences").json(), json!({"silences": []}));

    let audit = program.get("/").json()["audit"].clone();
    let audit = audit.as_array().unwrap().iter();
    let audit: Vec<_> = audit.map(|one| (&one["who"], &one["command"], &one["result"])).collect();
    assert_eq!(
        audit,
        [
            (&json!("dana"), &json!("unsilence 1"), &json!("done")),
            (&json!("lee"), &json!("unsilence 1"), &json!("done")),
            (&json!("dana"), &json!("silence signature=NET_RESET 1h a deploy"), &json!("done")),
        ]
    );
    let stderr = program.stderr();
    assert!(![READER, DANA, LEE].iter().any(|token| stderr.contains(token)), "{stderr}");
}

#[test]
fn wrong_input_is_refused_with_the_usage() {
    let program = Program::over(&["ECONNRESET"]);
    for (path, status, error) in [
        ("/api/errors?window=8d", 400, "`8d` is no time from 1m to 7d, as 90s, 30m, 8h or 7d"),
        ("/api/errors?windows=1h", 400, "there is no parameter `windows`"),
        ("/api/samples", 400, "`of` is missing"),
        ("/api/samples?of=NET_NEVER", 404, "there are no samples of `NET_NEVER`"),
        ("/api/alert?id=x", 404, "there is no alert `x`: `alerts` shows those there are"),
        ("/api/eras", 404, "there is no command `eras`; known here: errors"),
        ("/api/silence", 405, "`silence` is posted"),
    ] {
        let answer = program.get(path);
        let said = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(answer.status == status && said.starts_with(error), "{path}: {answer:?}");
    }
    let posted = |path: &str, form: &str| {
        let answer = post(&program.address, path, &[&bearer(DANA)], form);
        (answer.status, answer.json()["error"].as_str().unwrap().to_owned())
    };
    let (status, said) = posted("/api/silence", "matchers=&duration=1h&reason=x");
    assert_eq!((status, said.lines().next()), (400, Some("`matchers` is missing")));
    let (status, said) = posted("/api/ack", "incident=nothing");
    assert_eq!(
        (status, &*said),
        (404, "there is no incident `nothing`: `alerts` shows those there are")
    );
    // What is too long is not read.
    let long = "x".repeat(70 << 10);
    let answer =
        post(&program.address, "/api/classify", &[&bearer(READER)], &format!("text={long}"));
    assert_eq!(answer.status, 413);
}

#[test]
fn the_description_of_the_api_is_what_it_does() {
    let program = Program::over(&["ECONNRESET"]);
    let document = program.get("/api/openapi.json").json();
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 12);
    for (path, operations) in paths {
        for method in ["get", "post"] {
            let asked =
                request(&program.address, &method.to_uppercase(), path, &[&bearer(DANA)], "");
            let Some(operation) = operations.get(method) else {
                assert_eq!(asked.status, 405, "{method} {path}");
                continue;
            };
            let status = asked.status.to_string();
            assert!(operation["responses"].get(&status).is_some(), "{method} {path}: {asked:?}");
            let query = operation["parameters"].as_array().into_iter().flatten();
            let posted = &operation["requestBody"]["content"]["application/json"]["schema"];
            let is_required = query.clone().any(|one| one["required"] == true)
                || posted["required"].as_array().is_some_and(|names| !names.is_empty());
            assert_eq!(asked.status == 400, is_required, "{method} {path}: {asked:?}");
            // Each parameter that it names is known.
            let of_body = posted["properties"].as_object().into_iter().flatten();
            let names =
                query.map(|one| one["name"].as_str().unwrap()).chain(of_body.map(|(n, _)| &**n));
            for name in names {
                let parameters = format!("{name}=%00");
                let answer = match method {
                    "get" => {
                        get(&program.address, &format!("{path}?{parameters}"), &[&bearer(DANA)])
                    }
                    _ => post(&program.address, path, &[&bearer(DANA)], &parameters),
                };
                assert!(!answer.body.contains("there is no parameter"), "{path} {answer:?}");
            }
            let is_open = operation["security"].as_array().unwrap().contains(&json!({}));
            let anonymous = request(&program.address, &method.to_uppercase(), path, &[], "");
            assert_eq!(
                (is_open, anonymous.status),
                (method == "get" || path == "/api/classify", 401)
            );
        }
    }
}

#[test]
fn a_state_directory_and_a_process_answer_commands_alike() {
    let program = Program::over(&["ECONNRESET"]);
    let path = program.folder.path();
    let url = format!("http://{}", program.address);
    let remote = ["--url", &*url, "--token-file", "dana"];
    let local = ["--state-dir", "state", "--taxonomy", "taxonomy.yml"];
    let ask = |words: &[&str], of: &[&str]| run(path, &[words, of].concat());
    let (code, made, error) = ask(&["silence", "host=*.example", "2h", "a", "deploy"], &remote);
    assert_eq!((code, made.lines().count()), (Some(0), 2), "{made}{error}");
    assert!(made.starts_with("silence 1 until "), "{made}");
    for words in [
        &["silences"][..],
        &["classify", "read ECONNRESET"],
        &["alerts", "3"],
        &["errors", "nonsense"],
        &["samples", "NET_NEVER"],
        &["alert", "x"],
        &["unsilence", "7"],
    ] {
        assert_eq!(ask(words, &local), ask(words, &remote), "{words:?}");
    }
    let (code, _, error) = ask(&["errors", "nonsense"], &local);
    assert_eq!(code, Some(2));
    assert!(error.contains("usage: errors [WINDOW]"), "{error}");
    assert_eq!(ask(&["unsilence", "7"], &local).0, Some(1));
    let (code, out, _) = ask(&["silences", "--format", "json"], &remote);
    let silences: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &silences["silences"][0]["by"]), (Some(0), &json!("dana")));
    let (code, _, error) = ask(&["silences"], &["--url", &url]);
    assert_eq!((code, &*error), (Some(1), "error: a token is needed\n"));
    let (code, _, error) = ask(&["silences"], &[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("whom? Give a --state-dir"), "{error}");
}

#[test]
fn where_nothing_was_kept_there_is_nothing_to_look_at() {
    let folder = folder();
    for command in ["operations", "silences"] {
        let (code, _, error) = run(folder.path(), &[command, "--state-dir", "nothing"]);
        assert_eq!(code, Some(2));
        assert!(error.contains("nothing is remembered: nothing/"), "{error}");
    }
    pipe(folder.path(), &["x"]);
    let more = ["--state-dir", "state", "--status", "0.0.0.0:0"];
    let (code, _, error) = run(folder.path(), &[&["operations"], &more[..]].concat());
    assert_eq!(code, Some(2));
    assert!(
        error.contains("the status address 0.0.0.0:0 can be reached from elsewhere"),
        "{error}"
    );
}

#[test]
fn a_pipe_can_be_looked_at_and_ends_all_the_same() {
    let tokens = ["--status-token-file", "reader", "--write-tokens-file", "tokens"];
    let args = [&["pipe", "--quiet", "--state-dir", "state"], &tokens[..]].concat();
    let mut program = Program::start(folder(), &args);
    program.write(&["Out of memory"]);
    signatures_peers::waiting::wait_until_or(
        || program.get("/api/alerts").json()["alerts"].as_array().is_some_and(|all| all.len() == 1),
        || program.get("/api/alerts").body,
    );
    let status = program.get("/status").json();
    assert_eq!((&status["mode"], &status["signatures"]), (&json!("alerting"), &json!(3)));
    assert_eq!(get(&program.address, "/healthz", &[]).body, "ok\n");
    let answer = post(&program.address, "/api/silence", &[&bearer(DANA)], SILENCE);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(program.end_of_input(), Some(0));
}

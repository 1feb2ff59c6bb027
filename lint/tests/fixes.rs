//! What `--fix` writes, by the binary that users run.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

/// What `--fix` makes of a file, with more arguments, and what it says.
fn fixed(name: &str, before: &str, args: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, before).unwrap();
    let args = [&["validate", name, "--fix"], args].concat();
    let (_, _, said) = support::run(support::sigcheck(folder.path(), &args));
    (std::fs::read_to_string(file).unwrap(), said)
}

/// A file of one signature, whose pattern is written in some way.
fn signature(pattern: &str) -> String {
    format!(
        "categories:\n  a:\n    signatures:\n      - id: A\n        summary: x\n        pattern: {pattern}\n"
    )
}

#[test]
fn every_fix_is_what_was_meant_however_the_value_is_written() {
    for (before, after) in [
        ("x 1|404", r"x 1|\b404\b"),
        ("'it''s|404'", r"'it''s|\b404\b'"),
        (r#""\tx|\u00e9|404""#, r#""\tx|\u00e9|\\b404\\b""#),
        (r#""\ud83d\ude00|404""#, r#""\ud83d\ude00|\\b404\\b""#),
        (r#""\U0001F600|\x41|404""#, r#""\U0001F600|\x41|\\b404\\b""#),
        ("|-\n          foo|404", "|-\n          foo|\\b404\\b"),
        (
            "|- # why |\n\n          (?x)\n            foo|\n          404",
            "|- # why |\n\n          (?x)\n            foo|\n          \\b404\\b",
        ),
        (">-\n          foo|app.log\n          is", ">-\n          foo|app\\.log\n          is"),
        (
            ">-\n          foo\n\n          bar|app.log",
            ">-\n          foo\n\n          bar|app\\.log",
        ),
        ("'foo|\n          app.log'", "'foo|\n          app\\.log'"),
        ("\"foo|\\\n          app.log\"", "\"foo|\\\n          app\\\\.log\""),
        ("foo|é\n          app.log", "'foo|é app\\.log'"),
        ("&x app.log", r"&x app\.log"),
        ("!!str app.log", r"!!str app\.log"),
        ("'app.log' # app.log", r"'app\.log' # app.log"),
        ("404", r"\b404\b"),
        ("[x]", "[x]"),
    ] {
        for (line_break, mark) in [("\n", ""), ("\r\n", "\u{feff}"), ("\r", "")] {
            let text = |pattern| mark.to_owned() + &signature(pattern).replace('\n', line_break);
            let (found, said) = fixed("t.yml", &text(before), &["--unsafe-fixes"]);
            assert_eq!(found, text(after), "{said}");
        }
    }
}

#[test]
fn a_fix_in_braces_is_quoted_where_it_would_be_something_else() {
    let list = |entries: &[&str]| format!("a:\n  - {}\n", entries.join("\n  - "));
    let before = [
        r"{id: A, pattern: code (?!0)\d+, summary: s}",
        "{id: B, pattern: app.log, summary: s}",
        "{id: C, pattern: 'app.log', summary: s}",
        "{id: D, summary: s,\n     pattern: code (?!0)[0-9]",
    ];
    let after = [
        r"{id: A, pattern: 'code [1-9]\d*', summary: s}",
        r"{id: B, pattern: app\.log, summary: s}",
        r"{id: C, pattern: 'app\.log', summary: s}",
    ];
    let (found, said) = fixed("t.yml", &list(&before[..3]), &["--unsafe-fixes"]);
    assert_eq!((found, said), (list(&after), "t.yml: 3 fixed\n".to_owned()));
    let json =
        r#"{"a":[{"id":"A","pattern":404,"summary":"\ud83d\ude00"},"\ud83d\ude00 app.log"]}"#;
    let (found, _) = fixed("t.json", json, &["--unsafe-fixes"]);
    assert_eq!(
        found,
        r#"{"a":[{"id":"A","pattern":"\\b404\\b","summary":"\ud83d\ude00"},"\ud83d\ude00 app\\.log"]}"#
    );
}

#[test]
fn what_cannot_be_fixed_is_said_and_keeps_nothing_else_from_it() {
    let before = "a:\n  - &gateway 502|504\n  - *gateway\n  - 'x.*'\n";
    let (found, said) =
        fixed("t.yml", before, &["--unsafe-fixes", "--select", "bare-number,redundant-wildcard"]);
    assert_eq!(found, before.replace("x.*", "x"));
    let failed = "the file would not say what is meant [bare-number]";
    let alias = "an alias stands here: mend the value at its anchor [bare-number]";
    let expected = [
        "t.yml: 1 fixed".to_owned(),
        format!("t.yml:2:14: not fixed: {failed}"),
        format!("t.yml:2:18: not fixed: {failed}"),
        format!("t.yml:3:5: not fixed: {alias}"),
        format!("t.yml:3:5: not fixed: {alias}"),
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn only_what_changes_no_meaning_is_fixed_unless_more_is_asked_for() {
    for (pattern, safe, unsafe_) in [
        ("foo.*", "foo", "foo"),
        ("(.*)foo", "foo", "foo"),
        ("^.*foo", "^.*foo", "foo"),
        ("foo(?=bar)", "foobar", "foobar"),
        ("code (?!0)[0-9]+", "code [1-9][0-9]*", "code [1-9][0-9]*"),
        (r"code (?!0)\d+", r"code (?!0)\d+", r"code [1-9]\d*"),
        (r#"{"level":"error""#, r#"\{"level":"error""#, r#"\{"level":"error""#),
        ("xyzw{,3}", "xyzw{0,3}", "xyzw{0,3}"),
        (r"fatal\Z", r"fatal\Z", "fatal$"),
        ("(?>a+)b", "(?>a+)b", "(?>a+)b"),
        ("x|404", "x|404", r"x|\b404\b"),
        ("app.log", "app.log", r"app\.log"),
        (r"main\\(args\\)", r"main\\(args\\)", r"main\(args\)"),
        ("connection.reset.by.peer", "connection.reset.by.peer", "connection.reset.by.peer"),
        (
            r"[A-Z]:\\([^\\]+\\)*app\.log",
            r"[A-Z]:\\([^\\]+\\)*app\.log",
            r"[A-Z]:\\([^\\]+\\)*app\.log",
        ),
    ] {
        let text = |pattern: &str| signature(&format!("'{pattern}'"));
        let (found, _) = fixed("t.yml", &text(pattern), &[]);
        assert_eq!(found, text(safe));
        let (found, _) = fixed("t.yml", &text(pattern), &["--unsafe-fixes"]);
        assert_eq!(found, text(unsafe_));
    }
    // Others go by ids and severities.
    let before = "a:\n  - {id: 'A ', pattern: x1, severity: crit, summary: s}\n";
    assert_eq!(fixed("t.yml", before, &[]).0, before);
    let after = before.replace("'A '", "'A'").replace("crit", "critical");
    assert_eq!(fixed("t.yml", before, &["--unsafe-fixes"]).0, after);
}

#[test]
fn a_diff_is_printed_and_nothing_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.yml");
    let before = signature("'foo.*' # why");
    std::fs::write(&file, &before).unwrap();
    let run = |args: &[&str]| support::run(support::sigcheck(folder.path(), args));
    let (code, diff, said) = run(&["validate", "t.yml", "--fix", "--diff"]);
    let expected = "\
--- t.yml
+++ t.yml
@@ -3,4 +3,4 @@
     signatures:
       - id: A
         summary: x
-        pattern: 'foo.*' # why
+        pattern: 'foo' # why
";
    assert_eq!((code, diff.as_str(), said.as_str()), (1, expected, "t.yml: 1 would be fixed\n"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    run(&["validate", "t.yml", "--fix"]);
    assert_eq!(run(&["validate", "t.yml", "--fix", "--diff"]), (0, String::new(), String::new()));
    for alone in ["--diff", "--unsafe-fixes"] {
        let (code, _, said) = run(&["validate", "t.yml", alone]);
        assert!(code == 2 && said.contains("--fix"), "{said}");
    }
}

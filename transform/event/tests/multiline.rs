//! Lines that belong together are one event: as ten languages print exceptions, in
//! logs of containers, and whatever else comes.

#![allow(clippy::unwrap_used)] // a test may stop at once

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use regex_automata::meta::Regex;
use signatures_event::{Ahead, MAX_JOINED_LINES, MAX_LINES_BYTES, Multiline, exception_in_text};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// The events of a text that comes in blocks of whole lines.
fn events_of(blocks: &[&str]) -> Vec<String> {
    let mut lines = Multiline::default();
    let mut events = Vec::new();
    for block in blocks {
        let mut bytes = block.as_bytes().to_vec();
        let ends = lines.join_block(&mut bytes);
        add(&mut events, &bytes, &ends);
    }
    let (bytes, ends) = lines.finish_block();
    add(&mut events, &bytes, &ends);
    events
}

fn add(events: &mut Vec<String>, bytes: &[u8], ends: &[usize]) {
    let mut start = 0;
    for end in ends {
        events.push(String::from_utf8(bytes[start..*end].to_vec()).unwrap());
        start = end + 1;
    }
}

fn events(text: &str) -> Vec<String> {
    events_of(&[text])
}

/// Exceptions as ten languages print them, with the line of a logger above or without,
/// and last what is none.
fn traces() -> Vec<&'static str> {
    include_str!("traces.txt").trim_end_matches('\n').split("\n=====\n").collect()
}

/// How many of them are exceptions.
const EXCEPTIONS: usize = 20;

/// What other languages, sanitizers and the kernel write.
fn reports() -> Vec<&'static str> {
    include_str!("reports.txt").trim_end_matches('\n').split("\n=====\n").collect()
}

/// What an application writes besides; nothing of it belongs to anything.
const ORDINARY: [&str; 6] = [
    "2026-03-14 09:00:00 INFO request served",
    "{\"level\":\"info\",\"msg\":\"served\"}",
    "[2026-03-14 09:00:00] production.INFO: served",
    "INFO:root:served",
    "<14>Mar 14 09:00:00 web-1 app[811]: served",
    "level=info msg=served",
];

#[test]
fn each_exception_is_one_event_among_ordinary_lines() {
    for ordinary in ORDINARY {
        let traces = traces().into_iter().filter(|trace| !trace.starts_with("ERROR: dup"));
        for trace in traces.chain(reports()) {
            let expected = [ordinary, ordinary, trace, ordinary];
            assert_eq!(events(&expected.join("\n")), expected);
            // As Windows ends lines.
            assert_eq!(events(&expected.join("\n").replace('\n', "\r\n")), expected);
        }
    }
}

#[test]
fn so_it_is_wherever_a_block_ends() {
    let text: String =
        traces()[..EXCEPTIONS].iter().map(|trace| format!("{}\n{trace}\n", ORDINARY[0])).collect();
    let whole = events(&text);
    for (end, _) in text.match_indices('\n') {
        assert_eq!(events_of(&[&text[..=end], &text[end + 1..]]), whole, "{end}");
    }
    let blocks: Vec<&str> = text.split_inclusive('\n').collect();
    assert_eq!(events_of(&blocks), whole);
}

#[test]
fn an_exception_by_itself_is_seen_as_one() {
    for trace in &traces()[..EXCEPTIONS] {
        assert!(exception_in_text(trace).is_some(), "{trace}");
    }
}

/// More of what each language prints: causes of causes, several at once, warnings of it.
const CHAINED: [&str; 12] = [
    "  + Exception Group Traceback (most recent call last):\n  |   File \"/app/a.py\", line 3, in f\n  |     g()\n  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: x\n    +---------------- 2 ----------------\n    | KeyError: 'y'\n    +------------------------------------",
    "java.lang.RuntimeException: a\n\tat com.example.A.a(A.java:1)\nCaused by: java.io.IOException: b\n\tat com.example.B.b(B.java:2)\n\t... 23 more\nCaused by: java.net.ConnectException: Connection refused\n\t... 25 more",
    "org.example.Multi: 2 failures\n\tat org.example.A.a(A.kt:1)\n\tSuppressed: java.io.IOException: x\n\t\tat org.example.B.b(B.kt:1)\n\t\t... 2 more",
    "Error: outer\n    at a (/app/a.js:1:2) {\n  [cause]: TypeError: inner\n      at b (/app/b.js:3:4) {\n    [cause]: RangeError: innermost\n        at c (/app/c.js:5:6)\n  }\n}",
    "AggregateError: All promises were rejected\n    at f (/app/a.js:1:2) {\n  [errors]: [\n    Error: a\n        at g (/app/b.js:1:2),\n    Error: b\n        at h (/app/c.js:1:2)\n  ]\n}",
    "panic: boom [recovered]\n\tpanic: boom again\n\ngoroutine 19 [running]:\nmain.work(0x1)\n\t/src/main.go:12 +0x65\ncreated by main.main\n\t/src/main.go:9 +0x2",
    "Unhandled exception. System.AggregateException: One or more errors occurred. (a) (b)\n ---> System.InvalidOperationException: a\n   at Shop.A.Run() in /src/A.cs:line 3\n   --- End of inner exception stack trace ---\n   at Shop.Program.Main() in /src/P.cs:line 9\n ---> (Inner Exception #1) System.ArgumentException: b\n   at Shop.B.Run() in /src/B.cs:line 4<---",
    "/app/cart.rb:12:in `rescue in total': order failed (OrderError)\n\tfrom /app/cart.rb:9:in `total'\n/app/cart.rb:10:in `price': no price (KeyError)\n\tfrom /app/cart.rb:10:in `total'",
    "/app/cart.rb:10:in 'Cart#total': undefined method 'price' for nil (NoMethodError)\n\n    item.price\n        ^^^^^^\n\tfrom /app/main.rb:3:in '<main>'",
    "ActiveRecord::RecordNotFound (Couldn't find Order with 'id'=5):\n\napp/models/order.rb:3:in 'find'\nbin/rails:4:in '<main>'",
    "thread 'tokio-runtime-worker' panicked at 'called `Option::unwrap()` on a `None` value', src/cart.rs:10:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "PHP Fatal error:  Uncaught Exception: a in /app/a.php:3\nStack trace:\n#0 {main}\n\nNext LogicException: b in /app/b.php:4\nStack trace:\n#0 /app/c.php(5): f()\n#1 {main}\n\nNext DomainException: c in /app/d.php:6\nStack trace:\n#0 {main}\n  thrown in /app/d.php on line 6",
];

/// The first takes in nothing of the second, whatever languages they are of.
#[test]
fn each_of_two_exceptions_is_an_event_by_itself() {
    let exceptions = traces().into_iter().take(EXCEPTIONS);
    let all: Vec<&str> = exceptions.chain(CHAINED).chain(reports()).collect();
    let mut wrong = Vec::new();
    for (number, first) in all.iter().enumerate() {
        for (other, second) in all.iter().enumerate() {
            let between = ORDINARY[(number + other) % ORDINARY.len()];
            for expected in [vec![*first, second], vec![*first, between, second]] {
                let found = events(&expected.join("\n"));
                if found != expected {
                    wrong.push(format!("{found:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} pairs: {}", wrong.len(), wrong.join("\n"));
}

/// As Spring and others write it: a blank line between, and what the exception says has
/// several.
#[test]
fn an_exception_below_its_record_belongs_to_it() {
    let record = "2026-03-14T09:00:00.123Z ERROR 1 --- [exec-3] c.e.Orders : Failed to load 17";
    let frame = "\tat a.B.c(B.java:1)";
    for expected in [
        &[&*format!("{record}\n\njava.lang.NullPointerException: x\n{frame}"), record][..],
        &[&format!("{record}\n\norg.a.PSQLException: ERROR: x\n  Detail: y\n  z\n{frame}"), record],
        &[&format!("{record}\norg.a.PSQLException: ERROR: x\n  Detail: y\n{frame}"), record],
        &["ERROR order failed\n\nTypeError: x\n  of y\n    at f (/a.js:1:2)", "ERROR other"],
        // Without frames, where records have times and this line has none.
        &["[2026-03-14 09:00:00,123] ERROR x (a.B)\norg.a.NotEnoughException: too few", "[2026"],
        // What belongs to nothing leaves as it came.
        &["ERROR order failed", "", "TypeError: x\n  of y", "ERROR other"],
        &["ERROR order failed", "", "TypeError: x", "TypeError: y", "served"],
    ] {
        assert_eq!(events(&expected.join("\n")), expected);
    }
}

const TRACEBACK: &str =
    "Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\nConnectionError: boom";

/// What was held until the next line told, and did not belong, leaves as it came.
#[test]
fn a_line_that_does_not_belong_after_all_keeps_its_prefix() {
    for prefix in ["2026-03-14T09:00:00.1Z stderr F ", "web-1  | ", "[pod/a-1/app] "] {
        let lines = ["ERROR request failed", "java.lang.IllegalStateException: boom", "INFO other"];
        let lines = lines.map(|line| format!("{prefix}{line}"));
        assert_eq!(events(&lines.join("\n")), lines);
        let lines =
            ["ERROR request failed", "", "INFO other"].map(|line| format!("{prefix}{line}"));
        assert_eq!(events(&lines.join("\n")), lines);
    }
}

#[test]
fn what_does_not_belong_together_is_not_joined() {
    for lines in [
        &["2026-03-14 09:00:00 a", "2026-03-14 09:00:01 b"][..],
        &["served", "", "served", "", "", "", "served"],
        // An exception is no part of a record that is below a warning.
        &[
            "INFO served",
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 1",
        ],
        // Of one that is an error, only when its frames follow.
        &["ERROR: order failed", "ValueError: x", "ERROR: order failed"],
        &["ERROR: a", "java.io.IOException: x", "java.io.IOException: y"],
        &["request served", "TypeError: x\n    at f (/a.js:1:2)"],
        // Nothing is joined to JSON, nor JSON to anything.
        &["{\"a\":1}", "\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)"],
        &["ERROR: a\n\tat a.B.c(B.java:1)", "  {\"a\":1}", "{\"b\":1}", "b"],
        // Some programs set in all their lines.
        &["  2026-03-14 09:00:00 a", "  2026-03-14 09:00:01 b", " 09:00:02 c"],
        // Blank lines belong to something when it goes on behind them.
        &["ERROR: a\n\tat a.B.c(B.java:1)", "", "b"],
        &["ERROR: a", "", "", "  b"],
        &["KeyError: 1", "exit status 1", "main.main()"],
        &["Traceback (most recent call last):\n  File \"a.py\", line 1", "2026-03-14 b"],
        &["#0 of 5", "#1 of 5"],
        // Who says a level begins anew, as loggers write that align it to the right.
        &[" INFO app: started", " WARN disk: No space left", " WARN mem: OOMKilled", "ERROR x"],
        &["INFO batch started", "  ERROR: database ECONNRESET", "  ERROR: database ECONNRESET"],
        &["ERROR app: read ECONNRESET", " WARN app: No space left on device"],
        &["2026-11-26 INFO hi", "\tERROR\t2026\tOOMKilled"],
        &["web-1  | 2026-11-26 INFO x", "web-1  |     [ERROR] OOMKilled"],
        // A sentence is no frame, and what is mild no place for what stands by itself.
        &["ERROR: a", "at least 3 hosts: ECONNRESET", "at 10:00 No space left on device"],
        &["DEBUG tick", "at a.B.c(B.java:1)\nCaused by: java.net.SocketException: ECONNRESET"],
        // The same error again is another event.
        &[
            TRACEBACK,
            TRACEBACK,
            "ERROR: x\nTraceback (most recent call last):\n  File \"/a.py\", line 3\nOSError: y",
        ],
        &["a.rb:3:in `f': boom (RuntimeError)\n\tfrom a.rb:4:in `g'"; 3],
        &["  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 1\n  | ExceptionGroup: x (1 sub-exception)";
            2],
        &["at_exit done", "Traceback: none", "goroutines: 5", "Nextcloud is up"],
    ] {
        assert_eq!(events(&lines.join("\n")), lines);
    }
}

/// How containers' runtimes, and tools that show their logs, write the lines of one of
/// two programs: what stands before each, and behind.
const WRAPPINGS: [[(&str, &str); 2]; 20] = {
    const RECORD: &str = "{\"log\":\"";
    [
        [("api-1  | ", ""), ("db-1   | ", "")],
        [("\x1b[36mapi  | \x1b[0m", ""), ("\x1b[33mdb   | \x1b[0m", "")],
        [("\x1b[36mapi |\x1b[0m ", ""), ("\x1b[33mdb |\x1b[0m ", "")],
        [
            ("api-1  | 2026-03-14T09:00:00.123456789Z ", ""),
            ("db | 2026-03-14T09:00:00.123456789Z ", ""),
        ],
        [("2026-03-14T09:00:00.1Z stderr F ", ""), ("2026-03-14T09:00:00.1Z stdout F ", "")],
        [("[pod/shop-1/app] ", ""), ("[pod/shop-1/proxy] ", "")],
        [
            ("[pod/a-1/app] 2026-03-14T09:00:00.123456789Z ", ""),
            ("[pod/b-1/app] 2026-03-14T09:00:00.123456789+01:00 ", ""),
        ],
        [("shop-7d9f8b6c5-x2x4z app ", ""), ("shop-7d9f8b6c5-x2x5z app ", "")],
        [
            ("\x1b[36mshop-7d9f8b6c5-x2x4z\x1b[0m \x1b[32mproxy\x1b[0m ", ""),
            ("\x1b[36mshop-7d9f8b6c5-x2x4z\x1b[0m \x1b[32mapp\x1b[0m ", ""),
        ],
        [("Mar 14 09:00:00 web-1 app[811]: ", ""), ("Mar 14 09:00:00 web-1 app[812]: ", "")],
        [
            ("2026-03-14T09:00:00+0100 web-1 app[811]: ", ""),
            ("2026-03-14T09:00:00+0100 web-1 db[7]: ", ""),
        ],
        [
            ("<14>Mar 14 09:00:00 web-1 app[811]: ", ""),
            ("<14>Mar 14 09:00:00 web-1 app[812]: ", ""),
        ],
        [
            ("<165>1 2026-03-14T09:00:00.003Z web-1 app 811 ID47 - ", ""),
            ("<165>1 2026-03-14T09:00:00.003Z web-1 app 812 ID47 [a@1 b=\"c]\"] ", ""),
        ],
        [("redis-0 redis ", ""), ("redis-1 redis ", "")],
        [("2026-03-14T09:00:00.1234567890Z stderr F ", ""), ("2026-03-14T09:00:00Z stdout F ", "")],
        [
            (
                "{\"stream\": \"stderr\", \"log\": \"",
                "\\n\", \"time\": \"2026-03-14T09:00:00.1Z\"}",
            ),
            (
                "{\"stream\": \"stdout\", \"log\": \"",
                "\\n\", \"time\": \"2026-03-14T09:00:00.1Z\"}",
            ),
        ],
        [
            (
                "{\"time\":\"x\",\"stream\":\"stderr\",\"log\":\"",
                "\\n\",\"attrs\":{\"tag\":\"a\"}}",
            ),
            (
                "{\"time\":\"x\",\"stream\":\"stderr\",\"log\":\"",
                "\\n\",\"attrs\":{\"tag\":\"b\"}}",
            ),
        ],
        [("fluent-bit-x2x4z fluent-bit ", ""), ("fluent-bit-x2x5z fluent-bit ", "")],
        [
            (RECORD, "\\n\",\"stream\":\"stderr\",\"time\":\"2026-03-14T09:00:00.1Z\"}"),
            (RECORD, "\\n\",\"stream\":\"stdout\",\"time\":\"2026-03-14T09:00:00.1Z\"}"),
        ],
        [
            (RECORD, "\\n\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"a\"},\"time\":\"x\"}"),
            (RECORD, "\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"b\"},\"time\":\"x\"}"),
        ],
    ]
};

/// A text as a wrapping has it.
fn as_written(text: &str, (before, behind): (&str, &str)) -> String {
    match behind {
        "" => text.to_owned(),
        _ => {
            let json = serde_json::to_string(text).unwrap();
            assert!(before.ends_with('"'));
            json[1..json.len() - 1].to_owned()
        }
    }
}

fn wrapped(text: &str, wrapping: (&str, &str)) -> String {
    let (before, behind) = wrapping;
    format!("{before}{}{behind}", as_written(text, wrapping))
}

/// The lines of some programs in turn.
fn in_turn(texts: [&[String]; 2]) -> Vec<String> {
    let longest = texts[0].len().max(texts[1].len());
    (0..longest).flat_map(|line| texts.map(|text| text.get(line).cloned())).flatten().collect()
}

#[test]
fn an_exception_is_one_event_in_logs_of_containers() {
    let all = traces();
    for wrappings in WRAPPINGS {
        for (number, trace) in all[..EXCEPTIONS].iter().enumerate() {
            let texts = [*trace, all[(number + 7) % EXCEPTIONS]];
            let ordinary = ORDINARY[0];
            let events_of = |which: usize| {
                [ordinary, texts[which], ordinary].map(|text| wrapped(text, wrappings[which]))
            };
            let lines_of = |which: usize| -> Vec<String> {
                let lines = [ordinary].into_iter().chain(texts[which].lines()).chain([ordinary]);
                lines.map(|line| wrapped(line, wrappings[which])).collect()
            };
            // A record ends as its text does, in a line end or none.
            let alike = |event: &String| event.replace("\\n\",\"str", "\",\"str");
            let found: Vec<_> = events(&lines_of(0).join("\n")).iter().map(alike).collect();
            assert_eq!(found, events_of(0).each_ref().map(alike), "{}", wrappings[0].0);
            let mixed = events(&in_turn([&lines_of(0), &lines_of(1)]).join("\n"));
            let mut found: Vec<_> = mixed.iter().map(alike).collect();
            let mut expected: Vec<_> =
                events_of(0).iter().chain(&events_of(1)).map(alike).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{}", wrappings[0].0);
        }
    }
}

#[test]
fn containers_in_one_stream_do_not_mix() {
    let cri = |second: u32, stream: &str, text: &str| {
        format!("2026-03-14T09:00:0{second}.1Z {stream} F {text}")
    };
    let lines = [
        cri(0, "stderr", "Exception in thread \"main\" a.B: x"),
        cri(1, "stdout", "GET /"),
        cri(2, "stderr", "\tat a.B.c(B.java:1)"),
        cri(3, "stdout", "  of user 5"),
        cri(4, "stderr", "\tat a.B.d(B.java:2)"),
        cri(5, "stdout", "{\"level\":\"info\"}"),
    ];
    let expected = [
        format!("{}\n  of user 5", lines[1]),
        lines[5].clone(),
        format!("{}\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)", lines[0]),
    ];
    assert_eq!(events(&lines.join("\n")), expected);
    let compose = [
        "api-1  | Traceback (most recent call last):",
        "db-1   | ready",
        "api-1  |   File \"/app/a.py\", line 1, in f",
        "db-1   | LOG:  checkpoint",
        "api-1  | KeyError: 'a'",
        "api-1  | served",
    ];
    let trace = format!("{}\n  File \"/app/a.py\", line 1, in f\nKeyError: 'a'", compose[0]);
    assert_eq!(events(&compose.join("\n")), [compose[1], &trace, compose[3], compose[5]]);
    let kubectl =
        ["[pod/a-1/app] ERROR: x", "[pod/b-1/app] ERROR: y", "[pod/a-1/app] \tat a.B.c(B.java:1)"];
    let expected = ["[pod/a-1/app] ERROR: x\n\tat a.B.c(B.java:1)", kubectl[1]];
    assert_eq!(events(&kubectl.join("\n")), expected);
}

/// Syslog has lines of many processes: what is one by itself need not wait.
#[test]
fn lines_of_many_daemons_keep_their_order() {
    let line = |number: usize| format!("Mar 14 09:00:00 web-1 app[{}]: a line", 100 + number);
    let lines: Vec<String> = (0..40).map(line).collect();
    let mut joiner = Multiline::default();
    let mut bytes = lines.join("\n").into_bytes();
    let ends = joiner.join_block(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    // Of the last the next may still come.
    assert_eq!(ends.len(), 40 - 16);
    assert_eq!(text.trim_end(), lines[..24].join("\n"));
    assert_eq!(events(&lines.join("\n")), lines);
    // The kernel has no number, and waits for no other line of its either.
    let of = |process: &str| format!("Mar 14 09:00:00 web-1 {process}: a line");
    let lines = [of("systemd[1]"), of("kernel"), of("systemd[1]"), of("app[7]")];
    assert_eq!(events(&lines.join("\n")), lines);
}

/// The kernel has no number and no container: what stands before its lines, and others of
/// its lines between.
#[test]
fn a_report_of_the_kernel_is_one_event_behind_what_daemons_write() {
    let reports = reports();
    let of_kernel = reports.iter().filter(|report| report.contains("Call Trace:"));
    for report in of_kernel {
        for [first, later] in [
            ["[12345.678901] ", "[12345.678999] "],
            ["[    1.000001] ", "[    1.100000] "],
            ["[Sat Mar 14 09:00:00 2026] ", "[Sat Mar 14 09:00:01 2026] "],
            ["Mar 14 09:00:00 web-1 kernel: ", "Mar 14 09:00:01 web-1 kernel: "],
            [
                "Mar 14 09:00:00 web-1 kernel: [12345.678901] ",
                "Mar 14 09:00:01 web-1 kernel: [12345.678999] ",
            ],
            [
                "<3>Mar 14 09:00:00 web-1 kernel: [12345.678901] ",
                "<4>Mar 14 09:00:01 web-1 kernel: [12345.678999] ",
            ],
            [
                "2026-03-14T09:00:00.1+01:00 web-1 kernel: ",
                "2026-03-14T09:00:01.1+01:00 web-1 kernel: ",
            ],
        ] {
            let (head, rest) = report.split_once('\n').unwrap();
            let before = format!("{first}usb 1-1: new device");
            let behind = format!("{later}e1000: eth0 link down");
            let mut lines = vec![before.clone(), format!("{first}{head}")];
            lines.extend(rest.lines().map(|line| format!("{later}{line}")));
            lines.push(behind.clone());
            assert_eq!(events(&lines.join("\n")), [before, format!("{first}{report}"), behind]);
        }
    }
    // Lines that are of no report are by themselves, set in or not.
    let lines =
        ["[    1.0] sd 0:0:0:0: attached", "[    1.1]  sda: sda1 sda2", "[    1.2] CPU: on"];
    assert_eq!(events(&lines.join("\n")), lines);
    // What others write between belongs to nothing.
    let [oops, link, trace] = [
        "[12.1] BUG: kernel NULL pointer dereference",
        "[12.2] e1000: eth0 link down",
        "[12.3] Call Trace:",
    ];
    let mut found = events(&[oops, link, trace].join("\n"));
    found.sort();
    assert_eq!(found, [&format!("{oops}\nCall Trace:"), link]);
}

/// `journalctl` sets in what is more of a text by the width of its header.
#[test]
fn a_text_of_several_lines_in_the_journal_is_one_event() {
    let header = "Mar 14 09:00:00 web-1 systemd-coredump[4711]: ";
    let next = "Mar 14 09:00:01 web-1 app[811]: served";
    let text = [
        "Process 811 (shop) of user 1000 dumped core.",
        "",
        "Stack trace of thread 811:",
        "#0  0x00007f0c0ffee000 raise (libc.so.6 + 0x3e)",
        "#1  0x000055d0c0ffee00 total (shop + 0x12)",
        "ELF object binary architecture: AMD x86-64",
        "{\"not\": \"an event\"}",
    ];
    let pad = " ".repeat(header.len());
    let written = text.map(|line| format!("{pad}{line}")).join("\n");
    let lines = format!("{next}\n{header}{}\n{next}", written.trim_start());
    let expected = [next.to_owned(), format!("{header}{}", text.join("\n")), next.to_owned()];
    assert_eq!(events(&lines), expected);
    let blocks: Vec<&str> = lines.split_inclusive('\n').collect();
    assert_eq!(events_of(&blocks), expected);
    // What is set in by less is a line of its own.
    let less = format!("{header}a\n   b");
    assert_eq!(events(&less), [format!("{header}a"), "   b".to_owned()]);
}

/// A daemon may escape what is no text.
#[test]
fn frames_that_a_daemon_escaped_belong_to_their_exception() {
    let header = "Mar 14 09:00:00 web-1 app[811]: ";
    let lines = ["a.B$CException: x", "#011at a.B.c(B.java:1)", "#011... 2 more", "served"];
    let [head, frame, more, other] = lines;
    let expected = [format!("{header}{head}\n{frame}\n{more}"), format!("{header}{other}")];
    assert_eq!(events(&lines.map(|line| format!("{header}{line}")).join("\n")), expected);
    assert_eq!(exception_in_text(&expected[0]).unwrap().frames.len(), 1);
    let whole = format!("{header}a.B$CException: x#012#011at a.B.c(B.java:1)");
    assert_eq!(exception_in_text(&whole), exception_in_text(&expected[0]));
}

#[test]
fn what_is_over_a_limit_is_a_new_event_and_counted() {
    let frame = "\tat a.B.c(B.java:1)";
    let text = format!("ERROR: x\n{}", vec![frame; MAX_JOINED_LINES + 9].join("\n"));
    let mut lines = Multiline::default();
    let mut bytes = text.clone().into_bytes();
    let mut ends = lines.join_block(&mut bytes).len();
    ends += lines.finish_block().1.len();
    assert_eq!((ends, lines.over(), lines.joined()), (2, 1, MAX_JOINED_LINES as u64 + 8));
    let long = format!("\t{}", "x".repeat(MAX_LINES_BYTES / 3));
    let found = events(&["ERROR: x", &long, &long, &long, &long].join("\n"));
    assert_eq!(found, [format!("ERROR: x\n{long}\n{long}"), format!("{long}\n{long}")]);
    let longer = format!("ERROR: {}", "x".repeat(MAX_LINES_BYTES));
    assert_eq!(events(&format!("a\n{longer}\n{frame}")), ["a", &longer, frame]);
    // Also where one line alone is over it.
    let mut lines = Multiline::default();
    let long = "x".repeat(MAX_LINES_BYTES + 1);
    let mut bytes = format!("ERROR: x\n    at {long}\n    at {long}").into_bytes();
    assert_eq!(lines.join_block(&mut bytes).len() + lines.finish_block().1.len(), 3);
    assert_eq!(lines.over(), 1);
}

#[test]
fn more_is_waited_for_a_second() {
    let mut lines = Multiline::default();
    let at = |millis| NOW + SignedDuration::from_millis(millis);
    assert_eq!(lines.push(b"ERROR: x", &mut Ahead::default(), at(0)), None);
    lines.expire(at(999));
    assert_eq!(lines.push(b"\tat a.B.c(B.java:1)", &mut Ahead::default(), at(999)), None);
    lines.expire(at(1900));
    assert!(lines.is_waiting());
    assert_eq!(lines.pop(), None);
    lines.expire(at(1999));
    assert!(!lines.is_waiting());
    assert_eq!(lines.pop(), Some(b"ERROR: x\n\tat a.B.c(B.java:1)".to_vec()));
    // What comes now is a new event.
    assert_eq!(lines.push(b"\tat a.B.d(B.java:2)", &mut Ahead::default(), at(2000)), None);
    assert_eq!(lines.over(), 1);
    // Many containers at a time are too many, which is counted.
    for number in 0..1000 {
        lines.push(format!("api-{number}  | a").as_bytes(), &mut Ahead::default(), at(2000));
    }
    assert_eq!(std::iter::from_fn(|| lines.pop()).count(), 1001 - 512);
    assert_eq!(lines.over(), 1 + 1001 - 512);
    // What drips is not held for ever.
    let mut lines = Multiline::default();
    assert_eq!(lines.push(b"ERROR: OOMKilled", &mut Ahead::default(), at(0)), None);
    for millis in (800..4900).step_by(800) {
        assert_eq!(lines.push(b"    drip", &mut Ahead::default(), at(millis)), None);
        lines.expire(at(millis));
        assert!(lines.is_waiting());
    }
    lines.expire(at(5000));
    assert!(!lines.is_waiting());
}

/// The patterns of the configuration for Vector, which see one line at a time.
#[test]
fn the_configuration_for_vector_joins_the_same_but_for_what_no_pattern_can_know() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/vector-multiline.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let pattern = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
        Regex::new(line.trim().trim_matches('\'')).unwrap()
    };
    let (start, condition) = (pattern("start_pattern:"), pattern("condition_pattern:"));
    for ordinary in ORDINARY {
        assert!(start.is_match(ordinary) && !condition.is_match(ordinary), "{ordinary}");
    }
    let mut apart = Vec::new();
    for trace in &traces()[..EXCEPTIONS] {
        let (first, rest) = trace.split_once('\n').unwrap();
        assert!(start.is_match(first), "{first}");
        apart.extend(rest.lines().filter(|line| !condition.is_match(line)));
    }
    assert_eq!(
        apart,
        [
            "shop.errors.OrderFailed: order 17",
            "index out of bounds: the len is 3 but the index is 5",
            "boom",
            "READ of size 4 at 0x602000000010 thread T0",
            "0x602000000010 is located 0 bytes inside of 4-byte region",
            "freed by thread T0 here:",
            "SUMMARY: AddressSanitizer: heap-use-after-free /src/cart.cc:12:3",
            "==4711==ABORTING",
        ]
    );
}

/// Lines that may or may not belong together.
fn line() -> impl Strategy<Value = String> {
    let parts: Vec<&str> = traces().into_iter().flat_map(|trace| trace.split('\n')).collect();
    prop_oneof![
        3 => prop::sample::select(parts).prop_map(str::to_owned),
        1 => prop::sample::select(ORDINARY.to_vec()).prop_map(str::to_owned),
        1 => Just(String::new()),
        1 => "[ \t]{0,2}[a-z{}:.#@\\[\\]\"0-9é]{0,12}",
        1 => "\\PC{0,9}",
    ]
}

proptest! {
    /// Nothing is lost, and the order stays, whatever comes and however it is cut.
    #[test]
    fn the_bytes_of_all_lines_come_out_again_in_order(
        lines in prop::collection::vec(line(), 0..60),
        cuts in prop::collection::vec(0usize..60, 0..4),
        waits in any::<bool>(),
    ) {
        // A container's prefix is that of the event; what is of others goes its own way.
        let lines: Vec<_> = lines.iter().filter(|line| !line.contains('|')).collect();
        let mut joiner = Multiline::default();
        let mut found: Vec<Vec<u8>> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let is_cut = cuts.contains(&index) || index + 1 == lines.len();
            let after = if is_cut { String::new() } else { format!("{}\nx", lines[index + 1]) };
            let direct = joiner.push(line.as_bytes(), &mut Ahead::of(after.as_bytes()), NOW);
            found.extend(std::iter::from_fn(|| joiner.pop()));
            found.extend(direct.map(<[u8]>::to_vec));
            if is_cut && waits {
                joiner.expire(NOW + SignedDuration::from_secs(1));
                found.extend(std::iter::from_fn(|| joiner.pop()));
            }
        }
        joiner.finish();
        found.extend(std::iter::from_fn(|| joiner.pop()));
        let expected: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        prop_assert_eq!(found.join(&b'\n'), expected.join(&b'\n'));
        prop_assert_eq!(found.len() as u64 + joiner.joined(), lines.len() as u64);
    }

    #[test]
    fn so_they_do_of_any_bytes_in_any_blocks(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(), Just(b'\n'), Just(b' '), Just(b'\t'), Just(b'{'), Just(b'#'), Just(b'0'),
        ], 0..300),
        cut in 0usize..300,
    ) {
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != b'\r').collect();
        let cut = bytes[..cut.min(bytes.len())].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let mut joiner = Multiline::default();
        let mut out = Vec::new();
        for mut block in [bytes[..cut].to_vec(), bytes[cut..].to_vec()] {
            joiner.join_block(&mut block);
            out.extend(block);
        }
        out.extend(joiner.finish_block().0);
        let expected = match bytes.last() {
            None | Some(b'\n') => bytes,
            Some(_) => [&bytes[..], b"\n"].concat(),
        };
        prop_assert_eq!(out, expected);
    }
}

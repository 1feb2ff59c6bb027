//! On call: a folder of logs in six shapes, and something is wrong.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use signatures_peers::process::json_lines;

use crate::stranger::Stranger;

/// A quiet minute of each hour, and then the same trouble in all of them.
fn times() -> impl Iterator<Item = (u8, bool)> {
    (0..60).map(|minute| (minute, (40..50).contains(&minute)))
}

fn log(line: impl Fn(u8, &str) -> String, fine: &str, wrong: &str) -> String {
    times().map(|(minute, is_wrong)| line(minute, if is_wrong { wrong } else { fine })).collect()
}

/// The six shapes: name, content.
fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let at = |minute: u8| format!("2026-03-14T09:{minute:02}:00");
    let plain = log(
        |minute, text| format!("2026-03-14 09:{minute:02}:00,123 {text}\n"),
        "INFO served",
        "ERROR db: connection to db-1:5432 refused: ECONNREFUSED",
    );
    let json = log(
        |minute, text| format!("{{\"time\":\"{}Z\",{text}}}\n", at(minute)),
        r#""level":"info","msg":"served""#,
        r#""level":"error","msg":"upstream failed","err":{"message":"read ECONNRESET"}"#,
    );
    let cri = log(
        |minute, text| format!("{}.5Z {text}\n", at(minute)),
        "stdout F served",
        "stderr F No space left on device: /var/lib/data",
    );
    let docker = log(
        |minute, text| {
            format!(
                "{{\"log\":\"{text}\\n\",\"stream\":\"stderr\",\"time\":\"{}Z\"}}\n",
                at(minute)
            )
        },
        "served",
        "x509: certificate has expired or is not yet valid",
    );
    let syslog = log(
        |minute, text| format!("Mar 14 09:{minute:02}:00 host-1 {text}\n"),
        "systemd[1]: Started a unit.",
        "kernel: Out of memory: Killed process 4242 (java)",
    );
    let traces = log(
        |minute, text| format!("2026-03-14 09:{minute:02}:00 {text}\n"),
        "INFO worked",
        "ERROR job failed\njava.lang.IllegalStateException: no such order\n\tat a.Job.run(Job.java:7)\n\tat a.Main.main(Main.java:3)",
    );
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(traces.as_bytes()).unwrap();
    vec![
        ("app.log", plain.into_bytes()),
        ("api/api.log", json.into_bytes()),
        ("pods/0.log", cri.into_bytes()),
        ("containers/4f1c-json.log", docker.into_bytes()),
        ("syslog", syslog.into_bytes()),
        ("worker.log.1.gz", packed.finish().unwrap()),
    ]
}

#[test]
fn somebody_on_call_finds_what_is_wrong_in_a_folder_of_logs() {
    let mut stranger = Stranger::new("on call");
    for (name, content) in logs() {
        stranger.has(name, content);
    }
    let replay = stranger.types_well("sigcheck replay .");
    stranger.is_served();
    let alerts = replay.out.split("\nAlerts: ").nth(1).unwrap();
    for told in
        ["NET_REFUSED", "NET_RESET", "DISK_FULL", "TLS_", "OOM_KILLED", "IllegalStateException"]
    {
        assert!(alerts.contains(told), "{told} of six shapes:\n{}", replay.out);
    }
    assert!(!replay.out.contains("backwards"), "{}", replay.out);
    assert!(replay.out.contains("by the built-in rules"), "{}", replay.out);

    // The same as tagged events, for other tools, and what was found at the end.
    let pipe = stranger.types_well("vector-signatures pipe --only matched app.log syslog");
    let events = json_lines(pipe.out.as_bytes());
    assert_eq!(events.len(), 20);
    assert!(events.iter().all(|event| event["error_signature"].is_string()));
    assert!(pipe.err.lines().last().unwrap().contains("120 lines, 20 matched"), "{}", pipe.err);
}

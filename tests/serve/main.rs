//! The relay between a `vector` sink and a `vector` source, over real sockets.

// A failed setup is a failed test.
#![allow(clippy::unwrap_used)]

mod alerts;
mod connections;
mod deployment;
mod keepalive;
mod pages;
mod pressure;
mod process;
mod repeats;
mod stock_vector;

use std::{collections::BTreeSet, time::Duration};

use process::{Relay, fails, folder};
use prost::Message;
use signatures_peers::{
    certificates::{Authority, self_signed},
    proto::{self, Event, EventWrapper, Kind, Log, PushEventsRequest, Value},
    vector::{Answer, VectorSink, VectorSource},
    waiting::eventually,
};
use tonic::{
    Code,
    codec::CompressionEncoding,
    transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig},
};

fn message(text: &str) -> EventWrapper {
    EventWrapper::log(Log::of([("message", Value::text(text))]))
}

/// The same log, as the value that newer senders may use.
fn by_value(text: &str) -> EventWrapper {
    let value = Some(Value::map([("message", Value::text(text))]));
    EventWrapper::log(Log { value, ..Log::of([(".", Value::of(Kind::Null(0)))]) })
}

fn tags(text: &str, tags: &[(&str, &str)]) -> Log {
    let mut log = Log::of(tags.iter().map(|(key, tag)| (*key, Value::text(tag))));
    log.fields.insert("message".into(), Value::text(text));
    log
}

fn reset_tags(text: &str) -> Log {
    tags(
        text,
        &[
            ("error_category", "network"),
            ("error_signature", "NET_RESET"),
            ("error_policy", "retry"),
            ("error_severity", "medium"),
            ("error_fingerprint", "59a6ff7f8d47"),
            ("error_group", "59a6ff7f8d47"),
        ],
    )
}

fn code(result: Result<(), tonic::Status>) -> Code {
    result.map_or_else(|status| status.code(), |()| Code::Ok)
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_tagged_and_noise_is_dropped_in_both_encodings() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let texts = ["read ECONNRESET", "context canceled", "all is well", "Out of memory"];
    sink.push(texts.map(message).into()).await.unwrap();
    sink.push(texts.map(by_value).into()).await.unwrap();

    let mut oom = tags(
        "Out of memory",
        &[
            ("error_category", "critical"),
            ("error_signature", "OOM"),
            ("error_policy", "escalate"),
            ("error_severity", "anomaly"),
            ("error_summary", "Memory exhausted"),
            ("error_fingerprint", "f6942a7ed95e"),
            ("error_group", "f6942a7ed95e"),
        ],
    );
    oom.fields.insert("error_metadata".into(), Value::map([("runbook", Value::text("https://x"))]));
    let expected = [reset_tags("read ECONNRESET"), tags("all is well", &[]), oom];
    let seen: Vec<_> = source
        .events()
        .iter()
        .map(|event| event.as_log().unwrap().clone().object().unwrap().clone())
        .collect();
    let expected: Vec<_> = expected.into_iter().map(|log| log.fields).collect();
    assert_eq!(seen[..3], expected);
    assert_eq!(seen[3..], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_leaves_byte_for_byte() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let metadata = proto::Metadata {
        value: Some(Value::map([("password", Value::text("not ours"))])),
        source_type: Some("file".into()),
        secrets: Some(proto::Secrets { entries: [("key".into(), "value".into())].into() }),
        source_event_id: vec![7; 16],
    };
    let metric = proto::Metric { name: "m".into(), counter: Some(proto::Counter { value: 1.5 }) };
    let trace = proto::Trace {
        fields: [("password".into(), Value::text("ECONNRESET"))].into(),
        metadata_full: Some(metadata.clone()),
    };
    let mut log = Log::of([("message", Value::text("fine")), ("n", Value::of(Kind::Float(2.5)))]);
    log.metadata_full = Some(metadata.clone());
    let untouched = PushEventsRequest {
        events: vec![
            EventWrapper { event: Some(Event::Metric(metric)) },
            EventWrapper { event: Some(Event::Trace(trace)) },
            EventWrapper::log(log.clone()),
        ],
    };
    // With fields that this version of the protocol does not have.
    let untouched = [&untouched.encode_to_vec()[..], b"\xa2\x06\x03new"].concat();
    sink.push_bytes(untouched.clone()).await.unwrap();
    assert_eq!(source.requests(), std::slice::from_ref(&untouched));

    let error = PushEventsRequest { events: vec![message("ECONNRESET")] }.encode_to_vec();
    sink.push_bytes([&untouched[..], &error, &untouched].concat()).await.unwrap();
    let tagged = PushEventsRequest { events: vec![EventWrapper::log(reset_tags("ECONNRESET"))] };
    let sent = source.requests().remove(1);
    assert!(sent.starts_with(&untouched) && sent.ends_with(&untouched));
    let middle = &sent[untouched.len()..sent.len() - untouched.len()];
    assert_eq!(PushEventsRequest::decode(middle).unwrap(), tagged);

    // The metadata of a log that changes stays as well.
    log.fields.insert("api_token".into(), Value::text("s3cret"));
    sink.push(vec![EventWrapper::log(log.clone())]).await.unwrap();
    log.fields.insert("api_token".into(), Value::text("[REDACTED]"));
    assert_eq!(source.events().last(), Some(&EventWrapper::log(log)));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_compressed_either_way() {
    for (flag, inbound) in
        [("gzip", CompressionEncoding::Zstd), ("zstd", CompressionEncoding::Gzip)]
    {
        let source = VectorSource::start().await;
        let relay = Relay::start(&source.url(), &["--compression", flag]);
        let sink = VectorSink::new(&relay.listen).compressed(inbound);
        sink.push(vec![message("read ECONNRESET")]).await.unwrap();
        assert_eq!(source.encodings(), [Some(flag.to_owned())]);
        assert_eq!(source.events(), [EventWrapper::log(reset_tags("read ECONNRESET"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_noise_is_answered_without_the_next_hop() {
    let relay = Relay::start("http://127.0.0.1:1", &[]);
    let sink = VectorSink::new(&relay.listen);
    sink.push(vec![message("context canceled"); 3]).await.unwrap();
    assert_eq!(relay.metric(r#"vector_signatures_events_total{kind="log",verdict="noise"}"#), 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_goes_back_so_that_no_event_is_given_up_for_a_wrong_setup() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    for refusal in (1..=16).map(Code::from) {
        source.answer(Answer::Refuse(refusal));
        let expected = match refusal {
            // What Vector says when a downstream sink rejects the events.
            Code::DataLoss | Code::InvalidArgument | Code::OutOfRange => refusal,
            _ => Code::Unavailable,
        };
        assert_eq!(code(sink.push(vec![message("x")]).await), expected, "{refusal:?}");
    }
    source.answer(Answer::Take);
    assert_eq!(code(sink.push(vec![message("x")]).await), Code::Ok);
    assert_eq!(source.events(), [message("x")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_a_slow_next_hop_up_to_the_timeout() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &["--forward-timeout", "1"]);
    let sink = VectorSink::new(&relay.listen);
    source.answer(Answer::TakeAfter(Duration::from_millis(300)));
    let start = std::time::Instant::now();
    sink.push(vec![message("x")]).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(source.events().len(), 1);

    source.answer(Answer::TakeAfter(Duration::from_secs(30)));
    assert_eq!(code(sink.push(vec![message("y")]).await), Code::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_next_hop_is_found_again() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    sink.push(vec![message("a")]).await.unwrap();
    assert_eq!(relay.get("/readyz").0, 200);

    let address = source.address;
    drop(source);
    assert_eq!(code(sink.push(vec![message("b")]).await), Code::Unavailable);
    let (status, body) = relay.get("/readyz");
    assert_eq!(status, 503);
    assert!(body.starts_with("next hop: "), "{body}");
    assert_eq!(relay.get("/healthz"), (200, "ok\n".to_owned()));
    assert!(relay.metric("vector_signatures_next_hop_retries_total") >= 1.0);

    let source = VectorSource::start_at(address, None).await;
    sink.push(vec![message("b")]).await.unwrap();
    assert_eq!(source.events(), [message("b")]);
    assert_eq!(relay.get("/readyz").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_requests_are_in_flight() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &["--max-in-flight", "2"]);
    let sink = VectorSink::new(&relay.listen);
    source.answer(Answer::TakeAfter(Duration::from_millis(400)));
    let pushes: Vec<_> = (0..6)
        .map(|_| {
            let sink = sink.clone();
            tokio::spawn(async move { sink.push(vec![message("x")]).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(relay.metric("vector_signatures_requests_in_flight"), 2.0);
    assert!(source.encodings().len() <= 2);
    for push in pushes {
        push.await.unwrap().unwrap();
    }
    assert_eq!(source.events().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_and_malformed_requests_are_refused_for_good() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &["--max-message-bytes", "10000"]);
    let sink = VectorSink::new(&relay.listen);
    let long = "x".repeat(20_000);
    assert_eq!(code(sink.push(vec![message(&long)]).await), Code::OutOfRange);
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        // Small on the wire, and a bomb nevertheless.
        let bomb = "x".repeat(50_000_000);
        let sink = VectorSink::new(&relay.listen).compressed(encoding);
        assert_eq!(code(sink.push(vec![message(&bomb)]).await), Code::OutOfRange);
    }
    let whole = PushEventsRequest { events: vec![message("ECONNRESET")] }.encode_to_vec();
    for end in 1..whole.len() {
        let answer = sink.push_bytes(whole[..end].to_vec()).await;
        assert_eq!(code(answer), Code::InvalidArgument, "{end}");
    }
    assert_eq!(source.requests().len(), 0);
    sink.push_bytes(whole).await.unwrap();
    assert_eq!(source.events().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_health_services_say_that_the_relay_serves() {
    let relay = Relay::start("http://127.0.0.1:1", &[]);
    let sink = VectorSink::new(&relay.listen);
    assert!(sink.call("/vector.Vector/HealthCheck", vec![]).await.unwrap().is_empty());
    // `HealthCheckRequest {service}` and `HealthCheckResponse {status: SERVING}`.
    for service in ["", "vector.Vector"] {
        let mut request = vec![10, service.len() as u8];
        request.extend(service.bytes());
        let answer = sink.call("/grpc.health.v1.Health/Check", request).await.unwrap();
        assert_eq!(answer, [8, 1][..], "{service}");
    }
    let unknown = sink.call("/vector.Vector/Unknown", vec![]).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unimplemented);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_raised_for_what_arrived() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let mut log = Log::of([("message", Value::text("ECONNRESET password=hunter2"))]);
    log.fields.insert("host".into(), Value::text("web-1"));
    let event = EventWrapper::log(log);
    source.answer(Answer::Refuse(Code::Unavailable));
    for _ in 0..5 {
        sink.push(vec![event.clone()]).await.unwrap_err();
    }
    source.answer(Answer::Take);
    sink.push(vec![event.clone(), event.clone()]).await.unwrap();
    assert_eq!(relay.alerts(), [] as [serde_json::Value; 0]);
    sink.push(vec![event; 4]).await.unwrap();
    relay.wait_for("\"samples\":");
    let alerts = relay.alerts();
    assert_eq!(alerts.len(), 1);
    assert_eq!(
        (&alerts[0]["signature"], &alerts[0]["count"], &alerts[0]["host"], &alerts[0]["samples"]),
        (
            &"NET_RESET".into(),
            &3.into(),
            &"web-1".into(),
            &serde_json::json!(["ECONNRESET password=[REDACTED]"])
        )
    );
    assert_eq!(relay.metric("vector_signatures_suppressed_total"), 3.0);
    assert_eq!(relay.metric("vector_signatures_fingerprints"), 1.0);
    let matches = r#"vector_signatures_matches_total{category="network",signature="NET_RESET"}"#;
    assert_eq!(relay.metric(matches), 6.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn shadow_delivers_nothing_and_tagging_goes_on_without_aggregation() {
    let source = VectorSource::start().await;
    for (flags, mode) in [(["--shadow=on"], "shadow"), (["--aggregate=off"], "tagging only")] {
        let relay = Relay::start(&source.url(), &flags);
        relay.wait_for(&format!("\"mode\":\"{mode}\""));
        let sink = VectorSink::new(&relay.listen);
        sink.push(vec![message("Out of memory")]).await.unwrap();
        if mode == "shadow" {
            relay.wait_for("log_aggregator_shadow_emit");
            let log = relay.stderr();
            let line =
                log.lines().find(|line| line.contains("log_aggregator_shadow_emit")).unwrap();
            let said: serde_json::Value = serde_json::from_str(line).unwrap();
            let texts = ["category", "signature", "policy", "samples", "name", "fingerprint"];
            assert!(texts.iter().all(|field| said[field].is_string()), "{line}");
            assert_eq!(said["samples"], "Out of memory");
        }
        assert_eq!(relay.alerts(), [] as [serde_json::Value; 0]);
        assert!(
            source.events().last().unwrap().as_log().unwrap().fields.contains_key("error_category")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_errors_are_shown_in_the_status() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let log = Log::of([("message", Value::text("Odd 17")), ("level", Value::text("error"))]);
    sink.push(vec![EventWrapper::log(log); 2]).await.unwrap();
    let (code, body) = relay.get("/status");
    let status: serde_json::Value = serde_json::from_str(&body).unwrap();
    let generic = serde_json::json!([
        {"fingerprint": "cb3c6673c982", "canonical": "odd #", "count": 2}
    ]);
    assert_eq!((code, &status["mode"], &status["generic"]), (200, &"alerting".into(), &generic));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_reloaded_under_load_and_broken_ones_are_not() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &["--reload-seconds", "0"]);
    let sink = VectorSink::new(&relay.listen);
    let load = tokio::spawn(async move {
        let mut sent = 0;
        while sent < 3000 {
            sink.push(vec![message("read ECONNRESET"); 10]).await.unwrap();
            sent += 10;
        }
        sent
    });
    let newer = process::TAXONOMY.replace("NET_RESET", "NET_NEW");
    std::fs::write(relay.path("taxonomy.yml"), newer).unwrap();
    relay.signal("HUP");
    relay.wait_for("reloaded");
    std::fs::write(relay.path("taxonomy.yml"), "categories: {a: {signatures: [\"(\"]}}").unwrap();
    relay.signal("HUP");
    relay.wait_for("not reloaded");
    let sent = load.await.unwrap();

    let events = source.events();
    assert_eq!(events.len(), sent);
    let signatures: Vec<_> = events
        .iter()
        .map(|event| event.as_log().unwrap().fields["error_signature"].as_text().unwrap())
        .collect();
    let switched = signatures.iter().position(|id| *id == "NET_NEW").unwrap();
    assert!(signatures[..switched].iter().all(|id| *id == "NET_RESET"));
    assert!(signatures[switched..].iter().all(|id| *id == "NET_NEW"));
    for (result, count) in [("ok", 1.0), ("failed", 1.0)] {
        let name = format!("vector_signatures_reloads_total{{result=\"{result}\"}}");
        assert_eq!(relay.metric(&name), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_load_loses_no_event() {
    let source = VectorSource::start().await;
    let mut relay = Relay::start(&source.url(), &[]);
    let listen = relay.listen.clone();
    let (workers, batches, size) = (4, 120, 25);
    let load: Vec<_> = (0..workers)
        .map(|worker| {
            let sink = VectorSink::new(&listen);
            tokio::spawn(async move {
                for batch in 0..batches {
                    let event = |n| message(&format!("ECONNRESET {worker}/{batch}/{n}/"));
                    let events: Vec<_> = (0..size).map(event).collect();
                    // As Vector's sink does: the same request until it is taken.
                    while sink.push(events.clone()).await.is_err() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            })
        })
        .collect();
    for kill in 1..=3 {
        eventually("events flow", || source.requests().len() > kill * 60).await;
        relay.signal("KILL");
        relay.wait();
        let args = ["--listen", &listen, "--forward", &source.url()];
        relay = Relay::start_in(folder(), &args);
    }
    for worker in load {
        worker.await.unwrap();
    }
    let seen: BTreeSet<String> = source
        .events()
        .iter()
        .map(|event| event.as_log().unwrap().fields["message"].as_text().unwrap().to_owned())
        .collect();
    assert_eq!(seen.len(), workers * batches * size);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_in_flight_finish_within_the_deadline() {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_millis(700)));
    let mut relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let push = tokio::spawn(async move { sink.push(vec![message("x")]).await });
    eventually("the request has arrived", || source.encodings().len() == 1).await;
    relay.signal("TERM");
    relay.wait_for("stopping");
    assert_eq!(relay.get("/readyz").0, 503);
    push.await.unwrap().unwrap();
    assert_eq!(relay.wait(), Some(0));
    assert_eq!(source.events().len(), 1);

    source.answer(Answer::TakeAfter(Duration::from_secs(30)));
    let mut relay = Relay::start(&source.url(), &["--shutdown-seconds", "0.3"]);
    let sink = VectorSink::new(&relay.listen);
    let push = tokio::spawn(async move { sink.push(vec![message("x")]).await });
    eventually("the request has arrived", || source.encodings().len() == 2).await;
    relay.signal("TERM");
    assert_eq!(relay.wait(), Some(0));
    assert!(relay.stderr().contains("gave up requests in flight"));
    assert!(push.await.unwrap().is_err());
}

#[test]
fn a_wrong_setup_is_told_with_its_place() {
    let (exit, error) = fails(&[]);
    assert_eq!(exit, Some(2));
    assert!(error.contains("no next hop: give --forward"), "{error}");
    for url in [
        "127.0.0.1:6101",
        "ftp://x",
        "http://",
        "http://h:x",
        "http://h:",
        "http://h:65536",
        "https://[::1]:x",
    ] {
        let (exit, error) = fails(&["--forward", url]);
        assert_eq!(exit, Some(2), "{url}");
        assert!(error.contains(&format!("cannot forward to `{url}`")), "{error}");
    }
    let folder = folder();
    std::fs::write(folder.path().join("relay.yml"), "listen: 127.0.0.1:0\nforwrad: {}\n").unwrap();
    let output = process::command(folder.path()).args(["--config", "relay.yml"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("error: relay.yml:2:1: ") && error.contains("forwrad"), "{error}");
}

#[test]
fn a_relay_does_not_forward_to_itself() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (listen, host) in [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost")] {
        let (listen, url) = (format!("{listen}:{port}"), format!("http://{host}:{port}"));
        let (exit, error) = fails(&["--listen", &listen, "--forward", &url]);
        assert_eq!(exit, Some(2));
        assert!(error.contains(&format!("{listen} would forward to itself")), "{error}");
    }
}

#[test]
fn an_address_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (listen, status) in [(taken.as_str(), "127.0.0.1:0"), ("127.0.0.1:0", taken.as_str())] {
        let (exit, error) =
            fails(&["--forward", "http://127.0.0.1:1", "--listen", listen, "--status", status]);
        assert_eq!(exit, Some(2));
        assert!(error.contains(&format!("cannot listen on {taken}: ")), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_speak_mutual_tls() {
    let folder = folder();
    let authority = Authority::new();
    for name in ["relay", "sender", "next-hop"] {
        authority.issue(name, folder.path());
    }
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let stranger = Authority::new();
    stranger.issue("stranger", folder.path());
    let pem = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let identity =
        |name: &str| Identity::from_pem(pem(&format!("{name}.pem")), pem(&format!("{name}.key")));
    let ca = Certificate::from_pem(authority.pem());

    let server = ServerTlsConfig::new().identity(identity("next-hop")).client_ca_root(ca.clone());
    let source = VectorSource::start_at(([127, 0, 0, 1], 0).into(), Some(server)).await;
    let config = format!(
        "listen: 127.0.0.1:0\n\
         tls: {{crt_file: relay.pem, key_file: relay.key, ca_file: ca.pem}}\n\
         forward:\n  \
           url: https://{}\n  \
           tls: {{crt_file: relay.pem, key_file: relay.key, ca_file: ca.pem, server_name: next-hop}}\n",
        source.address
    );
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    let trusting = ClientTlsConfig::new().ca_certificate(ca).domain_name("relay");
    let known = trusting.clone().identity(identity("sender"));
    let unknown = trusting.clone().identity(identity("stranger"));
    let relay = Relay::start_in(folder, &["--config", "relay.yml"]);

    let sink = VectorSink::with_tls(&relay.listen, known);
    sink.push(vec![message("read ECONNRESET")]).await.unwrap();
    assert_eq!(source.events(), [EventWrapper::log(reset_tags("read ECONNRESET"))]);
    assert_eq!(relay.get("/readyz").0, 200);
    for refused in [
        VectorSink::with_tls(&relay.listen, unknown),
        VectorSink::with_tls(&relay.listen, trusting),
        VectorSink::new(&relay.listen),
    ] {
        assert!(refused.push(vec![message("x")]).await.is_err());
    }
    assert_eq!(source.events().len(), 1);
}

/// Certificates of both ends, and the token: on SIGHUP at once, and by themselves when
/// they are found changed. What is broken is not taken over.
#[tokio::test(flavor = "multi_thread")]
async fn rotated_files_of_its_own_are_taken_over_and_broken_ones_are_not() {
    let folder = folder();
    let path = folder.path().to_owned();
    let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
    let authorities = [(); 4].map(|()| Authority::new());
    let [first, second, hop, other_hop] = &authorities;
    hop.issue("next-hop", &path);
    let identity = || {
        let pem = |name: &str| std::fs::read(path.join(name)).unwrap();
        Identity::from_pem(pem("next-hop.pem"), pem("next-hop.key"))
    };
    let server = ServerTlsConfig::new().identity(identity());
    let source = VectorSource::start_at(([127, 0, 0, 1], 0).into(), Some(server)).await;
    first.issue("relay", &path);
    // Not that of the next hop yet.
    write("hop-ca.pem", &other_hop.pem());
    write("token", "first");
    write(
        "relay.yml",
        &format!(
            "listen: 127.0.0.1:0\nreload_seconds: 1\nstatus: {{token_file: token}}\n\
             tls: {{crt_file: relay.pem, key_file: relay.key}}\n\
             forward: {{url: 'https://{}', tls: {{ca_file: hop-ca.pem, server_name: next-hop}}}}\n",
            source.address
        ),
    );
    let relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    let trusting = |authority: &Authority| {
        let ca = Certificate::from_pem(authority.pem());
        let tls = ClientTlsConfig::new().ca_certificate(ca).domain_name("relay");
        VectorSink::with_tls(&relay.listen, tls)
    };
    let page = |token: &str| {
        process::get(&relay.status, "/status", &format!("Authorization: Bearer {token}\r\n")).0
    };
    assert_eq!(code(trusting(first).push(vec![message("x")]).await), Code::Unavailable);
    assert_eq!((page("first"), page("second")), (200, 401));

    // By itself, and each for itself.
    write("hop-ca.pem", &hop.pem());
    relay.wait_for("the files of TLS and of the token are in force anew");
    trusting(first).push(vec![message("x")]).await.unwrap();
    write("token", "second");
    second.issue("relay", &path);
    relay.signal("HUP");
    let taken = || page("second") == 200 && page("first") == 401;
    eventually("the token is taken over", taken).await;
    trusting(second).push(vec![message("y")]).await.unwrap();
    assert!(trusting(first).push(vec![message("z")]).await.is_err());

    let reloads = |result: &str| {
        let page = process::get(&relay.status, "/status", "Authorization: Bearer second\r\n").1;
        let page: serde_json::Value = serde_json::from_str(&page).unwrap();
        page["reloads"][result].as_u64().unwrap()
    };
    // What is told is what holds: nothing is reloaded where a file is refused.
    for (name, broken) in [("relay.key", "no key"), ("token", " "), ("hop-ca.pem", "")] {
        let whole = std::fs::read_to_string(path.join(name)).unwrap();
        let (reloaded, failed) = (reloads("ok"), reloads("failed"));
        write(name, broken);
        relay.signal("HUP");
        let is_told = || {
            let stderr = relay.stderr();
            let last = stderr.lines().rfind(|line| line.contains("reloaded")).unwrap();
            last.contains("not reloaded") && last.contains("are not taken over")
        };
        eventually("it is told", || is_told() && reloads("failed") > failed).await;
        assert_eq!(reloads("ok"), reloaded);
        assert_eq!(page("second"), 200);
        trusting(second).push(vec![message("y")]).await.unwrap();
        write(name, &whole);
        relay.signal("HUP");
        eventually("it is whole again", || reloads("ok") > reloaded).await;
    }
    assert!(!relay.stderr().contains("second"), "{}", relay.stderr());
}

/// As of `<(…)`: what is no regular file is read once, also where it is named twice and
/// other files are rotated.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_can_be_read_once_are_read_once() {
    let folder = folder();
    let path = folder.path().to_owned();
    let authority = Authority::new();
    ["next-hop", "relay"].iter().for_each(|name| authority.issue(name, &path));
    let pem = |name: &str| std::fs::read(path.join(name)).unwrap();
    let identity = Identity::from_pem(pem("next-hop.pem"), pem("next-hop.key"));
    let server = ServerTlsConfig::new().identity(identity.clone());
    let source = VectorSource::start_at(([127, 0, 0, 1], 0).into(), Some(server)).await;
    let once =
        [("ca", authority.pem().into_bytes()), ("key", pem("relay.key")), ("token", b"t\n".into())];
    for (name, content) in once {
        let pipe = path.join(name);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::thread::spawn(move || std::fs::write(pipe, content).unwrap());
    }
    let config = format!(
        "listen: 127.0.0.1:0\nstatus: {{token_file: token}}\n\
         tls: {{crt_file: relay.pem, key_file: key, ca_file: ca}}\n\
         forward: {{url: 'https://{}', tls: {{ca_file: ca, server_name: next-hop}}}}\n",
        source.address
    );
    std::fs::write(path.join("relay.yml"), config).unwrap();
    let relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    let push = async || {
        let ca = Certificate::from_pem(authority.pem());
        let tls = ClientTlsConfig::new().ca_certificate(ca).domain_name("relay");
        VectorSink::with_tls(&relay.listen, tls.identity(identity.clone()))
            .push(vec![message("x")])
            .await
    };
    push().await.unwrap();
    // The certificate alone is of another now, which shows at once: the key is as it was.
    let whole = pem("relay.pem");
    Authority::new().issue("relay", &path);
    relay.signal("HUP");
    relay.wait_for("are not taken over");
    push().await.unwrap();
    std::fs::write(path.join("relay.pem"), whole).unwrap();
    relay.signal("HUP");
    relay.wait_for("\"message\":\"reloaded\"");
    push().await.unwrap();
    assert_eq!(process::get(&relay.status, "/status", "Authorization: Bearer t\r\n").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_hop_of_another_authority_gets_no_event() {
    let folder = folder();
    let (authority, other) = (Authority::new(), Authority::new());
    other.issue("next-hop", folder.path());
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let pem = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let identity = Identity::from_pem(pem("next-hop.pem"), pem("next-hop.key"));
    let server = ServerTlsConfig::new().identity(identity);
    let source = VectorSource::start_at(([127, 0, 0, 1], 0).into(), Some(server)).await;
    let config = format!(
        "listen: 127.0.0.1:0\n\
         forward: {{url: \"https://{}\", tls: {{ca_file: ca.pem, server_name: next-hop}}}}\n",
        source.address
    );
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    let relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    let sink = VectorSink::new(&relay.listen);
    assert_eq!(code(sink.push(vec![message("x")]).await), Code::Unavailable);
    assert_eq!(relay.get("/readyz").0, 503);
    assert_eq!(source.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_hop_that_shows_the_very_certificate_that_was_given_gets_events() {
    let folder = folder();
    self_signed("next-hop", true, folder.path());
    let pem = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let identity = Identity::from_pem(pem("next-hop.pem"), pem("next-hop.key"));
    let server = ServerTlsConfig::new().identity(identity);
    let source = VectorSource::start_at(([127, 0, 0, 1], 0).into(), Some(server)).await;
    let config = format!(
        "listen: 127.0.0.1:0\n\
         forward: {{url: \"https://{}\", tls: {{ca_file: next-hop.pem, server_name: next-hop}}}}\n",
        source.address
    );
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    let relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    VectorSink::new(&relay.listen).push(vec![message("x")]).await.unwrap();
    assert_eq!(source.events(), [message("x")]);
}

#[test]
fn tls_that_cannot_be_set_up_is_told_at_the_start() {
    let folder = folder();
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    for name in ["host", "other"] {
        Authority::new().issue(name, folder.path());
    }
    let cases = [
        ("tls: {crt_file: a.pem}", "TLS needs both `crt_file` and `key_file`"),
        ("tls: {crt_file: a.pem, key_file: a.key}", "cannot read a."),
        ("tls: {crt_file: empty.pem, key_file: empty.pem}", "empty.pem holds no certificate"),
        ("tls: {crt_file: host.pem, key_file: host.pem}", "host.pem holds no private key"),
        ("tls: {crt_file: host.pem, key_file: other.key}", "cannot serve TLS: "),
        (
            "forward: {url: \"https://x:1\", tls: {ca_file: empty.pem}}",
            "empty.pem holds no certificate",
        ),
        (
            "forward: {url: \"http://x:1\", tls: {ca_file: a.pem}}",
            "TLS is configured: write https://",
        ),
        ("forward: {url: \"https://x:1\", tls: {ca_file: a.pem}}", "cannot read a.pem"),
    ];
    for (config, expected) in cases {
        std::fs::write(folder.path().join("relay.yml"), config).unwrap();
        let mut command = process::command(folder.path());
        command.args([
            "--config",
            "relay.yml",
            "--listen",
            "127.0.0.1:0",
            "--status",
            "127.0.0.1:0",
        ]);
        if !config.contains("url") {
            command.args(["--forward", "http://127.0.0.1:1"]);
        }
        let output = command.stderr(std::process::Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{config}: {error}");
        assert!(error.contains(expected), "{config}: {error}");
    }
}

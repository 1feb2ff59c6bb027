//! The `vector` sink against a gRPC server that stands where a `vector` source
//! would.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{net::SocketAddr, time::Duration};

use given::{alert, config};
use signatures_alerts::Alert;
use signatures_delivery::{Backlog, SendError};
use signatures_engine::GroupId;
use signatures_peers::{
    certificates::Authority,
    proto::{EventWrapper, Kind, Log, Value},
    receiver::{Fault, Misbehaving, nobody, runtime},
    vector::{Answer, VectorSource},
    waiting::wait_until,
};
use tonic::{
    Code,
    transport::{Certificate, Identity, ServerTlsConfig},
};

fn source() -> VectorSource {
    source_at(([127, 0, 0, 1], 0).into(), None)
}

fn source_at(address: SocketAddr, tls: Option<ServerTlsConfig>) -> VectorSource {
    runtime().block_on(VectorSource::start_at(address, tls))
}

/// What a `vector` sink says to the test alert.
fn send(url: &str, more: &str) -> Result<String, SendError> {
    given::send(&format!("sinks: {{v: {{type: vector, url: '{url}'{more}}}}}"), &[])
}

/// A log event with the fields of a JSON text.
fn log_event(json: &str) -> EventWrapper {
    fn value(json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Object(map) => Value::map(map.iter().map(|(k, v)| (k, value(v)))),
            serde_json::Value::Array(items) => Value::array(items.iter().map(value)),
            serde_json::Value::String(text) => Value::text(text),
            serde_json::Value::Bool(boolean) => Value::of(Kind::Boolean(*boolean)),
            serde_json::Value::Number(n) => Value::of(Kind::Integer(n.as_i64().unwrap())),
            serde_json::Value::Null => Value::of(Kind::Null(0)),
        }
    }
    let serde_json::Value::Object(fields) = serde_json::from_str(json).unwrap() else { panic!() };
    EventWrapper::log(Log::of(fields.iter().map(|(key, json)| (key, value(json)))))
}

fn events(alerts: &[Alert]) -> Vec<EventWrapper> {
    let event = |alert: &Alert| {
        // Each has opened an incident.
        let incident = GroupId::new("incident", &alert.id, "", [""; 0]).to_string();
        let alert = Alert { incident: Some(incident[..10].to_owned()), ..alert.clone() };
        log_event(&serde_json::to_string(&alert).unwrap())
    };
    alerts.iter().map(event).collect()
}

#[test]
fn every_alert_that_is_due_arrives_as_a_log_event() {
    for (compression, encoding) in [("none", None), ("gzip", Some("gzip")), ("zstd", Some("zstd"))]
    {
        let source = source();
        let yaml = format!(
            "sinks: {{v: {{type: vector, url: '{}', compression: {compression}}}}}",
            source.url()
        );
        let delivery = given::open(config(&yaml, &[]), None);
        let alerts: Vec<_> = (0..5).map(alert).collect();
        delivery.submit(&alerts, vec![]).wait().unwrap();
        assert_eq!(delivery.shutdown(Duration::from_secs(10)), Backlog::default());
        assert_eq!(source.events(), events(&alerts));
        assert_eq!(source.encodings(), [encoding.map(str::to_owned)]);
    }
}

#[test]
fn what_a_refusal_means_is_told_by_its_status() {
    let source = source();
    assert_eq!(send(&source.url(), ""), Ok("taken".to_owned()));
    let mut permanent = Vec::new();
    for code in (1..=16).map(Code::from) {
        source.answer(Answer::Refuse(code));
        let failure = send(&source.url(), "").unwrap_err();
        assert_eq!(failure.fault.to_string(), format!("answered {code:?}: refused"));
        let label = if failure.fault.is_permanent() { "refused" } else { "server_error" };
        assert_eq!(failure.fault.label(), label);
        permanent.extend(failure.fault.is_permanent().then_some(code));
    }
    assert_eq!(
        permanent,
        [
            Code::InvalidArgument,
            Code::NotFound,
            Code::PermissionDenied,
            Code::FailedPrecondition,
            Code::OutOfRange,
            Code::Unimplemented,
            Code::DataLoss,
            Code::Unauthenticated,
        ]
    );
}

#[test]
fn a_source_that_is_away_or_silent_is_told_as_such() {
    let away = send(&format!("http://{}", nobody()), "").unwrap_err().fault;
    assert_eq!(away.label(), "unreachable");
    assert!(away.to_string().contains("onnection refused"), "{away}");

    let source = source();
    source.answer(Answer::TakeAfter(Duration::from_secs(30)));
    let silent = send(&source.url(), ", timeout_seconds: 1").unwrap_err().fault;
    assert_eq!(silent.label(), "timeout");
    assert_eq!(silent.to_string(), "not acknowledged within 1 s; it may have arrived");

    // Whoever accepts a connection and says nothing is not waited for either.
    let mute = Misbehaving::new(Fault::Silence);
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{}", mute.address);
        let fault = send(&url, ", timeout_seconds: 1").unwrap_err().fault;
        assert_eq!(fault.to_string(), "no answer in time", "{scheme}");
    }

    let not_grpc = signatures_peers::receiver::Receiver::answering(200, "hello");
    let fault = send(&format!("http://{}", not_grpc.address), "").unwrap_err().fault;
    assert_eq!((fault.label(), fault.is_permanent()), ("broken", false), "{fault}");
}

#[test]
fn a_late_acknowledgement_is_waited_for_and_holds_up_no_other_alert() {
    let source = source();
    // Longer than any other sink may take.
    source.answer(Answer::TakeAfter(Duration::from_secs(17)));
    let yaml = format!("sinks: {{v: {{type: vector, url: '{}'}}}}", source.url());
    let delivery = given::open(config(&yaml, &[]), None);
    delivery.submit(&[alert(0)], vec![]).wait().unwrap();
    wait_until(|| source.encodings().len() == 1);
    std::thread::sleep(Duration::from_millis(500));
    source.answer(Answer::Take);
    let others: Vec<_> = (1..10).map(alert).collect();
    for alert in &others {
        let before = source.encodings().len();
        delivery.submit(std::slice::from_ref(alert), vec![]).wait().unwrap();
        wait_until(|| source.encodings().len() > before);
    }
    wait_until(|| delivery.status()[0].sent == 10);
    // Each once; in which order, the source does not say when it is late.
    let sorted = |events: Vec<EventWrapper>| {
        let mut texts: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
        texts.sort();
        texts
    };
    let all: Vec<_> = others.into_iter().chain([alert(0)]).collect();
    assert_eq!(sorted(source.events()), sorted(events(&all)));
}

#[test]
fn an_alert_is_tried_until_it_is_taken_and_a_restart_goes_on() {
    let (folder, source) = (tempfile::tempdir().unwrap(), source());
    let yaml = format!("sinks: {{v: {{type: vector, url: '{}'}}}}", source.url());
    let open = || given::open(config(&yaml, &[]), Some(folder.path()));
    source.answer(Answer::Refuse(Code::Unavailable));
    let delivery = open();
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    wait_until(|| source.encodings().len() >= 3);
    let left = delivery.shutdown(Duration::from_secs(5));
    assert_eq!(left, Backlog { queued: 1, ..Backlog::default() });

    let address = source.address;
    drop(source);
    let delivery = open();
    let source = source_at(address, None);
    wait_until(|| source.events() == events(&[alert(1)]));
    assert_eq!(delivery.shutdown(Duration::from_secs(5)), Backlog::default());
}

#[test]
fn tls_asks_for_a_trusted_certificate_and_may_show_one() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    for name in ["localhost", "client"] {
        authority.issue(name, folder.path());
    }
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(read("localhost.pem"), read("localhost.key")))
        .client_ca_root(Certificate::from_pem(authority.pem()));
    let source = source_at(([127, 0, 0, 1], 0).into(), Some(tls));
    let url = format!("https://127.0.0.1:{}", source.address.port());

    let untrusted = send(&url, "").unwrap_err().fault;
    assert_eq!(untrusted.label(), "unreachable", "{untrusted}");
    let trusted = format!(", ca_file: '{}', server_name: localhost", path("ca.pem"));
    let nobody = send(&url, &trusted).unwrap_err().fault;
    assert!(!nobody.is_permanent(), "{nobody}");
    let shown = format!(
        "{trusted}, crt_file: '{}', key_file: '{}'",
        path("client.pem"),
        path("client.key")
    );
    assert_eq!(send(&url, &shown), Ok("taken".to_owned()));
    assert_eq!(source.events().len(), 1);
}

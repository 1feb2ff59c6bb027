//! Whatever goes wrong, an alert arrives or lies with the dead letters.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use given::{alert, config, open};
use jiff::Timestamp;
use signatures_delivery::{
    Backlog, Clock, Config, Dispatcher, LostAlerts, Now, SinkStatus, Tasks, notify_test,
};
use signatures_ledger::{DATABASE, Selection, State, Store};
use signatures_peers::{
    certificates::self_signed,
    receiver::{Fault, Misbehaving, Receiver, nobody, runtime},
    waiting::wait_until,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

fn webhook(address: impl std::fmt::Display) -> Config {
    config(
        &format!("sinks: {{hook: {{type: webhook, url: 'http://{address}', timeout_seconds: 1}}}}"),
        &[],
    )
}

fn status(delivery: &Dispatcher) -> [u64; 4] {
    let [SinkStatus { queued, sent, dead, dropped, .. }] = delivery.status().try_into().unwrap();
    [queued, sent, dead, dropped]
}

/// Waits until what became of alerts is on the disk, too.
fn wait_until_written(delivery: &Dispatcher) {
    delivery.submit(&[], vec![]).wait().unwrap();
}

fn ids(receiver: &Receiver) -> Vec<String> {
    receiver.requests().iter().map(|r| r.header("idempotency-key").to_owned()).collect()
}

/// Every way to fail: what it is called, and whether it is final.
#[test]
fn every_fault_is_recognised() {
    let redirect = Receiver::new(|_, _| (302, vec![("location", "/else".into())], String::new()));
    let later = Receiver::new(|_, _| (429, vec![("retry-after", "9".into())], String::new()));
    let statuses = [500, 502, 429, 400, 401, 404].map(|s| Receiver::answering(s, "why"));
    let faults =
        [Fault::Reset, Fault::Garbage, Fault::Silence, Fault::Drip(500), Fault::Flood(500)]
            .map(Misbehaving::new);
    let mut cases = vec![
        (nobody(), "unreachable", false),
        (redirect.address, "redirect", false),
        (later.address, "too_many_requests", false),
    ];
    let labels =
        ["server_error", "server_error", "too_many_requests", "refused", "refused", "refused"];
    for (receiver, label) in statuses.iter().zip(labels) {
        cases.push((receiver.address, label, label == "refused"));
    }
    let labels = ["broken", "broken", "timeout", "server_error", "server_error"];
    cases.extend(faults.iter().zip(labels).map(|(fault, label)| (fault.address, label, false)));

    let sinks: Vec<_> = (cases.iter().enumerate())
        .map(|(n, (address, ..))| {
            format!("  s{n}: {{type: webhook, url: 'http://{address}', timeout_seconds: 1}}\n")
        })
        .collect();
    let config = config(&format!("sinks:\n{}", sinks.concat()), &[]);
    let answers = notify_test(&config, None, Timestamp::now()).unwrap();
    let found: Vec<_> = answers
        .iter()
        .map(|(_, answer)| {
            let fault = &answer.as_ref().unwrap_err().fault;
            (fault.label(), fault.is_permanent())
        })
        .collect();
    let expected: Vec<_> = cases.iter().map(|(_, label, is_final)| (*label, *is_final)).collect();
    assert_eq!(found, expected, "{answers:#?}");
    assert_eq!(redirect.requests().len(), 1);
}

#[test]
fn a_status_counts_whatever_becomes_of_the_body() {
    for fault in [Fault::Drip(200), Fault::Flood(200)] {
        let service = Misbehaving::new(fault);
        let answers = notify_test(&webhook(service.address), None, Timestamp::now()).unwrap();
        assert!(answers[0].1.is_ok(), "{fault:?}: {answers:?}");
    }
}

#[test]
fn a_certificate_must_be_trusted() {
    for is_authority in [false, true] {
        must_be_trusted(is_authority);
    }
}

/// Of a service that shows a certificate signed by itself, as that of an authority
/// or not.
fn must_be_trusted(is_authority: bool) {
    let folder = tempfile::tempdir().unwrap();
    self_signed("localhost", is_authority, folder.path());
    let [ca_file, key_file] =
        ["localhost.pem", "localhost.key"].map(|name| folder.path().join(name));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(&ca_file).unwrap()],
            PrivateKeyDer::from_pem_file(key_file).unwrap(),
        )
        .unwrap();
    let runtime = runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                use tokio::io::{AsyncReadExt, AsyncWriteExt};
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 9000]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
                let _ = stream.shutdown().await;
            });
        }
    });
    let send = |more: &str| {
        let yaml =
            format!("sinks: {{hook: {{type: webhook, url: 'https://localhost:{port}'{more}}}}}");
        notify_test(&config(&yaml, &[]), None, Timestamp::now()).unwrap().remove(0).1
    };
    let refused = send("").unwrap_err().fault;
    assert_eq!(refused.label(), "unreachable");
    let expected = match is_authority {
        true => "is that of an authority, and not the one in `ca_file`",
        false => "is of no authority that is trusted here: `ca_file`",
    };
    assert!(refused.to_string().ends_with(expected), "{refused}");
    let trusted = send(&format!(", ca_file: '{}'", ca_file.display()));
    assert_eq!(trusted.unwrap().answer, "200 ok");
}

#[test]
fn an_alert_is_tried_until_it_is_taken() {
    let service = Receiver::new(|n, _| match n {
        0 => (500, vec![], String::new()),
        1 => (429, vec![("retry-after", "1".into())], String::new()),
        _ => (200, vec![], String::new()),
    });
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(webhook(service.address), Some(folder.path()));
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    let requests = service.wait_for(3);
    let waited = requests[2].at.duration_since(requests[1].at);
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
    assert_eq!(ids(&service), vec![alert(1).id.clone(); 3]);
    wait_until(|| status(&delivery) == [0, 1, 0, 0]);
    assert_eq!(delivery.shutdown(Duration::from_secs(5)), Backlog::default());
}

#[test]
fn a_service_that_asks_for_no_wait_is_not_asked_at_once() {
    for asks in ["0", "Fri, 31 Dec 1999 23:59:59 GMT"] {
        let service = Receiver::new(move |n, _| match n {
            0..3 => (503, vec![("retry-after", asks.to_owned())], String::new()),
            _ => (200, vec![], String::new()),
        });
        let mut config = webhook(service.address);
        config.sinks[0].pace.retry.base = Duration::from_millis(700);
        let delivery = open(config, None);
        delivery.submit(&[alert(1)], vec![]).wait().unwrap();
        let requests = service.wait_for(4);
        for pair in requests.windows(2) {
            let waited = pair[1].at.duration_since(pair[0].at);
            assert!(waited >= Duration::from_millis(700), "{asks}: {waited:?}");
        }
    }
}

#[test]
fn a_permanent_refusal_is_tried_once_and_kept_with_its_reason() {
    let service = Receiver::answering(404, "gone fishing");
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(webhook(service.address), Some(folder.path()));
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    wait_until(|| status(&delivery) == [0, 0, 1, 0]);
    assert_eq!(service.requests().len(), 1);
    wait_until_written(&delivery);
    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let dead = store.list(&Selection::ALL, 9).unwrap();
    assert_eq!(dead[0].reason.as_deref(), Some("refused for good: answered 404: gone fishing"));
}

#[test]
fn past_the_deadline_an_alert_is_given_up() {
    let service = Receiver::answering(500, "");
    let mut config = webhook(service.address);
    let retry = &mut config.sinks[0].pace.retry;
    (retry.base, retry.cap) = (Duration::from_secs(300), Duration::from_secs(300));
    retry.give_up_after = Duration::from_secs(600);
    let now = Arc::new(Mutex::new(Now { time: Timestamp::now(), instant: Instant::now() }));
    let clock = Arc::clone(&now);
    let clock = Clock::new(move || *clock.lock().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let tasks = Tasks::default();
    let delivery = Dispatcher::open(config, Some(folder.path()), clock, tasks).unwrap();
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let attempts = || store.list(&Selection::ALL, 1).unwrap()[0].attempts;
    wait_until(|| attempts() == 1);
    assert_eq!(status(&delivery), [1, 0, 0, 0]);
    let passed = Duration::from_secs(601);
    *now.lock().unwrap() = {
        let Now { time, instant } = *now.lock().unwrap();
        Now { time: time + passed, instant: instant + passed }
    };
    wait_until(|| status(&delivery) == [0, 0, 1, 0]);
    wait_until_written(&delivery);
    assert_eq!((attempts(), service.requests().len()), (2, 2));
}

#[test]
fn a_stuck_sink_delays_neither_another_nor_whoever_submits() {
    let stuck = Misbehaving::new(Fault::Silence);
    let service = Receiver::answering(200, "");
    let config = config(
        &format!(
            "sinks:\n  stuck: {{type: webhook, url: 'http://{}'}}\n  good: {{type: webhook, url: 'http://{}', digest_above: 0}}\n",
            stuck.address, service.address
        ),
        &[],
    );
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(config, Some(folder.path()));
    let start = Instant::now();
    for n in 0..20 {
        delivery.submit(&[alert(n)], vec![]).wait().unwrap();
    }
    service.wait_for(20);
    // The stuck one would take fifteen seconds to give up its first.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let left = delivery.shutdown(Duration::from_millis(300));
    assert_eq!(left, Backlog { queued: 20, ..Backlog::default() });
}

#[test]
fn a_storm_goes_as_a_digest_that_lists_every_alert() {
    let service = Receiver::answering(200, "");
    let delivery = open(webhook(service.address), None);
    let alerts: Vec<_> = (0..25).map(alert).collect();
    delivery.submit(&alerts, vec![]).wait().unwrap();
    let digest = service.wait_for(1)[0].json();
    assert_eq!((&digest["digest"], &digest["name"]), (&true.into(), &"25 alerts".into()));
    let listed: Vec<_> =
        digest["alerts"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!(listed, alerts.iter().map(|alert| alert.id.clone()).collect::<Vec<_>>());
    wait_until(|| status(&delivery) == [0, 25, 0, 0]);
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn a_digest_that_is_refused_goes_one_by_one() {
    let poison = alert(3).id.clone();
    let service = Receiver::new(move |_, request| {
        let refused = request.json().get("digest").is_some() || request.body.contains(&poison);
        (if refused { 400 } else { 200 }, vec![], String::new())
    });
    let delivery = open(webhook(service.address), None);
    delivery.submit(&(0..25).map(alert).collect::<Vec<_>>(), vec![]).wait().unwrap();
    // After the digest the storm is collected for ten seconds; the end hurries it.
    service.wait_for(1);
    wait_until(|| status(&delivery)[0] == 25);
    let lost = LostAlerts { alerts: 1, titles: vec![alert(3).name.clone()] };
    let left = Backlog { lost: [("hook".to_owned(), lost)].into(), ..Backlog::default() };
    assert_eq!(delivery.shutdown(Duration::from_secs(20)), left);
    assert_eq!(service.requests().len(), 26);
}

#[test]
fn an_alertmanager_gets_all_that_is_due_as_one_list() {
    let service = Receiver::answering(200, "");
    let yaml = format!("sinks: {{am: {{type: alertmanager, url: 'http://{}'}}}}", service.address);
    let delivery = open(config(&yaml, &[]), None);
    delivery.submit(&(0..5).map(alert).collect::<Vec<_>>(), vec![]).wait().unwrap();
    assert_eq!(service.wait_for(1)[0].json().as_array().unwrap().len(), 5);
}

#[test]
fn what_waits_goes_out_after_a_restart() {
    let address = nobody();
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(webhook(address), Some(folder.path()));
    delivery.submit(&[alert(1), alert(2)], vec![]).wait().unwrap();
    assert_eq!(
        delivery.shutdown(Duration::from_millis(100)),
        Backlog { queued: 2, ..Backlog::default() }
    );
    let service = Receiver::listening(&address.to_string(), |_, _| (200, vec![], String::new()));
    let delivery = open(webhook(address), Some(folder.path()));
    service.wait_for(2);
    let mut found = ids(&service);
    found.sort();
    let mut expected = vec![alert(1).id.clone(), alert(2).id.clone()];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(delivery.shutdown(Duration::from_secs(5)).queued, 0);
}

#[test]
fn without_a_disk_the_end_waits_for_what_is_queued() {
    let service = Receiver::new(|n, _| (if n < 4 { 503 } else { 200 }, vec![], String::new()));
    let delivery = open(webhook(service.address), None);
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    assert_eq!(delivery.shutdown(Duration::from_secs(20)), Backlog::default());
    assert_eq!(service.requests().len(), 5);
}

#[test]
fn shadow_alerts_go_nowhere() {
    let service = Receiver::answering(200, "");
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(webhook(service.address), Some(folder.path()));
    let shadow = signatures_alerts::Alert { shadow: true, ..alert(1) };
    delivery.submit(&[shadow, alert(2)], vec![]).wait().unwrap();
    assert_eq!(delivery.shutdown(Duration::from_secs(5)).queued, 0);
    assert_eq!(ids(&service), [alert(2).id.clone()]);
}

#[test]
fn a_new_configuration_takes_over_what_waits() {
    let [first, second] = [(); 2].map(|()| Receiver::answering(200, ""));
    let folder = tempfile::tempdir().unwrap();
    let delivery = open(webhook(first.address), Some(folder.path()));
    delivery.submit(&[alert(1)], vec![]).wait().unwrap();
    first.wait_for(1);
    delivery.reconfigure(webhook(second.address));
    delivery.submit(&[alert(2)], vec![]).wait().unwrap();
    second.wait_for(1);
    assert_eq!((ids(&first), ids(&second)), (vec![alert(1).id.clone()], vec![alert(2).id.clone()]));
    let elsewhere = config("sinks: {other: {type: console}}", &[]);
    wait_until(|| status(&delivery)[0] == 0);
    delivery.reconfigure(elsewhere);
    assert_eq!(delivery.status()[0].name, "other");
    wait_until_written(&delivery);
    let all = Store::open(&folder.path().join(DATABASE)).unwrap().list(&Selection::ALL, 9);
    assert!(all.unwrap().iter().all(|entry| entry.state == State::Sent));
}

#[test]
fn without_a_disk_what_is_given_up_and_what_waits_for_a_sink_that_is_gone_is_told() {
    let service = Receiver::answering(404, "");
    let titles = |numbers: &[i64]| numbers.iter().map(|n| alert(*n).name.clone()).collect();
    let delivery = open(webhook(service.address), None);
    delivery.submit(&[alert(1), alert(2), alert(3)], vec![]).wait().unwrap();
    wait_until(|| status(&delivery) == [0, 0, 3, 0]);
    // The other sink is not there.
    let yaml = format!("sinks: {{away: {{type: webhook, url: 'http://{}'}}}}", nobody());
    delivery.reconfigure(config(&yaml, &[]));
    delivery.submit(&[alert(5)], vec![]).wait().unwrap();
    let yaml = format!("sinks: {{third: {{type: webhook, url: 'http://{}'}}}}", nobody());
    delivery.reconfigure(config(&yaml, &[]));
    delivery.submit(&[alert(6)], vec![]).wait().unwrap();
    let lost = |alerts, of: &[i64]| LostAlerts { alerts, titles: titles(of) };
    let expected = [
        ("away".to_owned(), lost(1, &[5])),
        ("hook".to_owned(), lost(3, &[1, 2, 3])),
        ("third".to_owned(), lost(1, &[6])),
    ];
    let mut left = delivery.shutdown(Duration::from_millis(100));
    // They were sent, and refused, beside each other.
    left.lost.values_mut().for_each(|lost| lost.titles.sort());
    assert_eq!(left, Backlog { lost: expected.into(), ..Backlog::default() });
}

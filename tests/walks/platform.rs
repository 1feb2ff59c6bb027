//! A platform engineer: the relay between two Vectors, from nothing to an alert.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Child,
};

use signatures_peers::{
    proto::{EventWrapper, Log, Value},
    receiver::Receiver,
    vector::{VectorSink, VectorSource},
};

use crate::stranger::Stranger;

/// Ended when the walk is.
struct Relay(Child);

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn event(text: &str) -> EventWrapper {
    EventWrapper::log(Log::of([("message", Value::text(text))]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_engineer_puts_the_relay_between_two_vectors() {
    let (aggregator, slack) = (VectorSource::start().await, Receiver::answering(200, "ok"));
    let mut stranger = Stranger::new("platform");
    stranger.types_well("sigcheck init");
    stranger.types_well("sigcheck validate");
    let mut relay = stranger.leaves_running(&format!(
        "env SIGNATURES_SLACK_WEBHOOK_URL=http://{}/hook vector-signatures serve --forward {} \
         --listen 127.0.0.1:0 --status 127.0.0.1:0 --state-dir state --reload-seconds 0",
        slack.address,
        aggregator.url(),
    ));
    let mut log = BufReader::new(relay.stderr.take().unwrap()).lines();
    let mut says = move |event: &str| {
        let mut lines = log.by_ref().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        lines.find(|line: &serde_json::Value| line["event"] == event).unwrap()
    };
    let relay = Relay(relay);
    let started = says("signatures.started");
    let [listen, status] = ["listen", "status"].map(|key| started[key].as_str().unwrap());
    let ready = get(status, "/readyz");
    assert!(ready.starts_with("HTTP/1.0 200") && ready.ends_with("\r\n\r\nok\n"), "{ready}");

    let agent = VectorSink::new(listen);
    agent.push(vec![event("OOMKilled"), event("all is well")]).await.unwrap();
    slack.wait_for(1);
    stranger.is_served();
    let tag = |event: &EventWrapper| {
        event
            .as_log()
            .unwrap()
            .fields
            .get("error_signature")
            .and_then(Value::as_text)
            .map(str::to_owned)
    };
    let tags: Vec<_> = aggregator.events().iter().map(tag).collect();
    assert_eq!(tags, [Some("OOM_KILLED".to_owned()), None]);

    // One more signature, taken over without a restart.
    let taxonomy = "config/error_signatures.yml";
    let text = std::fs::read_to_string(stranger.path(taxonomy)).unwrap();
    stranger.has(taxonomy, text.trim_end().to_owned() + "\n  ours:\n    - 'flux capacitor'\n");
    stranger.types_well(&format!("kill -HUP {}", relay.0.id()));
    says("signatures.reloaded");
    agent.push(vec![event("the flux capacitor is empty")]).await.unwrap();
    assert!(tag(aggregator.events().last().unwrap()).is_some());
    // What one wants to see of it.
    let page = get(status, "/status");
    assert!(page.contains("\"sent\": 1"), "{page}");
    assert!(get(status, "/metrics").contains("vector_signatures_state_directory_usable 1\n"));
}

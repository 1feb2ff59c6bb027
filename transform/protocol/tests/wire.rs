//! What the relay does to bytes, checked against a decoder of the protocol.

// A failed setup is a failed test.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use prost::Message;
use signatures_event as event;
use signatures_event::{
    Event, FieldValue, JsonEvent, Level, LevelNames, Look, Looking, Metadata, SubjectFields,
    field_names,
    redact::{REDACTED, Redactor, Secrecy},
};
use signatures_peers::proto::{
    self, Event as Wrapped, EventWrapper, Kind, Log as LogMessage, PushEventsRequest, Value,
};
use signatures_protocol::wire::{Batch, Counts, Fate, Log, MAX_DEPTH, Malformed, log_request};

fn loaded(bytes: &[u8]) -> Log<'_> {
    let mut log = Log::default();
    log.load(bytes).unwrap();
    log
}

fn written(log: &Log<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    log.write_to(&mut out);
    assert_eq!(out.len(), log.written_len());
    log.check().unwrap();
    out
}

fn metadata() -> Metadata {
    serde_json::from_str(r#"{"runbook":"x","n":[1,-2.5,null,true],"o":{}}"#).unwrap()
}

fn metadata_value() -> Value {
    let items = [Kind::Integer(1), Kind::Float(-2.5), Kind::Null(0), Kind::Boolean(true)];
    Value::map([
        ("runbook", Value::text("x")),
        ("n", Value::array(items.map(Value::of))),
        ("o", Value::map::<&str>([])),
    ])
}

const REDACTOR: Redactor = Redactor::by_names();

/// The model of redaction on decoded values.
fn redact_model(value: &mut Value, secrecy: Secrecy) {
    let hidden = || Some(Kind::RawBytes(REDACTED.into()));
    match &mut value.kind {
        Some(Kind::RawBytes(bytes)) if secrecy == Secrecy::Open => {
            let redacted = REDACTOR.text(&String::from_utf8_lossy(bytes));
            if let Some(redacted) = redacted {
                *bytes = redacted.into_bytes();
            }
        }
        Some(Kind::RawBytes(_)) => value.kind = hidden(),
        Some(Kind::Integer(_) | Kind::Float(_)) if secrecy == Secrecy::Secret => {
            value.kind = hidden();
        }
        Some(Kind::Map(map)) => {
            for (key, value) in &mut map.fields {
                redact_model(value, secrecy.max(Secrecy::of(key)));
            }
        }
        Some(Kind::Array(array)) => {
            array.items.iter_mut().for_each(|item| redact_model(item, secrecy));
        }
        _ => {}
    }
}

fn redact_log_model(log: &mut LogMessage) {
    for (key, value) in &mut log.fields {
        redact_model(value, Secrecy::of(key));
    }
    if let Some(value) = &mut log.value {
        redact_model(value, Secrecy::Open);
    }
}

fn arb_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::default()),
        Just(Value::of(Kind::Null(0))),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(|mut bytes| {
            // The model knows names of fields; options in lists have tests of their own.
            if let Some(first @ b'-') = bytes.first_mut() {
                *first = b'+';
            }
            Value::of(Kind::RawBytes(bytes))
        }),
        any::<i64>().prop_map(|n| Value::of(Kind::Integer(n))),
        (-1e9..1e9).prop_map(|n| Value::of(Kind::Float(n))),
        any::<bool>().prop_map(|b| Value::of(Kind::Boolean(b))),
        (any::<i64>(), any::<i32>()).prop_map(|(seconds, nanos)| Value::of(Kind::Timestamp(
            proto::Timestamp { seconds, nanos }
        ))),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::array),
            prop::collection::vec((arb_key(), inner), 0..5).prop_map(Value::map),
        ]
    })
}

fn arb_key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("my_secret".to_owned()),
        Just("max_tokens".to_owned()),
        Just("error_category".to_owned()),
        "[a-cé.]{0,3}"
    ]
}

fn arb_log() -> impl Strategy<Value = LogMessage> {
    let fields = prop::collection::btree_map(arb_key(), arb_value(), 0..6);
    (fields, prop::option::weighted(0.4, arb_value()), prop::option::of(arb_value())).prop_map(
        |(fields, value, metadata)| LogMessage {
            fields,
            value,
            metadata: metadata.clone(),
            metadata_full: metadata.map(|value| signatures_peers::proto::Metadata {
                value: Some(value),
                source_type: Some("file".into()),
                ..Default::default()
            }),
        },
    )
}

/// Encodings that a decoder takes for the same log, or for a merged one: two
/// logs in a row, and unknown fields between.
fn arb_bytes() -> impl Strategy<Value = Vec<u8>> {
    let unknown = prop_oneof![
        Just(vec![]),
        Just(b"\xa2\x06\x03abc".to_vec()),
        Just(b"\xa0\x06\x96\x01".to_vec()),
        Just(b"\xa3\x06\x08\x01\xa4\x06".to_vec()),
    ];
    (arb_log(), prop::option::weighted(0.3, arb_log()), unknown).prop_map(
        |(log, second, unknown)| {
            let mut bytes = log.encode_to_vec();
            bytes.extend(unknown);
            bytes.extend(second.map(|log| log.encode_to_vec()).unwrap_or_default());
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_spliced_log_decodes_to_the_same_log_plus_our_fields(bytes in arb_bytes(), redact in any::<bool>()) {
        let mut expected = LogMessage::decode(&*bytes).unwrap();
        let mut log = loaded(&bytes);
        if redact {
            redact_log_model(&mut expected);
            log.redact(&REDACTOR);
        }
        if let Some(object) = expected.object() {
            object.insert("error_category".into(), Value::text("db"));
            object.insert("error_metadata".into(), metadata_value());
        }
        log.set("error_category", FieldValue::Text("old"));
        log.set("error_metadata", FieldValue::Metadata(&metadata()));
        log.set("error_category", FieldValue::Text("db"));
        prop_assert_eq!(LogMessage::decode(&*written(&log)).unwrap(), expected);
    }

    #[test]
    fn fields_are_read_as_a_decoder_has_them(bytes in arb_bytes()) {
        let mut decoded = LogMessage::decode(&*bytes).unwrap();
        let log = loaded(&bytes);
        for (name, value) in decoded.object().cloned().unwrap_or_default() {
            let expected = match value.kind {
                Some(Kind::RawBytes(b)) => Some(event::Value::Text(String::from_utf8_lossy(&b).into_owned().into())),
                Some(Kind::Integer(n)) => Some(event::Value::Number(n.to_string().into())),
                Some(Kind::Boolean(b)) => Some(event::Value::Boolean(b)),
                None | Some(Kind::Null(_)) => None,
                _ => continue,
            };
            prop_assert_eq!(log.get(&name), expected, "{}", name);
        }
        prop_assert!(!log.changed());
    }

    #[test]
    fn a_log_of_which_nothing_changes_is_not_changed(bytes in arb_bytes()) {
        let mut log = loaded(&bytes);
        log.redact(&REDACTOR);
        log.check().unwrap();
        let original = LogMessage::decode(&*bytes).unwrap();
        let mut redacted = original.clone();
        redact_log_model(&mut redacted);
        prop_assert!(log.changed() || redacted == original);
        prop_assert_eq!(LogMessage::decode(&*written(&log)).unwrap(), redacted);
    }

    #[test]
    fn redaction_and_new_fields_may_come_in_any_order(bytes in arb_bytes()) {
        let mut expected = LogMessage::decode(&*bytes).unwrap();
        if let Some(object) = expected.object() {
            object.insert("a".into(), Value::text("v"));
            object.insert("secret".into(), Value::text("v"));
        }
        redact_log_model(&mut expected);
        let mut log = loaded(&bytes);
        log.set("a", FieldValue::Text("v"));
        log.set("secret", FieldValue::Text("v"));
        log.redact(&REDACTOR);
        prop_assert_eq!(LogMessage::decode(&*written(&log)).unwrap(), expected);
    }

    #[test]
    fn a_request_keeps_all_but_what_is_dropped_or_written(
        logs in prop::collection::vec((arb_log(), 0u8..5), 0..8),
    ) {
        let mut request = PushEventsRequest::default();
        let mut expected = PushEventsRequest::default();
        let mut counts = Counts::default();
        for (log, role) in &logs {
            let wrapper = match role {
                0 => {
                    counts.metrics += 1;
                    EventWrapper { event: Some(Wrapped::Metric(proto::Metric { name: "m".into(), counter: None })) }
                }
                1 => {
                    counts.unknown += 1;
                    EventWrapper::default()
                }
                _ => {
                    counts.logs += 1;
                    EventWrapper::log(log.clone())
                }
            };
            request.events.push(wrapper.clone());
            match role {
                2 => counts.dropped += 1,
                3 => {
                    let mut log = log.clone();
                    if let Some(object) = log.object() {
                        object.insert("n".into(), Value::text("v"));
                    }
                    expected.events.push(EventWrapper::log(log));
                }
                _ => expected.events.push(wrapper),
            }
        }
        let bytes = request.encode_to_vec();
        let mut batch = Batch::new(&bytes);
        let mut roles = logs.iter().map(|(_, role)| *role).filter(|role| *role > 1);
        while batch.advance(|log| match roles.next() {
            Some(2) => Fate::Drop,
            Some(3) => {
                log.set("n", FieldValue::Text("v"));
                Fate::Keep
            }
            _ => Fate::Keep,
        }).unwrap() {}
        prop_assert_eq!(batch.counts(), counts);
        prop_assert_eq!(counts.kept(), expected.events.len() as u64);
        let sent = batch.finish().unwrap_or(bytes);
        prop_assert_eq!(PushEventsRequest::decode(&*sent).unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>(), log in arb_log()) {
        let _ = process(&bytes);
        let encoded = PushEventsRequest { events: vec![EventWrapper::log(log)] }.encode_to_vec();
        let _ = process(&encoded[..cut.index(encoded.len() + 1)]);
    }
}

/// Everything that the relay may do to a request.
fn process(bytes: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut batch = Batch::new(bytes);
    let judge = |log: &mut Log<'_>| {
        for name in ["message", "log.level", "a", "error"] {
            let _ = log.get(name);
        }
        log.redact(&REDACTOR);
        log.set("a", FieldValue::Text("v"));
        Fate::Keep
    };
    while batch.advance(judge)? {}
    Ok(batch.finish())
}

#[test]
fn fields_are_read_by_name_then_by_path_in_both_encodings() {
    let fields = [
        ("a.b", Value::text("flat")),
        (
            "a",
            Value::map([
                ("b", Value::text("deep")),
                (
                    "c",
                    Value::map([(
                        "d",
                        Value::array([Value::of(Kind::Integer(1)), Value::text("é\"")]),
                    )]),
                ),
            ]),
        ),
        ("n", Value::of(Kind::Null(0))),
        ("t", Value::of(Kind::Timestamp(proto::Timestamp { seconds: 1_700_000_000, nanos: 5 }))),
        ("f", Value::of(Kind::Float(1.5))),
    ];
    let by_fields = LogMessage::of(fields.clone());
    let by_value = LogMessage {
        value: Some(Value::map(fields)),
        ..LogMessage::of([(".", Value::of(Kind::Null(0)))])
    };
    for message in [by_fields, by_value] {
        let bytes = message.encode_to_vec();
        let log = loaded(&bytes);
        assert_eq!(log.get("a.b"), Some(event::Value::Text("flat".into())));
        assert_eq!(log.get("a.c"), Some(event::Value::Composite(r#"{"d":[1,"é\""]}"#.into())));
        assert_eq!(log.get("a.c.d"), Some(event::Value::Composite(r#"[1,"é\""]"#.into())));
        assert_eq!(
            log.get("t"),
            Some(event::Value::Number("2023-11-14T22:13:20.000000005Z".into()))
        );
        assert_eq!(log.get("f"), Some(event::Value::Number("1.5".into())));
        assert_eq!((log.get("n"), log.get("a.x"), log.get("x.y")), (None, None, None));
    }
}

#[test]
fn a_log_that_is_a_text_is_its_message_and_takes_no_fields() {
    let message = LogMessage { value: Some(Value::text("Out of memory")), ..LogMessage::default() };
    let bytes = message.encode_to_vec();
    let mut log = loaded(&bytes);
    assert_eq!(log.get("message"), Some(event::Value::Text("Out of memory".into())));
    log.set("error_category", FieldValue::Text("x"));
    assert!(!log.changed());
}

#[test]
fn unchanged_stretches_of_a_request_stay_byte_for_byte() {
    let metric = b"\x0a\x07\x12\x05\x0a\x01m\xa0\x00".to_vec();
    let trace = b"\x0a\x04\x1a\x02\x08\x01".to_vec();
    let other = b"\x92\x03\x01z".to_vec();
    let log = PushEventsRequest {
        events: vec![EventWrapper::log(LogMessage::of([("message", Value::text("x"))]))],
    }
    .encode_to_vec();
    let request = [&metric[..], &log, &trace, &other, &log].concat();
    let mut batch = Batch::new(&request);
    let mut fates = [Fate::Keep, Fate::Drop].into_iter();
    while batch.advance(|_| fates.next().unwrap()).unwrap() {}
    assert_eq!(batch.finish(), Some([&metric[..], &log, &trace, &other].concat()));

    let mut batch = Batch::new(&request);
    while batch.advance(|_| Fate::Keep).unwrap() {}
    assert_eq!(batch.finish(), None);
}

#[test]
fn a_wrapper_with_two_logs_is_one_log() {
    let [a, b] = ["a", "b"]
        .map(|key| EventWrapper::log(LogMessage::of([(key, Value::text("x"))])).encode_to_vec());
    let wrapper = [&a[..], b"\x22\x01u", &b].concat();
    let mut request = vec![0x0a, wrapper.len() as u8];
    request.extend(wrapper);
    let mut batch = Batch::new(&request);
    while batch
        .advance(|log| {
            assert_eq!(log.get("a"), log.get("b"));
            log.set("c", FieldValue::Text("x"));
            Fate::Keep
        })
        .unwrap()
    {}
    let sent = batch.finish().unwrap();
    let keys = ["a", "b", "c"].map(|key| (key, Value::text("x")));
    assert_eq!(
        PushEventsRequest::decode(&*sent).unwrap().events,
        [EventWrapper::log(LogMessage::of(keys))]
    );
    assert!(sent.windows(3).any(|window| window == b"\x22\x01u"));
}

#[test]
fn nesting_is_taken_as_deep_as_the_decoder_of_vector_takes_it() {
    let nested = |levels: usize| {
        let value =
            (0..levels).fold(Value::text("leaf"), |value, _| Value::map([("secret", value)]));
        let log = LogMessage::of([("data", value)]);
        PushEventsRequest { events: vec![EventWrapper::log(log)] }.encode_to_vec()
    };
    for levels in 1..200 {
        let bytes = nested(levels);
        let ours = process(&bytes);
        assert_eq!(ours.is_ok(), PushEventsRequest::decode(&*bytes).is_ok(), "{levels}");
        if let Err(error) = ours {
            assert_eq!(error, Malformed::Depth);
            assert!(levels * 3 + 4 > MAX_DEPTH);
        }
    }
    assert_eq!(process(&bottomless(20_000)), Err(Malformed::Depth));
}

/// A request with arrays inside one another; the decoder's own encoder would
/// overflow its stack.
fn bottomless(levels: usize) -> Vec<u8> {
    let enclosed = |tag: u8, mut content: Vec<u8>| {
        // Built from the inside out: reversed, so that each head is appended.
        let mut length = Vec::new();
        prost::encoding::encode_varint(content.len() as u64, &mut length);
        content.extend(length.iter().rev());
        content.push(tag);
        content
    };
    let mut bytes = Vec::new();
    for _ in 0..levels {
        bytes = enclosed(0x42, enclosed(0x0a, bytes));
    }
    for tag in [0x12, 0x0a, 0x0a, 0x0a] {
        bytes = enclosed(tag, bytes);
    }
    bytes.reverse();
    bytes
}

#[test]
fn hostile_messages_are_errors() {
    let cases: [(&[u8], Malformed); 6] = [
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Malformed::Truncated),
        (b"\x08\x01", Malformed::WireType(1)),
        (b"\x0a\x02\x08\x01", Malformed::WireType(1)),
        (b"\x0a\x06\x0a\x04\x0a\x02\x0a\x05", Malformed::Truncated),
        (b"\x0a\x07\x0a\x05\x0a\x03\x0a\x01\xff", Malformed::Name),
        (b"\x0a\x08\x0a\x06\x0a\x04\x12\x02\x22\x00", Malformed::WireType(4)),
    ];
    for (bytes, error) in cases {
        assert_eq!(process(bytes), Err(error), "{bytes:?}");
    }
}

#[test]
fn alerts_become_a_request_with_a_log_event_each() {
    let request = log_request([&metadata(), &Metadata::default()]);
    let mut expected = LogMessage::default();
    if let Some(Kind::Map(map)) = metadata_value().kind {
        expected.fields = map.fields;
    }
    let expected = [expected, LogMessage::default()].map(EventWrapper::log);
    assert_eq!(PushEventsRequest::decode(&*request).unwrap().events, expected);
}

/// The message that Vector makes of a line of JSON.
fn of_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::of(Kind::Null(0)),
        serde_json::Value::Bool(boolean) => Value::of(Kind::Boolean(*boolean)),
        serde_json::Value::Number(number) => Value::of(match number.as_i64() {
            Some(whole) => Kind::Integer(whole),
            None => Kind::Float(number.as_f64().unwrap()),
        }),
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::array(items.iter().map(of_json)),
        serde_json::Value::Object(map) => Value::map(map.iter().map(|(k, v)| (k, of_json(v)))),
    }
}

/// The message that Vector makes of a line, as it is and without its secrets.
fn redacted_message(line: &str, redactor: Redactor) -> LogMessage {
    let message = |line: &str| {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        LogMessage::of(json.as_object().unwrap().iter().map(|(key, value)| (key, of_json(value))))
    };
    let bytes = message(line).encode_to_vec();
    let mut log = loaded(&bytes);
    log.redact(&redactor);
    log.check().unwrap();
    let redacted = LogMessage::decode(&*written(&log)).unwrap();
    let mut event = JsonEvent::parse(line).unwrap();
    event.redact(&redactor);
    let mut out = Vec::new();
    event.write_to(&mut out);
    assert_eq!(redacted, message(std::str::from_utf8(&out).unwrap()), "{line}");
    redacted
}

#[test]
fn a_message_loses_the_secrets_that_the_line_loses() {
    for line in [
        r#"{"headers":[{"name":"Cookie","value":"SECRET"},{"name":"Host","value":"h"}]}"#,
        r#"{"headers":[{"Key":"password","Value":"SECRET"},{"Data":"SECRET","Name":"token"}]}"#,
        r#"{"name":"password","value":"SECRET"}"#,
        r#"{"key":"password","data":{"stringValue":"SECRET","n":4711},"n":5}"#,
        r#"{"pairs":[["password","SECRET"],["Set-Cookie",["SECRET",5]],["a","b"],[],["token"]]}"#,
        r#"{"args":["mysql",5,null,"--password","SECRET",{"a":"b"},"-pSECRET","x"]}"#,
        r#"{"process":{"argv":["docker","login","-p",123456],"env":["DB_PASSWORD=SECRET","A=b"]}}"#,
        r#"{"message":"{\"argv\":[\"mysql\",\"-pSECRET\"]}"}"#,
    ] {
        for redactor in [Redactor::by_names(), Redactor::of_texts()] {
            let message = redacted_message(line, redactor);
            let shown = String::from_utf8_lossy(&message.encode_to_vec()).into_owned();
            assert!(!shown.contains("SECRET") && !shown.contains("123456"), "{line}");
        }
    }
    for line in [
        r#"{"card":4111111111111111,"a":[5500000000000004,-4111111111111111,1773478800123]}"#,
        r#"{"ghp_abcdefghijklmnopqrst":1,"a":{"AKIAIOSFODNN7EXAMPLE":"b"}}"#,
        r#"{"fields":["password","email"],"args":["-1","-p8080"],"value":5,"name":"n"}"#,
    ] {
        redacted_message(line, Redactor::by_names());
        redacted_message(line, Redactor::of_texts());
    }
}

#[test]
fn a_message_is_seen_as_the_line_that_it_was() {
    let (fields, levels) = (SubjectFields::default(), LevelNames::default());
    let how = Looking { fields: &fields, levels: &levels, subject_bytes: 1000 };
    let cases = [
        (
            r#"{"error": {"message": "m", "code": "57P01"}}"#,
            r#"{"code":"57P01","message":"m"}"#,
            None,
        ),
        (
            r#"{"message": [1.0, 504.50, 1e21, 1E-7, true, null]}"#,
            "[1,504.5,1e+21,1e-7,true,null]",
            None,
        ),
        (r#"{"event":"e","error_code":504.0}"#, "e 504", None),
        (r#"{"error_code":1e21}"#, "1e+21", None),
        (r#"{"level":30.0,"message":"m"}"#, "m", Some(Level::Info)),
        (r#"{"level":3e1,"message":"m"}"#, "m", Some(Level::Info)),
        (r#"{"message":"m\r"}"#, "m", None),
        (
            r#"{"message":"2026-03-14 09:00:00 \u001b[31mERROR\u001b[0m m\r\n"}"#,
            "2026-03-14 09:00:00 ERROR m",
            Some(Level::Error),
        ),
        (r#"{"log":"{\"level\":\"warn\",\"msg\":\"m\"}\n"}"#, "m", Some(Level::Warning)),
        (r#"{"PRIORITY":"3","MESSAGE":[109,13]}"#, "m", Some(Level::Error)),
        (r#"{"severity_number":17,"body":{"stringValue":"m"}}"#, "m", Some(Level::Error)),
        (r#"{"msg":"m","err":{"type":"T","message":"e"}}"#, "m T: e", None),
        (r#"{"duration":5}"#, "", None),
    ];
    for (line, subject, level) in cases {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        let entries = json.as_object().unwrap().iter().map(|(key, value)| (key, of_json(value)));
        let bytes = LogMessage::of(entries).encode_to_vec();
        let (event, log) = (JsonEvent::parse(line).unwrap(), loaded(&bytes));
        let look = Look::at(&log, &how);
        assert_eq!((&*look.subject.text, look.level), (subject, level), "{line}");
        assert_eq!(look, Look::at(&event, &how), "{line}");
    }
    let bytes = LogMessage::of([("b", Value::text("x")), ("a", Value::text("y"))]).encode_to_vec();
    assert_eq!(field_names(&loaded(&bytes)), ["a", "b"]);
}

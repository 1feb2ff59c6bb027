//! Any bytes through everything that the relay does to a request, checked
//! against a decoder of the protocol.
//!
//! ```sh
//! cargo +nightly fuzz run walk --fuzz-dir transform/protocol/fuzz
//! ```
#![no_main]

#[allow(dead_code, missing_docs)]
#[path = "../../../../tests/peers/src/proto.rs"]
mod proto;

use libfuzzer_sys::fuzz_target;
use prost::Message;
use proto::{Kind, PushEventsRequest, Value};
use signatures_event::{
    Event, FieldValue,
    redact::{REDACTED, Redactor, Secrecy},
};
use signatures_protocol::wire::{Batch, Fate, Log, Malformed};

const REDACTOR: Redactor = Redactor::by_names();

fn process(request: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut batch = Batch::new(request);
    let judge = |log: &mut Log<'_>| {
        for name in ["message", "error", "log.level", "a.b.c", ""] {
            let _ = log.get(name);
        }
        log.redact(&REDACTOR);
        log.set("tag", FieldValue::Text("old"));
        log.set("tag", FieldValue::Text("new"));
        Fate::Keep
    };
    while batch.advance(judge)? {}
    Ok(batch.finish())
}

fn expect(request: &mut PushEventsRequest) {
    for event in &mut request.events {
        let Some(proto::Event::Log(log)) = &mut event.event else { continue };
        for (key, value) in &mut log.fields {
            redact(value, Secrecy::of(key));
        }
        if let Some(value) = &mut log.value {
            redact(value, Secrecy::Open);
        }
        if let Some(object) = log.object() {
            object.insert("tag".into(), Value::text("new"));
        }
    }
}

fn redact(value: &mut Value, secrecy: Secrecy) {
    let hidden = || Some(Kind::RawBytes(REDACTED.into()));
    match &mut value.kind {
        Some(Kind::RawBytes(bytes)) if secrecy == Secrecy::Open => {
            if let Some(redacted) = REDACTOR.text(&String::from_utf8_lossy(bytes)) {
                *bytes = redacted.into_bytes();
            }
        }
        Some(Kind::RawBytes(_)) => value.kind = hidden(),
        Some(Kind::Integer(_) | Kind::Float(_)) if secrecy == Secrecy::Secret => {
            value.kind = hidden();
        }
        Some(Kind::Map(map)) => {
            map.fields
                .iter_mut()
                .for_each(|(key, value)| redact(value, secrecy.max(Secrecy::of(key))));
        }
        Some(Kind::Array(array)) => array.items.iter_mut().for_each(|item| redact(item, secrecy)),
        _ => {}
    }
}

fuzz_target!(|bytes: &[u8]| {
    let processed = process(bytes);
    // Metadata is not walked, so the decoder may refuse what passes here; what
    // it takes must pass, and come out as the decoder's own objects would.
    let Ok(mut expected) = PushEventsRequest::decode(bytes) else { return };
    let sent = processed.expect("a request that decodes is no malformed one");
    let sent = sent.unwrap_or_else(|| bytes.to_vec());
    let found = PushEventsRequest::decode(&*sent).expect("what is sent decodes");
    expect(&mut expected);
    // By bytes: NaN is not equal to itself.
    assert_eq!(found.encode_to_vec(), expected.encode_to_vec());
});

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
    redact::{REDACTED, is_secret_name, redact_event},
};
use signatures_protocol::wire::{Batch, Fate, Log, Malformed};

fn process(request: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut batch = Batch::new(request);
    let judge = |log: &mut Log<'_>| {
        for name in ["message", "error", "log.level", "a.b.c", ""] {
            let _ = log.get(name);
        }
        redact_event(log);
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
            redact(value, is_secret_name(key));
        }
        if let Some(value) = &mut log.value {
            redact(value, false);
        }
        if let Some(object) = log.object() {
            object.insert("tag".into(), Value::text("new"));
        }
    }
}

fn redact(value: &mut Value, secret: bool) {
    match &mut value.kind {
        Some(Kind::RawBytes(bytes)) if secret => *bytes = REDACTED.as_bytes().to_vec(),
        Some(Kind::Map(map)) => {
            map.fields.iter_mut().for_each(|(key, value)| redact(value, secret || is_secret_name(key)));
        }
        Some(Kind::Array(array)) => array.items.iter_mut().for_each(|item| redact(item, secret)),
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

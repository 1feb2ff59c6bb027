//! Any lines through what joins those that belong together: none is lost, and none is
//! there twice.
//!
//! ```sh
//! cargo +nightly fuzz run lines --fuzz-dir transform/fuzz transform/fuzz/corpus/lines tests/cases
//! ```
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use signatures_event::{Ahead, Multiline, Parts};

fn count(event: &[u8]) -> usize {
    1 + event.iter().filter(|byte| **byte == b'\n').count()
}

fuzz_target!(|bytes: &[u8]| {
    let (mut multiline, mut now) = (Multiline::default(), Timestamp::UNIX_EPOCH);
    let (mut given, mut left) = (0, 0);
    let mut ahead = Ahead::of(bytes);
    while let Some(line) = ahead.next_line() {
        // Time goes by where the input says it.
        if line.starts_with(b"\0") {
            now += SignedDuration::from_millis(400);
            multiline.expire(now);
        }
        given += 1;
        let alone = multiline.push(line, &mut ahead, now);
        while let Some(event) = multiline.pop() {
            left += count(&event);
        }
        left += alone.map_or(0, count);
    }
    multiline.finish();
    while let Some(event) = multiline.pop() {
        left += count(&event);
    }
    assert_eq!(left, given);

    let mut block = bytes.to_vec();
    let ends = Multiline::default().join_block(&mut block);
    assert!(ends.is_sorted() && ends.last().is_none_or(|end| *end <= block.len()));

    let mut parts = Parts::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let _ = parts.push(line);
    }
    let _ = parts.finish().count();
    assert!(!parts.is_waiting());
});

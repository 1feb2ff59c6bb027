//! The published test vectors hold for this implementation too.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::path::Path;

use serde_json::Value;
use signatures_engine::{Fingerprint, canonical::canonical};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn every_vector_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/fingerprint_vectors.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 50);
    for vector in vectors {
        let text = match vector["bytes"].as_str() {
            Some(hex) => String::from_utf8_lossy(&bytes(hex)).into_owned(),
            None => vector["text"].as_str().unwrap().to_owned(),
        };
        let canonical = canonical(&text);
        let fingerprint =
            Fingerprint::new(vector["category"].as_str().unwrap(), &canonical).to_string();
        assert_eq!(
            (canonical.as_str(), fingerprint.as_str()),
            (vector["canonical"].as_str().unwrap(), vector["fingerprint"].as_str().unwrap()),
            "{vector}"
        );
    }
}

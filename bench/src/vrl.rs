//! The taxonomy as a VRL program: a chain of `match()`, as one would write it
//! in Vector's `remap` transform.

use std::fmt::Write;

use vrl::{
    compiler::{Context, Program, TargetValue, TimeZone, compile, state::RuntimeState},
    value::{Secrets, Value},
};

use crate::peer::Peer;

/// The compiled program. It runs on a value that holds nothing but the line.
pub struct Vrl(Program);

impl Vrl {
    /// Compiles the chain; nothing when VRL refuses a pattern.
    #[must_use]
    pub fn compile(patterns: &[String]) -> Option<Self> {
        let mut source = String::from("message = string!(.message)\n");
        for (index, pattern) in patterns.iter().enumerate() {
            let pattern = pattern.replace('\'', "\\'");
            write!(source, "if match(message, r'(?i){pattern}') {{ {index} }} else ").ok()?;
        }
        source.push_str("{ -1 }");
        Some(Self(compile(&source, &vrl::stdlib::all()).ok()?.program))
    }
}

impl Peer for Vrl {
    fn first(&self, line: &str) -> Option<usize> {
        let mut target = TargetValue {
            value: Value::Object([("message".into(), line.into())].into()),
            metadata: Value::Object(Default::default()),
            secrets: Secrets::default(),
        };
        let (mut state, timezone) = (RuntimeState::default(), TimeZone::default());
        let answer = self.0.resolve(&mut Context::new(&mut target, &mut state, &timezone)).ok()?;
        usize::try_from(answer.as_integer()?).ok()
    }
}

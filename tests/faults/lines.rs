//! The events that a round sends: each error has a text of its own.

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An alert at once, the first time.
    Error,
    /// It is dropped.
    Noise,
    Fine,
}

pub const TAXONOMY: &str = "{critical: [boom], noise_allowlist: [context canceled]}";

/// The event of a number. One error in some comes again.
pub fn event(number: usize) -> (Kind, String) {
    // Letters alone, as digits are no difference.
    let word = |number: usize| -> String {
        number.to_string().bytes().map(|digit| char::from(digit + 49)).collect()
    };
    match number % 8 {
        0 | 3 => (Kind::Error, format!("boom {}", word(number))),
        6 => (Kind::Error, format!("boom {}", word(number / 16 * 8))),
        5 => (Kind::Noise, format!("context canceled {number}")),
        _ => (Kind::Fine, format!("all is well {number}")),
    }
}

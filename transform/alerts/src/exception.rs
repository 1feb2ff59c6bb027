//! The exception of an alert, as people are shown it.

use serde::{Deserialize, Serialize};
use signatures_event::{Exception, redact::Redactor};

/// What an exception's message has at most, in characters.
const MAX_MESSAGE: usize = 512;

/// The exception of an alert, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertException {
    /// The types from the outermost to that of the root cause.
    pub types: Vec<String>,
    /// What the root cause says, cut to 512 characters.
    pub message: String,
    /// The innermost frames of the application, as `total (cart.py)`.
    pub frames: Vec<String>,
}

impl AlertException {
    pub(crate) fn of(exception: &Exception) -> Self {
        let redacted = |text: String| Redactor::of_texts().text(&text).unwrap_or(text);
        // What is taken for a type may be the name of a secret.
        let name = exception.root_type();
        let whole = redacted(format!("{name}: {}", exception.message));
        let message = whole
            .strip_prefix(name)
            .map_or(&*whole, |rest| rest.strip_prefix(':').map_or(rest, str::trim_start));
        Self {
            types: exception.types.iter().cloned().map(redacted).collect(),
            message: message.chars().take(MAX_MESSAGE).collect(),
            frames: exception.frames.iter().map(|frame| redacted(frame.to_string())).collect(),
        }
    }

    /// Type, message and frames, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let name = self.types.last().map_or("", String::as_str);
        let head = match &*self.message {
            "" => name.to_owned(),
            message => format!("{name}: {}", message.replace('\n', " ")),
        };
        let frames = self.frames.iter().map(|frame| format!("at {frame}"));
        [head].into_iter().chain(frames).collect()
    }
}

#[cfg(test)]
mod tests {
    use signatures_event::Frame;

    use super::*;

    #[test]
    fn people_see_type_message_and_frames_without_secrets() {
        let exception = AlertException::of(&Exception {
            types: vec!["Outer".into(), "ValueError".into()],
            message: "bad\npassword=hunter22".into(),
            frames: vec![
                Frame { function: "total".into(), file: "cart.py".into() },
                Frame { function: "main".into(), file: String::new() },
            ],
        });
        let expected = ["ValueError: bad password=[REDACTED]", "at total (cart.py)", "at main"];
        assert_eq!(exception.lines(), expected);
    }

    #[test]
    fn no_part_of_an_exception_brings_a_secret_along() {
        let exception = AlertException::of(&Exception {
            types: vec!["password=hunter22".into(), "db.password".into()],
            message: "hunter22".into(),
            frames: vec![Frame {
                function: "f".into(),
                file: "x?access_token=hunter22aaaa".into(),
            }],
        });
        assert!(!format!("{exception:?}").contains("hunter22"), "{exception:?}");
    }
}

//! What alerts.yml says of the console.

use std::sync::Arc;

#[cfg(feature = "send")]
use {
    super::sender::Console,
    crate::sink::{
        Sender,
        setup::{Setup, Unusable},
    },
};

use super::format::ConsoleFormat;
use crate::sink::{
    fields::Fields,
    kind::{Kind, Target},
    pace::DefaultPace,
};

/// `type: console`.
pub(crate) static KIND: Kind = Kind {
    name: "console",
    keys: &["format"],
    pace: DefaultPace { concurrency: 1, per_minute: usize::MAX },
    read: |fields| Some(Arc::new(Settings::read(fields))),
    environment: None,
};

/// The sink where there is no other.
pub(crate) fn fallback() -> Arc<dyn Target> {
    Arc::new(Settings { format: None })
}

/// Standard error: readable on a terminal, JSON lines otherwise.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// Whether one of the two is asked for.
    format: Option<ConsoleFormat>,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Self {
        let format = fields.choice(
            "format",
            &[
                ("auto", None),
                ("pretty", Some(ConsoleFormat::Pretty)),
                // Its name in earlier files.
                ("text", Some(ConsoleFormat::Pretty)),
                ("json", Some(ConsoleFormat::Json)),
            ],
        );
        Self { format }
    }
}

impl Target for Settings {
    #[cfg(feature = "send")]
    fn sender(&self, _setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        Ok(Arc::new(Console::new(self.format)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::target;

    #[test]
    fn it_is_read() {
        let settings: Settings = target("{type: console, format: json}");
        assert_eq!(settings, Settings { format: Some(ConsoleFormat::Json) });
        assert_eq!(target::<Settings>("{type: console}"), Settings { format: None });
    }
}

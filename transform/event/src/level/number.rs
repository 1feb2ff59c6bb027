//! Levels that are numbers. The same number means one thing here and another
//! there, so it is read by a scale.

use super::level::Level;

/// Whose numbers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Of a field `level`: syslog's 0–7, the tens of pino and bunyan, the hundreds
    /// of Monolog, the thousands of log4j and logback.
    Level,
    /// Of a field `severity`: syslog's 0–7, OpenTelemetry's up to 24, the tens of
    /// pino from 30 on, the hundreds of Google Cloud.
    Severity,
    /// 0 emergency … 7 debug.
    Syslog,
    /// Of facility and severity: the last three bits are those of syslog.
    SyslogPriority,
    /// OpenTelemetry: 1–4 trace … 21–24 fatal.
    Otel,
    /// Python: 10 debug, 20 info … 50 critical; loguru's between.
    Python,
    /// Windows: 1 critical … 5 verbose; 0 is said of what is always logged.
    Windows,
    /// NXLog: 1 debug … 5 critical.
    Nxlog,
    /// Application Insights: 0 verbose … 4 critical.
    ApplicationInsights,
    /// No number is a level there.
    Words,
}

impl Scale {
    /// The level of a number on this scale.
    pub(crate) fn level(self, number: u32) -> Option<Level> {
        match self {
            Self::Level => match number {
                0..=7 => syslog(number),
                10..=69 => pino(number),
                100..=699 => monolog(number),
                _ => log4j(number),
            },
            Self::Severity => match number {
                0..=7 => syslog(number),
                8..=24 => otel(number),
                30..=69 => pino(number),
                _ => google_cloud(number),
            },
            Self::Syslog => syslog(number),
            Self::SyslogPriority if number < 192 => syslog(number & 7),
            Self::SyslogPriority | Self::Words => None,
            Self::Otel => otel(number),
            Self::Python => Some(match number {
                1..=9 => Level::Trace,
                10..=19 => Level::Debug,
                20..=29 => Level::Info,
                30..=39 => Level::Warning,
                40..=49 => Level::Error,
                50..=59 => Level::Critical,
                _ => return None,
            }),
            Self::Windows => Some(match number {
                1 => Level::Critical,
                2 => Level::Error,
                3 => Level::Warning,
                0 | 4 => Level::Info,
                5 => Level::Debug,
                _ => return None,
            }),
            Self::Nxlog => at(number, 1, [Level::Debug, Level::Info, Level::Warning, Level::Error]),
            Self::ApplicationInsights => {
                at(number, 0, [Level::Trace, Level::Info, Level::Warning, Level::Error])
            }
        }
    }
}

/// The level at a place from `first` on; one past the last is critical.
fn at(number: u32, first: u32, levels: [Level; 4]) -> Option<Level> {
    let index = usize::try_from(number.checked_sub(first)?).ok()?;
    levels.get(index).copied().or((index == levels.len()).then_some(Level::Critical))
}

fn syslog(number: u32) -> Option<Level> {
    Some(match number {
        0 => Level::Emergency,
        1 => Level::Alert,
        2 => Level::Critical,
        3 => Level::Error,
        4 => Level::Warning,
        5 => Level::Notice,
        6 => Level::Info,
        7 => Level::Debug,
        _ => return None,
    })
}

fn otel(number: u32) -> Option<Level> {
    Some(match number {
        1..=4 => Level::Trace,
        5..=8 => Level::Debug,
        9..=12 => Level::Info,
        13..=16 => Level::Warning,
        17..=20 => Level::Error,
        21..=24 => Level::Critical,
        _ => return None,
    })
}

fn pino(number: u32) -> Option<Level> {
    // An application may put levels of its own between these.
    Some(match number {
        10..=19 => Level::Trace,
        20..=29 => Level::Debug,
        30..=39 => Level::Info,
        40..=49 => Level::Warning,
        50..=59 => Level::Error,
        60..=69 => Level::Critical,
        _ => return None,
    })
}

fn monolog(number: u32) -> Option<Level> {
    Some(match number {
        100 => Level::Debug,
        200 => Level::Info,
        250 => Level::Notice,
        300 => Level::Warning,
        400 => Level::Error,
        500 => Level::Critical,
        550 => Level::Alert,
        600 => Level::Emergency,
        _ => return None,
    })
}

fn google_cloud(number: u32) -> Option<Level> {
    Some(match number {
        100 => Level::Debug,
        200 => Level::Info,
        300 => Level::Notice,
        400 => Level::Warning,
        500 => Level::Error,
        600 => Level::Critical,
        700 => Level::Alert,
        800 => Level::Emergency,
        _ => return None,
    })
}

fn log4j(number: u32) -> Option<Level> {
    Some(match number {
        5_000 => Level::Trace,
        10_000 => Level::Debug,
        20_000 => Level::Info,
        30_000 => Level::Warning,
        40_000 => Level::Error,
        50_000 => Level::Critical,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_by_its_scale() {
        use Level::{Critical, Debug, Emergency, Error, Info, Notice, Trace, Warning};
        let cases = [
            (Scale::Level, 3, Some(Error)),
            (Scale::Level, 8, None),
            (Scale::Level, 30, Some(Info)),
            (Scale::Level, 35, Some(Info)),
            (Scale::Level, 50, Some(Error)),
            (Scale::Level, 300, Some(Warning)),
            (Scale::Level, 600, Some(Emergency)),
            (Scale::Level, 20_000, Some(Info)),
            (Scale::Level, 77, None),
            (Scale::Severity, 6, Some(Info)),
            (Scale::Severity, 9, Some(Info)),
            (Scale::Severity, 17, Some(Error)),
            (Scale::Severity, 30, Some(Info)),
            (Scale::Severity, 300, Some(Notice)),
            (Scale::Severity, 25, None),
            (Scale::Syslog, 7, Some(Debug)),
            (Scale::Syslog, 8, None),
            (Scale::SyslogPriority, 134, Some(Info)),
            (Scale::SyslogPriority, 192, None),
            (Scale::Otel, 1, Some(Trace)),
            (Scale::Otel, 24, Some(Critical)),
            (Scale::Otel, 0, None),
            (Scale::Python, 25, Some(Info)),
            (Scale::Python, 30, Some(Warning)),
            (Scale::Windows, 2, Some(Error)),
            (Scale::Windows, 4, Some(Info)),
            (Scale::Nxlog, 2, Some(Info)),
            (Scale::Nxlog, 5, Some(Critical)),
            (Scale::Nxlog, 6, None),
            (Scale::ApplicationInsights, 0, Some(Trace)),
            (Scale::ApplicationInsights, 4, Some(Critical)),
            (Scale::Words, 3, None),
        ];
        for (scale, number, level) in cases {
            assert_eq!(scale.level(number), level, "{scale:?} {number}");
        }
    }
}

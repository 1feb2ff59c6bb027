//! Times as lines begin with them.

use super::symbols::{DIGIT, is};

/// Whether a text has a time of day in it, or begins with a date.
pub(super) fn is_time(text: &[u8]) -> bool {
    text.len() >= 5 && (begins_with_date(text) || is_short_date(text) || has_time_of_day(text))
}

fn has_time_of_day(text: &[u8]) -> bool {
    let is_time = |(at, rest): (usize, &[u8])| {
        rest[0] == b':' && rest[3] == b':' && is_rest(&text[at..]) && is_hour(&text[..at])
    };
    text.windows(6).enumerate().any(is_time)
}

/// Whether a text ends in an hour and no further digit.
fn is_hour(text: &[u8]) -> bool {
    let digits = text.iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    digits == 1 || digits == 2 && matches!(text, [.., b'0' | b'1', _] | [.., b'2', b'0'..=b'3'])
}

/// Whether a text begins with `:mm:ss` and no further digit.
fn is_rest(text: &[u8]) -> bool {
    matches!(text, [b':', b'0'..=b'5', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9', ..])
        && !is(text, 6, DIGIT)
}

/// `2024-05-01`, and no further digit.
fn begins_with_date(text: &[u8]) -> bool {
    matches!(text.get(4), Some(b'-' | b'/' | b'.'))
        && matches!(text.get(7), Some(b'-' | b'/' | b'.'))
        && fits(text, b"dddd?dd?dd")
        && !is(text, 10, DIGIT)
}

/// `05/01/24` or `05/01/2024`, and logcat's `05-01`.
fn is_short_date(text: &[u8]) -> bool {
    match text.len() {
        5 => fits(text, b"dd-dd"),
        8 => fits(text, b"dd/dd/dd"),
        10 => fits(text, b"dd/dd/dddd"),
        _ => false,
    }
}

/// Whether a text begins as a form: `d` is a digit, `?` anything.
fn fits(text: &[u8], form: &[u8]) -> bool {
    text.len() >= form.len()
        && text.iter().zip(form).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            b'?' => true,
            _ => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_known() {
        for text in [
            "12:00:01",
            "1:02:03",
            "2024-05-01T23:59:59.123Z",
            "x23:59:59y",
            "2024/05/01",
            "2024.05.01x",
            "05/01/24",
            "05/01/2024",
            "05-01",
        ] {
            assert!(is_time(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "12:00",
            "24:00:00",
            "112:00:00",
            "12:60:00",
            "12:00:001",
            "2024-05-012",
            "05/01/241",
            "05-011",
            "a05-01",
            "1.2.3",
        ] {
            assert!(!is_time(text.as_bytes()), "{text}");
        }
    }
}

//! Times that are counted from 1970.

use jiff::Timestamp;

/// TAI64 counts from here, as `multilog` writes it: ten seconds were added once.
const TAI64_EPOCH: u64 = (1 << 62) + 10;

/// Epoch seconds, or by their length milli-, micro- or nanoseconds; with what
/// follows them.
pub(super) fn epoch(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole: i128 = str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let unit: i128 = match digits {
        10 => 1_000_000_000,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return None,
    };
    let mut nanoseconds = whole * unit;
    let mut rest = &bytes[digits..];
    if let [b'.', fraction @ ..] = rest {
        let mut place = unit / 10;
        let places = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        for digit in &fraction[..places] {
            nanoseconds += i128::from(digit - b'0') * place;
            place /= 10;
        }
        rest = &fraction[places..];
    }
    let ends = rest.first().is_none_or(|b| !b.is_ascii_alphanumeric());
    Some((Timestamp::from_nanosecond(nanoseconds).ok().filter(|_| ends)?, rest))
}

/// `@400000006a1b2c3d12345678`, the TAI64N of daemontools and runit, without the
/// at sign.
pub(super) fn tai64n(bytes: &[u8]) -> Option<Timestamp> {
    let hex = |digits: &[u8]| u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let (seconds, rest) = bytes.split_at_checked(16)?;
    let (nanoseconds, rest) = rest.split_at_checked(8)?;
    if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let seconds = i64::try_from(hex(seconds)?.checked_sub(TAI64_EPOCH)?).ok()?;
    Timestamp::new(seconds, i32::try_from(hex(nanoseconds)?).ok()?).ok()
}

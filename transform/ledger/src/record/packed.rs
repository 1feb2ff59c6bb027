//! The minutes of one error in one day, packed: of each minute that had events how far
//! it lies behind the one before, how many there were, and how many were suppressed,
//! each as a number of LEB128.

use super::time::MINUTES_OF_DAY;

/// What one minute had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) events: u64,
    pub(crate) suppressed: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.suppressed = self.suppressed.saturating_add(other.suppressed);
    }
}

/// Packs minutes, which are numbered from the beginning of the day and in order.
pub(crate) fn pack(minutes: impl IntoIterator<Item = (u16, Count)>) -> Vec<u8> {
    let (mut bytes, mut before) = (Vec::new(), 0);
    for (minute, Count { events, suppressed }) in minutes {
        push(u64::from(minute - before), &mut bytes);
        push(events, &mut bytes);
        push(suppressed, &mut bytes);
        before = minute;
    }
    bytes
}

/// What was packed, as far as it can be read.
pub(crate) fn unpack(mut bytes: &[u8]) -> impl Iterator<Item = (u16, Count)> {
    let mut at = 0_u64;
    std::iter::from_fn(move || {
        let [gap, events, suppressed] = [take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?];
        at = at.checked_add(gap).filter(|at| *at < MINUTES_OF_DAY.unsigned_abs())?;
        Some((u16::try_from(at).ok()?, Count { events, suppressed }))
    })
}

fn push(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let count = |events, suppressed| Count { events, suppressed };
        let minutes = [
            (0, count(1, 0)),
            (1, count(300, 299)),
            (777, count(u64::MAX, 0)),
            (1439, count(1, 1)),
        ];
        let packed = pack(minutes);
        assert_eq!(unpack(&packed).collect::<Vec<_>>(), minutes);
        assert_eq!(pack([(5, count(7, 0))]), [5, 7, 0]);
        assert_eq!(unpack(&[]).count(), 0);
    }

    #[test]
    fn what_is_damaged_is_read_as_far_as_it_goes() {
        for bytes in [&[5][..], &[5, 7], &[0xff; 40], &[0xff, 0xff, 0x7f, 1, 0]] {
            assert_eq!(unpack(bytes).count(), 0, "{bytes:?}");
        }
        assert_eq!(unpack(&[5, 7, 0, 0x80]).count(), 1);
    }
}

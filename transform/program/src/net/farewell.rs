//! Whether the other side ended a connection in good order, which it does when it
//! has had all answers: by HTTP/2's GOAWAY, or by TLS's alert. A connection that
//! breaks, or whose other end dies, has neither.

/// So many of the last bytes are looked at: a GOAWAY with a few words in it.
const TAIL_BYTES: usize = 128;

/// The head of a GOAWAY behind its length: type, flags, and no stream.
const GOAWAY: [u8; 6] = [7, 0, 0, 0, 0, 0];

/// An alert of TLS 1.2, and one of TLS 1.3, which is like data by its head but too
/// short to be any.
const ALERTS: [(u8, std::ops::RangeInclusive<usize>); 2] = [(21, 2..=64), (23, 19..=19)];

/// The last bytes that came by a connection.
#[derive(Debug, Default)]
pub(crate) struct Farewell {
    tail: Vec<u8>,
}

impl Farewell {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let new = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
        let kept = TAIL_BYTES - new.len();
        self.tail.drain(..self.tail.len().saturating_sub(kept));
        self.tail.extend_from_slice(new);
    }

    /// Whether these were the last words of one who goes in good order.
    pub(crate) fn is_said(&self) -> bool {
        (0..self.tail.len()).any(|start| is_farewell(&self.tail[start..]))
    }
}

/// Whether this is one frame or record that says so, and nothing behind it.
fn is_farewell(bytes: &[u8]) -> bool {
    let is_goaway = bytes.len() >= 17
        && bytes[3..9] == GOAWAY
        && usize::from(bytes[2]) + 9 == bytes.len()
        && bytes[..2] == [0, 0];
    let is_alert = bytes.len() > 5 && bytes[1] == 3 && {
        let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
        let is_one = |(kind, lengths): &(u8, std::ops::RangeInclusive<usize>)| {
            bytes[0] == *kind && lengths.contains(&length)
        };
        length + 5 == bytes.len() && ALERTS.iter().any(is_one)
    };
    is_goaway || is_alert
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_said(chunks: &[&[u8]]) -> bool {
        let mut farewell = Farewell::default();
        chunks.iter().for_each(|chunk| farewell.push(chunk));
        farewell.is_said()
    }

    #[test]
    fn a_farewell_is_the_last_frame_or_record() {
        let goaway = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";
        let with_words = b"\0\0\x0c\x07\0\0\0\0\0\0\0\0\0\0\0\0\0bye!";
        let ping = b"\0\0\x08\x06\x01\0\0\0\0\0\0\0\0\0\0\0\0";
        let data = [7; 1000];
        assert!(is_said(&[&data, goaway]));
        assert!(is_said(&[&data, with_words]));
        assert!(is_said(&[&[&data[..], &goaway[..5]].concat(), &goaway[5..]]));
        assert!(!is_said(&[goaway, ping]));
        assert!(!is_said(&[&data, &goaway[..16]]));
        assert!(!is_said(&[]));
        assert!(is_said(&[&data, b"\x17\x03\x03\0\x13", &[9; 19]]));
        assert!(is_said(&[&data, b"\x15\x03\x03\0\x1a", &[9; 26]]));
        assert!(!is_said(&[&data, b"\x17\x03\x03\0\x22", &[9; 34]]));
    }
}

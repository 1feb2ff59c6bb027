//! From UTF-16 to UTF-8, as it comes.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};

/// The marks at the beginning of a text, and what they say.
const MARKS: [(&[u8], Option<&'static Encoding>); 3] =
    [(b"\xff\xfe", Some(UTF_16LE)), (b"\xfe\xff", Some(UTF_16BE)), (b"\xef\xbb\xbf", None)];

/// The mark that a text begins with: how long it is, and what decodes the rest;
/// nothing does for UTF-8.
pub(crate) fn mark(head: &[u8]) -> (usize, Option<Utf16>) {
    let found = MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    found.map_or((0, None), |(mark, encoding)| (mark.len(), encoding.map(Utf16::new)))
}

/// Whether more bytes may still be a mark.
pub(crate) fn is_undecided(head: &[u8]) -> bool {
    MARKS.iter().any(|(mark, _)| mark.len() > head.len() && mark.starts_with(head))
}

/// Decodes a text in pieces.
pub(crate) struct Utf16 {
    decoder: Decoder,
    ended: bool,
}

impl Utf16 {
    fn new(encoding: &'static Encoding) -> Self {
        Self { decoder: encoding.new_decoder_without_bom_handling(), ended: false }
    }

    /// The text of the next bytes. A character whose last bytes have not come yet
    /// waits for them, unless these are the `last`.
    pub(crate) fn decode(&mut self, bytes: &[u8], last: bool, text: &mut Vec<u8>) {
        text.clear();
        if std::mem::replace(&mut self.ended, last) {
            return;
        }
        let most = self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(usize::MAX);
        text.resize(most, 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(bytes, text, last);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        text.truncate(written);
    }
}

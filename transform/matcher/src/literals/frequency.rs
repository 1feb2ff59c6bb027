//! How often a text turns up in an ordinary log.

use std::sync::LazyLock;

use regex_syntax::hir::literal::rank;

/// About how often, per byte of an ordinary log, this text begins.
///
/// What has begun is likely to go on: given those before it, a byte of a text
/// tells about half as many bits as it would alone.
pub(crate) fn text_frequency(text: &[u8]) -> f64 {
    const NEWS: f64 = 0.55;
    let [first, rest @ ..] = text else { return 1.0 };
    byte_frequency(*first)
        * rest.iter().map(|&byte| byte_frequency(byte)).product::<f64>().powf(NEWS)
}

/// About how often a byte of an ordinary log is this one, or the one that
/// differs from it in the bit that tells upper from lower case.
///
/// From the rank of bytes that `regex-syntax` knows (255 the most frequent),
/// taken to halve every sixteen ranks. Digits it has too low for texts that are
/// full of times and numbers; and what is rare in logs it has at the top, lest
/// anyone look for it.
pub(crate) fn byte_frequency(byte: u8) -> f64 {
    BYTE_FREQUENCIES[usize::from(byte)]
}

static BYTE_FREQUENCIES: LazyLock<[f64; 256]> = LazyLock::new(|| {
    let one = |byte: u8| match byte {
        b'0'..=b'9' => 0.025,
        _ if byte.is_ascii_control() || !byte.is_ascii() => 5e-4,
        _ => 0.09 * (-f64::from(255 - rank(byte)) / 16.0).exp2(),
    };
    std::array::from_fn(|byte| one(byte as u8 | 0x20) + one(byte as u8 & !0x20))
});

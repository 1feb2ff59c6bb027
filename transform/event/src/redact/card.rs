//! Numbers of payment cards.

/// What the numbers of an issuer begin with, from and to, and how many digits they
/// have (ISO/IEC 7812, as the networks publish it).
struct Issuer {
    from: u32,
    to: u32,
    least: usize,
    most: usize,
}

const fn issuer(from: u32, to: u32, least: usize, most: usize) -> Issuer {
    Issuer { from, to, least, most }
}

const ISSUERS: [Issuer; 13] = [
    // Visa.
    issuer(4000, 4999, 13, 19),
    // Mastercard.
    issuer(5100, 5599, 16, 16),
    issuer(2221, 2720, 16, 16),
    // American Express.
    issuer(3400, 3499, 15, 15),
    issuer(3700, 3799, 15, 15),
    // Diners Club.
    issuer(3000, 3059, 14, 19),
    issuer(3600, 3999, 14, 19),
    // JCB.
    issuer(3528, 3589, 16, 19),
    // Maestro, with Discover, UnionPay and others among its numbers.
    issuer(5000, 5099, 13, 19),
    issuer(5600, 5999, 13, 19),
    issuer(6000, 6999, 13, 19),
    // Mir.
    issuer(2200, 2205, 16, 19),
    // JCB of long ago.
    issuer(3088, 3349, 16, 16),
];

/// Whether digits, with whatever between them, are the number of a card: a known
/// beginning with the length that belongs to it, and the check digit of Luhn.
pub(super) fn is_card(text: &str) -> bool {
    let digits: Vec<u32> =
        text.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect();
    let Some(first) = digits.first_chunk::<4>() else { return false };
    let first = first.iter().fold(0, |number, digit| 10 * number + digit);
    let known = ISSUERS.iter().any(|issuer| {
        (issuer.from..=issuer.to).contains(&first)
            && (issuer.least..=issuer.most).contains(&digits.len())
    });
    known && digits.iter().any(|digit| *digit != digits[0]) && checks(&digits)
}

/// Whether a number of JSON is that of a card: only integers are.
pub(super) fn is_card_number(number: &str) -> bool {
    (13..=19).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && is_card(number)
}

/// The check digit of Luhn (ISO/IEC 7812-1, annex B).
fn checks(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let places = digits.iter().rev().enumerate();
    let sum: u32 =
        places.map(|(place, digit)| if place % 2 == 1 { doubled(*digit) } else { *digit }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_told_by_issuer_length_and_check_digit() {
        for number in [
            "4111111111111111",
            "4222222222222",
            "5500000000000004",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "6200000000000005",
        ] {
            assert!(is_card(number) && is_card_number(number), "{number}");
        }
        assert!(is_card("4111 1111-1111 1111") && !is_card_number("4111 1111-1111 1111"));
        for number in [
            "",
            "4111111111111112",
            "1773478800126",
            "0000000000000000",
            "2345678901234567",
            "3782822463100055",
            "5500000000000004.0",
            "-4111111111111111",
        ] {
            assert!(!is_card_number(number), "{number}");
        }
    }
}

//! Names of months and of time zones.

/// The months, in English, French, German, Spanish, Italian, Dutch and Portuguese.
/// A name may be cut short to three letters or more, so the longer of two that
/// begin alike stands first.
const MONTHS: [(&str, i16); 58] = [
    ("january", 1),
    ("januar", 1),
    ("janvier", 1),
    ("enero", 1),
    ("gennaio", 1),
    ("jänner", 1),
    ("february", 2),
    ("februar", 2),
    ("février", 2),
    ("fevrier", 2),
    ("fevereiro", 2),
    ("march", 3),
    ("mars", 3),
    ("märz", 3),
    ("marzo", 3),
    ("maart", 3),
    ("mrt", 3),
    ("março", 3),
    ("april", 4),
    ("avril", 4),
    ("abril", 4),
    ("aprile", 4),
    ("may", 5),
    ("mai", 5),
    ("mayo", 5),
    ("maggio", 5),
    ("mei", 5),
    ("maio", 5),
    ("june", 6),
    ("juni", 6),
    ("juin", 6),
    ("junho", 6),
    ("giugno", 6),
    ("july", 7),
    ("juli", 7),
    ("juillet", 7),
    ("julho", 7),
    ("luglio", 7),
    ("august", 8),
    ("août", 8),
    ("aout", 8),
    ("agosto", 8),
    ("september", 9),
    ("septembre", 9),
    ("septiembre", 9),
    ("setembro", 9),
    ("settembre", 9),
    ("october", 10),
    ("oktober", 10),
    ("octubre", 10),
    ("outubro", 10),
    ("ottobre", 10),
    ("november", 11),
    ("novembre", 11),
    ("december", 12),
    ("dezember", 12),
    ("décembre", 12),
    ("diciembre", 12),
];

/// Zones whose name means one thing in logs, and their minutes from UTC. Not CST,
/// IST, BST and AST, which mean several, nor those that are words.
const ZONES: [(&str, i32); 28] = [
    ("UTC", 0),
    ("GMT", 0),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("EST", -300),
    ("EDT", -240),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("JST", 540),
    ("KST", 540),
    ("HKT", 480),
    ("AWST", 480),
    ("ACST", 570),
    ("ACDT", 630),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("SAST", 120),
];

/// The month of a name, in any case, and from three letters on cut short.
pub(super) fn month(name: &[u8]) -> Option<i16> {
    if let [a, b, c] = *name
        && let Some(month) = short_month([a | 0x20, b | 0x20, c | 0x20])
    {
        return Some(month);
    }
    if name.len() < 3 {
        return None;
    }
    let name = str::from_utf8(name).ok()?;
    let begins = |month: &str| match month.get(..name.len()) {
        Some(begin) if begin.is_ascii() => begin.eq_ignore_ascii_case(name),
        Some(begin) => begin == name.to_lowercase(),
        None => false,
    };
    MONTHS.iter().find(|(month, _)| begins(month)).map(|(_, number)| *number)
}

/// The month that syslog and most others write so.
const fn short_month(name: [u8; 3]) -> Option<i16> {
    Some(match &name {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

/// The minutes from UTC of a zone's name.
pub(super) fn zone(name: &[u8]) -> Option<i32> {
    ZONES.iter().find(|(zone, _)| zone.as_bytes() == name).map(|(_, minutes)| *minutes)
}

/// Whether a word is the name of a day of the week.
pub(super) fn is_day(name: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] =
        [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];
    let begins = |day: &[u8]| day.get(..name.len()).is_some_and(|d| d.eq_ignore_ascii_case(name));
    name.len() >= 3 && DAYS.iter().any(|day| begins(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_by_their_beginnings() {
        for (name, expected) in [
            ("Mar", Some(3)),
            ("MARCH", Some(3)),
            ("mars", Some(3)),
            ("März", Some(3)),
            ("mai", Some(5)),
            ("Dez", Some(12)),
            ("déc", Some(12)),
            ("juil", Some(7)),
            ("juin", Some(6)),
            ("Okt", Some(10)),
            ("ma", None),
            ("market", None),
            ("x", None),
        ] {
            assert_eq!(month(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn each_month_is_found_by_three_letters_or_all() {
        for (name, number) in MONTHS {
            assert_eq!(month(name.as_bytes()), Some(number), "{name}");
        }
        for (index, name) in
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
                .iter()
                .enumerate()
        {
            assert_eq!(month(name.as_bytes()), i16::try_from(index + 1).ok(), "{name}");
        }
    }
}

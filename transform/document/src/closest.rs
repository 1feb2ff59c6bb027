//! Which of the names that are known was probably meant.

/// A longer name is nobody's slip, and comparing it would take its time.
const MOST_BYTES: usize = 256;

/// The known name that is most like another, if any is like it at all.
///
/// By the optimal string alignment distance (a typing slip counts one), at most
/// a third of the known name, case aside; a name that is part of a known one is
/// like it.
pub fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MOST_BYTES {
        return None;
    }
    let name = name.to_lowercase();
    let distance = |known: &str| {
        let known = known.to_lowercase();
        match known.contains(&name) && name.len() > 3 {
            true => 0,
            false => strsim::osa_distance(&name, &known),
        }
    };
    known
        .into_iter()
        .map(|known| (distance(known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3) && *distance < known.len())
        .map(|(_, known)| known)
}

/// The known name that another misses by one letter, or by its case alone. Of names
/// of fewer than four letters too many are so near.
pub fn one_letter_from<'n>(
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let is_near = |known: &&str| {
        known.len() >= 4
            && lower.len().abs_diff(known.len()) <= 1
            && name != *known
            && strsim::osa_distance(&lower, known) <= 1
    };
    known.into_iter().find(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_letter_off_or_a_word_of_its_own() {
        let known = ["id", "pattern", "summary", "policy", "examples"];
        for (name, meant) in [
            ("patern", Some("pattern")),
            ("pattren", Some("pattern")),
            ("Summary", Some("summary")),
            ("example", Some("examples")),
            ("summary", None),
            ("ip", None),
            ("polices", None),
            ("owner", None),
        ] {
            assert_eq!(one_letter_from(name, known), meant, "{name}");
        }
    }

    #[test]
    fn what_was_meant_is_told_from_slips_and_parts_in_any_case() {
        for (name, known, meant) in [
            ("windw_minutes", &["window_minutes", "sinks"][..], Some("window_minutes")),
            ("minutes", &["window_minutes", "sinks"], Some("window_minutes")),
            ("critical", &["Critical", "network_db"], Some("Critical")),
            ("LOGIN_FAILD", &["LOGIN_FAILED", "CRASH_LOOP"], Some("LOGIN_FAILED")),
            ("b", &["a"], None),
            ("team", &["window_minutes", "sinks"], None),
        ] {
            assert_eq!(closest(name, known.iter().copied()), meant, "{name}");
        }
    }
}

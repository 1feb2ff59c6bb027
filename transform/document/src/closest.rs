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

#[cfg(test)]
mod tests {
    use super::*;

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

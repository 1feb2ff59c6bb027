//! Which of the names that are known was probably meant.

/// The known name that is most like another, if any is like it at all.
///
/// By the optimal string alignment distance (a typing slip counts one), at most
/// a third of the known name; a name that is part of a known one is like it.
pub fn closest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let name = name.to_lowercase();
    known
        .iter()
        .map(|known| match known.contains(&name) && name.len() > 3 {
            true => (0, *known),
            false => (strsim::osa_distance(&name, known), *known),
        })
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3) && *distance < known.len())
        .map(|(_, known)| known)
}

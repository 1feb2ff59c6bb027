//! How the time to match grows.

use std::fmt;

/// How the time to match grows with the length of the text, where that is more
/// than linear. The worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Complexity {
    /// With a power of the length.
    Polynomial {
        /// The power, at least 2.
        degree: u32,
    },
    /// By a factor for every few characters more.
    Exponential,
}

impl fmt::Display for Complexity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Complexity::Polynomial { degree } => write!(formatter, "polynomial of degree {degree}"),
            Complexity::Exponential => formatter.write_str("exponential"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_is_the_greater() {
        let of_degree = |degree| Complexity::Polynomial { degree };
        assert!(of_degree(2) < of_degree(3) && of_degree(u32::MAX) < Complexity::Exponential);
    }
}

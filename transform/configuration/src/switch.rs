//! On and off, in the words that people use in environments.

/// Neither on nor off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected on or off; also 1, true, yes, and 0, false, no")]
pub struct InvalidSwitch;

/// Reads `1`, `true`, `yes` and `on`, `0`, `false`, `no` and `off`, in any case;
/// none of an empty text, which says nothing, as compose files have it.
///
/// # Errors
/// When it is another word.
pub fn parse(text: &str) -> Result<Option<bool>, InvalidSwitch> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(Some(true)),
        "0" | "false" | "no" | "off" => Ok(Some(false)),
        "" => Ok(None),
        _ => Err(InvalidSwitch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_environments_are_known() {
        for text in ["1", "TRUE", " yes ", "On"] {
            assert_eq!(parse(text), Ok(Some(true)), "{text}");
        }
        for text in ["0", "false", "No", "OFF"] {
            assert_eq!(parse(text), Ok(Some(false)), "{text}");
        }
        assert_eq!(parse(" "), Ok(None));
        assert_eq!(parse("maybe"), Err(InvalidSwitch));
    }
}

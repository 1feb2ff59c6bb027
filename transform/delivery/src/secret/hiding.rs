//! Texts that nobody wrote to be shown: what code panics with, its own or that of
//! others.

use super::{known::known, scrubber::Scrubber, secret::HIDDEN};

/// The text without the secrets that this process was given. To be called wherever
/// something went wrong: where it would have to wait, it hides all of the text.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    match known() {
        Some(known) => Scrubber::of(known.iter().map(String::as_str)).scrub(text),
        None => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::secret::Secret, *};

    #[test]
    fn whatever_became_a_secret_is_hidden_in_any_text() {
        let secrets = ["kn0wn-new", "http://u:kn0wn-user@host/kn0wn-path"].map(Secret::new);
        let _of_a_flag = Secret::from("kn0wn-flag".to_owned());
        let text = format!("{} kn0wn-user kn0wn-path kn0wn-flag", secrets[0].expose());
        assert_eq!(without_secrets(&text), "[SECRET] [SECRET] [SECRET] [SECRET]");
    }
}

//! The texts that are searched.

use std::{env, fs, iter, path::PathBuf};

use crate::taxonomy::Random;

/// Lines that lie one after another in memory, as those of a file or a batch
/// do: what is measured is the search, not the fetching of scattered texts.
#[derive(Default)]
pub struct Lines {
    text: String,
    ends: Vec<usize>,
}

impl Lines {
    /// The lines in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let begin = |line: usize| line.checked_sub(1).map_or(0, |before| self.ends[before]);
        (0..self.ends.len()).map(move |line| &self.text[begin(line)..self.ends[line]])
    }

    /// How many bytes they have in all.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Lines {
    fn from_iter<I: IntoIterator<Item = S>>(lines: I) -> Self {
        lines.into_iter().fold(Self::default(), |mut all, line| {
            all.text.push_str(line.as_ref());
            all.ends.push(all.text.len());
            all
        })
    }
}

/// Real log lines: every sample of LogHub that is there.
///
/// They lie in `loghub` in the folder that `SIGNATURES_DATA` names.
#[must_use]
pub fn typical() -> Lines {
    let data = env::var_os("SIGNATURES_DATA").map(PathBuf::from);
    let data = data.expect("SIGNATURES_DATA names the folder with `loghub`");
    let mut files: Vec<_> = fs::read_dir(data.join("loghub"))
        .unwrap_or_else(|error| panic!("{}: {error}", data.display()))
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read(file).unwrap_or_default();
            String::from_utf8_lossy(&text).lines().map(String::from).collect::<Vec<_>>()
        })
        .filter(|line| !line.is_empty())
        .collect()
}

/// Lines made of the patterns' own fragments, `length` bytes each, without end;
/// each of up to so many different ones.
pub fn hostile(
    patterns: &[String],
    length: usize,
    fragments: usize,
) -> impl Iterator<Item = String> {
    let words: Vec<String> = patterns
        .iter()
        .flat_map(|pattern| {
            pattern
                .split(|c: char| !(c.is_alphanumeric() || " _:".contains(c)))
                .map(String::from)
                .collect::<Vec<_>>()
        })
        .filter(|word| word.len() > 3 && word.is_ascii())
        .collect();
    let mut random = Random(0xBAD);
    iter::repeat_with(move || {
        // Without its last letter no literal comes whole, but nearly.
        let fragments: Vec<String> = (0..fragments)
            .map(|_| {
                let word = &words[random.below(words.len())];
                word[random.below(word.len() - 3)..word.len() - 1].to_owned()
            })
            .collect();
        let mut line = String::new();
        while line.len() < length {
            line.push_str(&fragments[random.below(fragments.len())]);
            line.push('-');
        }
        line.truncate(length);
        line
    })
}

//! The texts that are searched.

use std::{env, fs, iter, path::PathBuf};

use crate::taxonomy::Random;

/// Real log lines: every sample of LogHub that is there.
///
/// They lie in `loghub` in the folder that `SIGNATURES_DATA` names.
#[must_use]
pub fn typical() -> Vec<String> {
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

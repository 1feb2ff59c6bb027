//! Whether the crates could be published: cargo packs them, and nothing that
//! they include lies outside.

use std::path::{Component, Path, PathBuf};

use crate::{
    command, files,
    outcome::{Failure, Outcome},
    packages::{self, Package},
};

/// Packs every crate, and looks for what those that are published would miss.
/// Compiling what was packed would show it too, and take as long as a build.
pub(crate) fn check(root: &Path) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    let packages = packages::packages(&root.join("Cargo.toml"))?;
    for package in packages.iter().filter(|package| package.is_published()) {
        for (file, line, included) in outside(package)? {
            let file = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            println!(
                "{file}:{line}: includes {included}, which is not packed with `{}`; \
                 move it into the crate",
                package.name
            );
            outcome = Outcome::Findings;
        }
    }
    // What is not committed yet is packed too, so that it is checked before it is.
    command::run("cargo package -q --workspace --no-verify --allow-dirty")?;
    Ok(outcome)
}

/// Files, lines and paths of what is included from outside the package, in its
/// sources that are no tests.
fn outside(package: &Package) -> Result<Vec<(PathBuf, usize, String)>, Failure> {
    let folder = package.manifest_path.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for file in files::list(&folder.join("src"))? {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = files::read(&file)?;
        for (index, line) in text.lines().enumerate() {
            for included in included(line) {
                let path = file.parent().unwrap_or(folder).join(included);
                if !normal(&path).starts_with(folder) {
                    found.push((file.clone(), index + 1, included.to_owned()));
                }
            }
        }
    }
    Ok(found)
}

/// The paths that a line includes.
fn included(line: &str) -> impl Iterator<Item = &str> {
    const INCLUDES: [&str; 4] =
        ["include_str!(\"", "include_bytes!(\"", "include!(\"", "#[path = \""];
    INCLUDES.iter().flat_map(move |include| {
        line.split(include).skip(1).filter_map(|rest| rest.split('"').next())
    })
}

/// The path without its `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, component| {
        match component {
            Component::ParentDir => _ = normal.pop(),
            component => normal.push(component),
        }
        normal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_a_line_are_seen() {
        let line = r#"const A: [&str; 2] = [include_str!("a.txt"), include_str!("../b.txt")];"#;
        assert_eq!(included(line).collect::<Vec<_>>(), ["a.txt", "../b.txt"]);
    }

    #[test]
    fn a_path_is_followed_up() {
        assert_eq!(normal(Path::new("/a/b/../../c")), Path::new("/c"));
    }
}

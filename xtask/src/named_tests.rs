//! Tests that the documentation names, as `folder/file.rs::name`: each is there.

use std::path::Path;

use crate::{
    files,
    outcome::{Failure, Outcome},
};

pub(crate) fn check(root: &Path) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    let pages = files::list(root)?;
    for page in pages.iter().filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let text = files::read(page)?;
        for (file, test) in named(&text) {
            let path = root.join(file);
            let there = path.is_file() && files::read(&path)?.contains(&format!("fn {test}("));
            if !there {
                let page = page.strip_prefix(root).unwrap_or(page).display();
                println!("{page}: there is no test `{file}::{test}`");
                outcome = Outcome::Findings;
            }
        }
    }
    Ok(outcome)
}

/// Files and names of tests in code within a page.
fn named(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split('`').skip(1).step_by(2).filter_map(|code| {
        let (file, test) = code.split_once("::")?;
        (file.ends_with(".rs") && !test.contains(['(', ' '])).then_some((file, test))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_names_a_file_and_a_test_is_looked_at() {
        let page = "see `a/b.rs::it_holds` and `std::io`, `a/b.rs::f(x)` a/c.rs::no";
        assert_eq!(named(page).collect::<Vec<_>>(), [("a/b.rs", "it_holds")]);
    }
}

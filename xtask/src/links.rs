//! Links between the pages of the documentation: each leads to a file and a heading
//! that are there.

use std::path::Path;

use crate::{
    files,
    outcome::{Failure, Outcome},
};

pub(crate) fn check(root: &Path) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for page in files::list(root)?.iter().filter(|path| is_page(path)) {
        for (line, target) in targets(&files::read(page)?) {
            if let Some(missing) = missing(page, &target)? {
                let page = page.strip_prefix(root).unwrap_or(page).display();
                println!("{page}:{line}: `{target}` leads nowhere: {missing}");
                outcome = Outcome::Findings;
            }
        }
    }
    Ok(outcome)
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Lines and targets of links within the repository.
fn targets(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text_lines(page) {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let own = targets.filter(|target| !target.contains("://") && !target.contains(' '));
        found.extend(own.map(|target| (number, target.to_owned())));
    }
    found
}

/// The lines outside of code, with their numbers.
fn text_lines(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    page.lines().zip(1..).filter_map(move |(line, number)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        (!in_code && !fence).then_some((number, line))
    })
}

/// What is not there of what a link leads to.
fn missing(page: &Path, target: &str) -> Result<Option<String>, Failure> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => page.to_owned(),
        file => page.parent().unwrap_or(Path::new("")).join(file),
    };
    if !path.exists() {
        return Ok(Some(format!("there is no `{file}`")));
    }
    if heading.is_empty() || !is_page(&path) {
        return Ok(None);
    }
    let text = files::read(&path)?;
    let named = format!("<a id=\"{heading}\">");
    let known = text_lines(&text).any(|(_, line)| {
        let text = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim());
        text.is_some_and(|text| anchor(text) == heading) || line.contains(&named)
    });
    Ok((!known).then(|| format!("there is no heading `#{heading}`")))
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_or_a_heading_that_is_not_there_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("a.md");
        std::fs::write(
            folder.path().join("b.md"),
            "# B\n\n## One: `two`, three\n<a id=\"more\"></a>\n\n```\n# no\n```\n",
        )
        .unwrap();
        std::fs::write(&page, "# A\n").unwrap();
        for (target, expected) in [
            ("b.md", None),
            ("#a", None),
            ("b.md#one-two-three", None),
            ("b.md#more", None),
            ("b.md#no", Some("there is no heading `#no`")),
            ("#b", Some("there is no heading `#b`")),
            ("c.md", Some("there is no `c.md`")),
            ("no/c.md#x", Some("there is no `no/c.md`")),
        ] {
            assert_eq!(missing(&page, target).unwrap().as_deref(), expected, "{target}");
        }
        assert_eq!(check(folder.path()).unwrap(), Outcome::Fine);
        std::fs::write(&page, "# A\n[x](https://a.example/c.md) [y](b.md)\n\n[z](c.md)\n").unwrap();
        assert_eq!(check(folder.path()).unwrap(), Outcome::Findings);
        assert_eq!(
            targets("```\n[a](b)\n```\n[c](d) and [e](f#g)"),
            [(4, "d".to_owned()), (4, "f#g".to_owned())]
        );
    }
}

//! Files that import each other in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    finding::Finding,
    imports::Imports,
    source::{FileId, Source},
};

/// Every set of files of which each reaches every other, as a finding.
pub(crate) fn check(source: &Source, imports: &Imports) -> Vec<Finding> {
    circles(source.files.len(), imports)
        .iter()
        .map(|files| finding(source, imports, files))
        .collect()
}

fn finding(source: &Source, imports: &Imports, files: &BTreeSet<FileId>) -> Finding {
    let name = |id: FileId| source.files[id].display();
    let way = shortest_way(imports, files);
    let edge = |from: FileId, to: FileId| &imports[&(from, to)];
    let mut details: Vec<_> =
        way.windows(2).map(|pair| tell(source, pair[0], pair[1], edge(pair[0], pair[1]))).collect();
    let inner = imports.iter().filter(|((from, to), _)| files.contains(from) && files.contains(to));
    let others: Vec<_> = inner
        .filter(|((from, to), _)| !way.windows(2).any(|pair| pair == [*from, *to]))
        .map(|((from, to), names)| tell(source, *from, *to, names))
        .collect();
    if !others.is_empty() {
        details.push(format!("and among the {} files:", files.len()));
        details.extend(others);
    }
    let first = way.first().copied().unwrap_or_default();
    let line = way.get(1).and_then(|second| edge(first, *second).values().min().copied());
    let around: Vec<_> = way.iter().map(|id| name(*id).to_string()).collect();
    Finding {
        file: source.files[first].clone(),
        line: line.unwrap_or(1),
        message: format!(
            "{} files import in a circle ({}); move what both ends need into a file below them",
            files.len(),
            short(&around).join(" -> "),
        ),
        details,
    }
}

/// The names of files without the folders that all of them lie in.
fn short(files: &[String]) -> Vec<&str> {
    let first = files.first().map_or("", String::as_str);
    let shared = first
        .match_indices('/')
        .map(|(at, _)| at + 1)
        .take_while(|&at| files.iter().all(|file| file.get(..at) == first.get(..at)))
        .last()
        .unwrap_or(0);
    files.iter().map(|file| &file[shared..]).collect()
}

fn tell(source: &Source, from: FileId, to: FileId, names: &BTreeMap<String, usize>) -> String {
    let names: Vec<_> = names.iter().map(|(name, line)| format!("{name} ({line})")).collect();
    let (from, to) = (source.files[from].display(), source.files[to].display());
    format!("{from} -> {to}: {}", names.join(", "))
}

/// The shortest way from a file back to it: first and last are the same.
fn shortest_way(imports: &Imports, files: &BTreeSet<FileId>) -> Vec<FileId> {
    let ways = files.iter().filter_map(|&start| way_back(imports, start));
    ways.min_by_key(Vec::len).unwrap_or_default()
}

fn way_back(imports: &Imports, start: FileId) -> Option<Vec<FileId>> {
    let mut came_from = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for to in next(imports, file) {
            if to == start {
                let mut way: Vec<_> =
                    std::iter::successors(Some(file), |file| came_from.get(file).copied())
                        .collect();
                way.reverse();
                way.push(start);
                return Some(way);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(to) {
                entry.insert(file);
                queue.push_back(to);
            }
        }
    }
    None
}

fn next(imports: &Imports, from: FileId) -> impl Iterator<Item = FileId> + '_ {
    imports.range((from, FileId::MIN)..=(from, FileId::MAX)).map(|((_, to), _)| *to)
}

/// The sets of more than one file that reach each other. A crate has some dozens
/// of files: what each reaches is found by walking.
fn circles(files: usize, imports: &Imports) -> Vec<BTreeSet<FileId>> {
    let reached: Vec<_> = (0..files).map(|file| reached(imports, file)).collect();
    let mut circles: Vec<BTreeSet<FileId>> = Vec::new();
    for file in 0..files {
        if circles.iter().any(|circle| circle.contains(&file)) {
            continue;
        }
        let circle: BTreeSet<_> =
            reached[file].iter().copied().filter(|&other| reached[other].contains(&file)).collect();
        if !circle.is_empty() {
            circles.push(circle);
        }
    }
    circles
}

fn reached(imports: &Imports, start: FileId) -> BTreeSet<FileId> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(file) = waiting.pop() {
        waiting.extend(next(imports, file).filter(|&to| reached.insert(to)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::{fixture, imports::imports};

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let source = fixture::source(files);
        check(&source, &imports(&source)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_circle_through_a_reexport_is_found() {
        let files = [
            ("lib.rs", "mod shape; mod paint;"),
            ("shape/mod.rs", "mod round; pub use round::Circle;"),
            ("shape/round.rs", "use crate::paint::Paint;\npub struct Circle;"),
            ("paint.rs", "\nuse crate::shape::Circle;\npub struct Paint;"),
        ];
        assert_eq!(
            told(&files),
            ["shape/round.rs:1: 2 files import in a circle \
                 (shape/round.rs -> paint.rs -> shape/round.rs); \
                 move what both ends need into a file below them\n    \
                 shape/round.rs -> paint.rs: Paint (1)\n    \
                 paint.rs -> shape/round.rs: Circle (2)"]
        );
    }

    #[test]
    fn a_circle_through_super_is_found() {
        let files = [
            ("lib.rs", "mod outer;"),
            ("outer/mod.rs", "mod inner; pub struct Outer(inner::Inner);"),
            ("outer/inner.rs", "use super::Outer; pub struct Inner;"),
        ];
        assert_eq!(
            told(&files),
            ["outer/mod.rs:1: 2 files import in a circle (mod.rs -> inner.rs -> mod.rs); \
                move what both ends need into a file below them\n    \
                outer/mod.rs -> outer/inner.rs: Inner (1)\n    \
                outer/inner.rs -> outer/mod.rs: Outer (1)"]
        );
    }

    #[test]
    fn the_shortest_way_round_comes_first() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "pub struct A; use crate::b::B;"),
            ("b.rs", "pub struct B; use crate::c::C;"),
            ("c.rs", "pub struct C; use crate::{a::A, b::B};"),
        ];
        assert_eq!(
            told(&files),
            ["b.rs:1: 3 files import in a circle (b.rs -> c.rs -> b.rs); \
                move what both ends need into a file below them\n    \
                b.rs -> c.rs: C (1)\n    \
                c.rs -> b.rs: B (1)\n    \
                and among the 3 files:\n    \
                a.rs -> b.rs: B (1)\n    \
                c.rs -> a.rs: A (1)"]
        );
    }

    #[test]
    fn a_parent_that_only_shows_its_children_is_in_no_circle() {
        let files = [
            ("lib.rs", "mod outer;"),
            ("outer/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("outer/a.rs", "pub struct A;"),
            ("outer/b.rs", "use super::A; pub struct B(A);"),
        ];
        assert_eq!(told(&files), Vec::<String>::new());
    }
}

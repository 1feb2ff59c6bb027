//! A `mod.rs` or `lib.rs` is a facade: it tells what there is, and holds nothing.

use std::path::Path;

use syn::{Item, spanned::Spanned};

use super::{
    finding::Finding,
    source::{self, Source},
};

/// Whether a file is a facade by its name.
pub(crate) fn is_facade(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs")
}

/// How many of the things that a facade holds are told by name.
const TOLD: usize = 6;

/// The facades that hold something of their own.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let facades = source.files.iter().enumerate().filter(|(_, file)| is_facade(file));
    facades
        .filter_map(|(id, file)| {
            let modules = source.modules.iter().filter(|module| module.file == id);
            let held: Vec<_> = modules.flat_map(|module| &module.items).filter_map(held).collect();
            let &(line, _) = held.first()?;
            Some(Finding {
                file: file.clone(),
                line,
                message: format!(
                    "holds {}; move what is no `mod` or `use` into files named after it",
                    list(held.iter().map(|(_, what)| what.as_str()))
                ),
                details: Vec::new(),
            })
        })
        .collect()
}

fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(TOLD);
    let told: Vec<_> = names.take(TOLD).collect();
    let told = told.join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}

/// What a facade may not hold: its line, and what it is called.
fn held(item: &Item) -> Option<(usize, String)> {
    let kind = match item {
        Item::Use(_) | Item::Mod(_) | Item::ExternCrate(_) => return None,
        Item::Const(_) => "const",
        Item::Enum(_) => "enum",
        Item::Fn(_) => "fn",
        Item::Macro(_) => "macro",
        Item::Static(_) => "static",
        Item::Struct(_) => "struct",
        Item::Trait(_) => "trait",
        Item::Type(_) => "type",
        _ => "",
    };
    let what = match source::definition(item) {
        Some((name, _)) => format!("`{kind} {name}`"),
        None if matches!(item, Item::Impl(_)) => "an impl".to_owned(),
        None => "an item".to_owned(),
    };
    Some((item.span().start().line, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::fixture;

    #[test]
    fn a_facade_holds_only_mod_and_use() {
        let source = fixture::source(&[
            ("lib.rs", "//! Docs.\n#![allow(dead_code)]\nmod a; pub mod b; pub use a::A;"),
            ("a.rs", "pub struct A; fn free() {}"),
            ("b/mod.rs", "mod c;\npub use c::C;\n/// D.\nstruct D;\nimpl D {}\n"),
            ("b/c.rs", "pub struct C;"),
        ]);
        assert_eq!(
            check(&source),
            [Finding {
                file: "b/mod.rs".into(),
                line: 3,
                message: "holds `struct D`, an impl; \
                    move what is no `mod` or `use` into files named after it"
                    .to_owned(),
                details: Vec::new(),
            }]
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let source = fixture::source(&[(
            "lib.rs",
            "const A: u8 = 0; fn b() {} enum C {} static D: u8 = 0; trait E {} type F = u8; union G { g: u8 }",
        )]);
        let messages: Vec<_> = check(&source).into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            messages,
            ["holds `const A`, `fn b`, `enum C`, `static D`, `trait E`, `type F` and 1 more; \
                move what is no `mod` or `use` into files named after it"]
        );
    }
}

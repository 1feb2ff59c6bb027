//! Which file of a crate names what of which other file.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Item,
    visit::{self, Visit},
};

use super::{
    facades,
    names::{Definition, Names},
    source::{self, FileId, ModuleId, Source},
};

/// From one file to another: the names, each with the first line that has it.
pub(crate) type Imports = BTreeMap<(FileId, FileId), BTreeMap<String, usize>>;

/// What the files of a crate import of each other. What a facade hands on is no
/// import of its own: whoever uses it imports the file that defines it.
pub(crate) fn imports(source: &Source) -> Imports {
    let mut found = Imports::new();
    for (id, module) in source.modules.iter().enumerate() {
        let facade = facades::is_facade(&source.files[module.file]);
        let mut collector = Collector { source, names: Names::new(source), id, found: &mut found };
        for import in module.uses.iter().filter(|import| !(facade && import.public)) {
            collector.path(&import.path, import.line);
        }
        for item in &module.items {
            collector.visit_item(item);
        }
    }
    found
}

struct Collector<'a> {
    source: &'a Source,
    names: Names<'a>,
    /// The module that is being read.
    id: ModuleId,
    found: &'a mut Imports,
}

impl Collector<'_> {
    fn path(&mut self, path: &[String], line: usize) {
        for definition in self.names.resolve(self.id, path) {
            if let Definition::Item { file, name } = definition {
                self.add(file, name, line);
            }
        }
    }

    fn add(&mut self, to: FileId, name: String, line: usize) {
        let from = self.source.modules[self.id].file;
        if from != to {
            let names = self.found.entry((from, to)).or_default();
            let first = names.entry(name).or_insert(line);
            *first = line.min(*first);
        }
    }

    /// The paths in what a macro is given, whatever it makes of them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = PathInTokens::default();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    let ended = path.ident(&ident);
                    self.ended(ended);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => path.colon(),
                TokenTree::Punct(punct) => {
                    let ended = path.take();
                    self.ended(ended);
                    path.after_dot = punct.as_char() == '.';
                }
                TokenTree::Literal(_) => {
                    let ended = path.take();
                    self.ended(ended);
                }
                TokenTree::Group(group) => {
                    let ended = path.take();
                    self.ended(ended);
                    self.tokens(group.stream());
                }
            }
        }
        let ended = path.take();
        self.ended(ended);
    }

    fn ended(&mut self, path: PathInTokens) {
        // What stands behind a dot is a field or a method.
        if !path.segments.is_empty() && !path.after_dot {
            self.path(&path.segments, path.line);
        }
    }

    /// Paths that serde takes as text: `#[serde(with = "crate::minutes")]`.
    fn paths_in_text(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.paths_in_text(group.stream()),
                TokenTree::Literal(literal) => {
                    let key = index.checked_sub(2).and_then(|before| match &tokens[before] {
                        TokenTree::Ident(key) => Some(key.to_string()),
                        _ => None,
                    });
                    self.path_in_text(&key.unwrap_or_default(), literal);
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    fn path_in_text(&mut self, key: &str, literal: &proc_macro2::Literal) {
        const NAME_PATHS: [&str; 9] = [
            "default",
            "deserialize_with",
            "from",
            "getter",
            "into",
            "serialize_with",
            "skip_serializing_if",
            "try_from",
            "with",
        ];
        let Ok(syn::Lit::Str(text)) = syn::parse2(TokenTree::from(literal.clone()).into()) else {
            return;
        };
        let Ok(path) = text.parse::<syn::Path>() else { return };
        if !NAME_PATHS.contains(&key) {
            return;
        }
        let line = literal.span().start().line;
        for definition in self.names.resolve(self.id, &segments(&path)) {
            match definition {
                Definition::Item { file, name } => self.add(file, name, line),
                // Its functions are called, though none is named.
                Definition::Module(id) => {
                    self.add(self.source.modules[id].file, text.value(), line);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !source::attributes(item).iter().any(source::is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !function.attrs.iter().any(source::is_for_tests) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    /// The leaves of a `use` are known already.
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    /// `pub(in path)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let line = path.segments.first().map_or(1, |first| first.ident.span().start().line);
            self.path(&segments(path), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.get_ident()
            && let Some(Definition::Item { file, name }) = self.names.a_macro(&source::text(name))
        {
            self.add(file, name, call.path.segments[0].ident.span().start().line);
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
            self.paths_in_text(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| source::text(&segment.ident)).collect()
}

/// A path that is being put together from tokens.
#[derive(Default)]
struct PathInTokens {
    segments: Vec<String>,
    line: usize,
    /// Colons since the last segment.
    colons: usize,
    after_dot: bool,
}

impl PathInTokens {
    /// Takes a name in, and gives out the path that ended before it.
    fn ident(&mut self, ident: &proc_macro2::Ident) -> Self {
        let continues = self.colons == 2 || self.segments.is_empty();
        let ended = if continues { Self::default() } else { self.take() };
        if self.segments.is_empty() {
            self.line = ident.span().start().line;
        }
        self.segments.push(source::text(ident));
        self.colons = 0;
        ended
    }

    fn colon(&mut self) {
        self.colons += 1;
    }

    fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::fixture;

    /// The imports of a small crate, as `from -> to: names`.
    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let source = fixture::source(files);
        let name = |id: FileId| source.files[id].display();
        imports(&source)
            .iter()
            .map(|(&(from, to), names)| {
                let names: Vec<_> = names.keys().map(String::as_str).collect();
                format!("{} -> {}: {}", name(from), name(to), names.join(", "))
            })
            .collect()
    }

    #[test]
    fn an_import_leads_through_reexports_to_the_file_that_defines_the_name() {
        let files = [
            ("lib.rs", "mod shape; mod user; pub use shape::Circle;"),
            ("shape/mod.rs", "mod round; pub(crate) use round::{Circle, Disc as Plate};"),
            ("shape/round.rs", "pub struct Circle; pub struct Disc;"),
            ("user.rs", "use crate::{shape::Plate, Circle};"),
        ];
        assert_eq!(told(&files), ["user.rs -> shape/round.rs: Circle, Disc"]);
    }

    #[test]
    fn globs_and_supers_are_followed() {
        let files = [
            ("lib.rs", "mod outer;"),
            ("outer/mod.rs", "mod a; mod b; pub use b::*; pub(crate) use b::Hidden;"),
            ("outer/a.rs", "fn f(_: super::Shown) -> super::Hidden { self::super::b::make() }"),
            ("outer/b.rs", "pub struct Shown; pub(crate) struct Hidden; pub fn make() {}"),
        ];
        assert_eq!(told(&files), ["outer/a.rs -> outer/b.rs: Hidden, Shown, make"]);
    }

    #[test]
    fn paths_in_expressions_patterns_macros_and_attributes_are_imports() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; mod d; mod minutes;"),
            (
                "a.rs",
                "use crate::b; #[serde(with = \"crate::minutes\")] struct A(b::B);
                 fn f() { println!(\"{}\", crate::c::FIVE); let b::B { .. } = b::B {}; }
                 fn g() { use crate::d; d::run(); our!() }",
            ),
            ("b.rs", "pub struct B {}"),
            ("c.rs", "pub const FIVE: u8 = 5;"),
            ("d.rs", "pub fn run() {} #[macro_export] macro_rules! our { () => {} }"),
            ("minutes.rs", "pub fn serialize() {}"),
        ];
        assert_eq!(
            told(&files),
            [
                "a.rs -> b.rs: B",
                "a.rs -> c.rs: FIVE",
                "a.rs -> d.rs: our, run",
                "a.rs -> minutes.rs: crate::minutes"
            ]
        );
    }

    #[test]
    fn a_false_friend_is_no_import() {
        let files = [
            ("lib.rs", "mod time; mod user; mod other;"),
            // Another crate's `time`, a method, a field, a private name, a comment.
            (
                "user.rs",
                "use ::time::Clock; use crate::other::*; use chrono::time;
                 /// Like [`crate::time::now`].
                 pub(in crate::time) fn f() { println!(\"{}\", x.now()); hidden(); \"time::now\" }",
            ),
            ("time.rs", "pub fn now() {} pub struct Clock;"),
            ("other.rs", "fn hidden() {} pub fn now() {}"),
        ];
        assert_eq!(told(&files), Vec::<String>::new());
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let files = [
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod probe;"),
            (
                "a.rs",
                "#[cfg(test)] use crate::b::B;
                 #[cfg(all(test, unix))] mod tests { use crate::b::B; }
                 #[test] fn t() { crate::b::B; }
                 struct A; impl A { #[cfg(test)] fn of(_: crate::b::B) {} }",
            ),
            ("b.rs", "pub struct B;"),
            ("probe.rs", "use crate::b::B;"),
        ];
        assert_eq!(told(&files), Vec::<String>::new());
    }

    #[test]
    fn files_are_found_where_rust_looks_for_them() {
        let files = [
            ("lib.rs", "mod a; #[path = \"elsewhere.rs\"] mod c; mod inline { pub mod d; }"),
            ("a.rs", "mod b; use crate::{c::C, inline::d::D}; type B = b::B;"),
            ("a/b.rs", "pub struct B;"),
            ("elsewhere.rs", "pub struct C;"),
            ("inline/d.rs", "pub struct D;"),
        ];
        assert_eq!(
            told(&files),
            ["a.rs -> a/b.rs: B", "a.rs -> elsewhere.rs: C", "a.rs -> inline/d.rs: D"]
        );
    }

    #[test]
    fn imports_of_each_other_come_to_an_end() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub use crate::b::*; pub use memchr::memchr;"),
            ("b.rs", "pub use crate::a::*; fn f() { memchr(); nothing::here() }"),
        ];
        assert_eq!(told(&files), Vec::<String>::new());
    }
}

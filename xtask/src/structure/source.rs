//! A crate as its source says it: files, modules and the names in them, without
//! what only tests see.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use syn::{
    Item, UseTree, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::files::{self, FileError};

/// Where a module stands in [`Source::modules`].
pub(crate) type ModuleId = usize;
/// Where a file stands in [`Source::files`].
pub(crate) type FileId = usize;

/// One target of a package: a library or a program.
#[derive(Default)]
pub(crate) struct Source {
    /// What the names of files are told relative to.
    base: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    /// The root comes first.
    pub(crate) modules: Vec<Module>,
    /// Macros that `#[macro_export]` puts at the root, or that are known by
    /// textual order alone.
    pub(crate) macros: BTreeMap<String, FileId>,
}

pub(crate) struct Module {
    pub(crate) parent: Option<ModuleId>,
    pub(crate) file: FileId,
    pub(crate) items: Vec<Item>,
    pub(crate) children: BTreeMap<String, Vec<Child>>,
    /// Names that are defined here, and whether others may see them.
    pub(crate) definitions: BTreeMap<String, bool>,
    pub(crate) uses: Vec<Use>,
}

#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) module: ModuleId,
    pub(crate) public: bool,
}

/// One leaf of a `use`.
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    pub(crate) brings: Brings,
    /// Whether others may see what it brings.
    pub(crate) public: bool,
    /// From 1.
    pub(crate) line: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Brings {
    /// A name; `_` for a trait whose methods alone are wanted.
    Name(String),
    /// Everything that stands there.
    All,
}

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}:{}: {error}", path.display(), error.span().start().line)]
    NotRust { path: PathBuf, error: syn::Error },
    #[error("{}:{line}: there is no file for `mod {name}`", path.display())]
    NoFile { path: PathBuf, line: usize, name: String },
}

/// A module whose items are about to be looked at.
struct Place<'a> {
    id: ModuleId,
    /// Where the files of its children lie.
    folder: &'a Path,
    /// Where a `#[path]` begins.
    beside: &'a Path,
}

impl Source {
    /// Reads the target whose first file is `root`, in the repository at `base`.
    pub(crate) fn read(root: &Path, base: &Path) -> Result<Self, SourceError> {
        let mut source = Self { base: base.to_owned(), ..Self::default() };
        let folder = root.parent().unwrap_or(Path::new(""));
        source.read_file(root, folder, None)?;
        Ok(source)
    }

    /// Whether the module `inner` is `outer` or lies inside it.
    pub(crate) fn is_within(&self, inner: ModuleId, outer: ModuleId) -> bool {
        std::iter::successors(Some(inner), |&id| self.modules[id].parent).any(|id| id == outer)
    }

    /// Reads a file, whose children lie in `folder`; nothing where only tests see it.
    fn read_file(
        &mut self,
        path: &Path,
        folder: &Path,
        parent: Option<ModuleId>,
    ) -> Result<Option<ModuleId>, SourceError> {
        let text = files::read(path)?;
        let file = syn::parse_file(&text)
            .map_err(|error| SourceError::NotRust { path: path.to_owned(), error })?;
        if file.attrs.iter().any(is_for_tests) {
            return Ok(None);
        }
        self.files.push(path.strip_prefix(&self.base).unwrap_or(path).to_owned());
        let id = self.add(parent, self.files.len() - 1);
        let beside = path.parent().unwrap_or(Path::new(""));
        self.fill(&Place { id, folder, beside }, file.items)?;
        Ok(Some(id))
    }

    fn add(&mut self, parent: Option<ModuleId>, file: FileId) -> ModuleId {
        self.modules.push(Module {
            parent,
            file,
            items: Vec::new(),
            children: BTreeMap::new(),
            definitions: BTreeMap::new(),
            uses: Vec::new(),
        });
        self.modules.len() - 1
    }

    fn fill(&mut self, place: &Place<'_>, items: Vec<Item>) -> Result<(), SourceError> {
        for item in items {
            if attributes(&item).iter().any(is_for_tests) {
                continue;
            }
            self.define(place.id, &item);
            let module = &mut self.modules[place.id];
            UseCollector { uses: &mut module.uses, depth: 0 }.visit_item(&item);
            match item {
                Item::Mod(child) => self.read_child(place, child)?,
                item => module.items.push(item),
            }
        }
        Ok(())
    }

    fn define(&mut self, id: ModuleId, item: &Item) {
        let Some((name, public)) = definition(item) else { return };
        let module = &mut self.modules[id];
        if let Item::Macro(_) = item {
            self.macros.insert(name.clone(), module.file);
        }
        *module.definitions.entry(name).or_default() |= public;
    }

    fn read_child(&mut self, place: &Place<'_>, child: syn::ItemMod) -> Result<(), SourceError> {
        let name = text(&child.ident);
        let public = is_visible(&child.vis);
        let file = self.modules[place.id].file;
        let module = match child.content {
            Some((_, items)) => {
                let module = self.add(Some(place.id), file);
                let folder = place.folder.join(&name);
                let inside = Place { id: module, folder: &folder, beside: &folder };
                self.fill(&inside, items)?;
                Some(module)
            }
            None => {
                let (path, folder) = child_file(place, &child.attrs, &name).ok_or_else(|| {
                    let line = child.ident.span().start().line;
                    SourceError::NoFile { path: self.files[file].clone(), line, name: name.clone() }
                })?;
                self.read_file(&path, &folder, Some(place.id))?
            }
        };
        if let Some(module) = module {
            let children = &mut self.modules[place.id].children;
            children.entry(name).or_default().push(Child { module, public });
        }
        Ok(())
    }
}

/// The file of `mod name;`, and the folder of its own children.
fn child_file(
    place: &Place<'_>,
    attributes: &[syn::Attribute],
    name: &str,
) -> Option<(PathBuf, PathBuf)> {
    if let Some(path) = attributes.iter().find_map(path_attribute) {
        let path = place.beside.join(path);
        let folder = path.parent()?.to_owned();
        return path.is_file().then_some((path, folder));
    }
    let folder = place.folder.join(name);
    [place.folder.join(format!("{name}.rs")), folder.join("mod.rs")]
        .into_iter()
        .find(|path| path.is_file())
        .map(|path| (path, folder))
}

fn path_attribute(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &pair.value else {
        return None;
    };
    pair.path.is_ident("path").then(|| path.value())
}

/// Whether an attribute leaves what it stands at to tests: `#[test]`,
/// `#[cfg(test)]`, `#[cfg(all(test, …))]`.
pub(crate) fn is_for_tests(attribute: &syn::Attribute) -> bool {
    fn asks_for_test(meta: &syn::Meta) -> bool {
        match meta {
            syn::Meta::Path(path) => path.is_ident("test"),
            syn::Meta::List(list) if list.path.is_ident("all") => list
                .parse_args_with(
                    syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
                )
                .is_ok_and(|metas| metas.iter().any(asks_for_test)),
            _ => false,
        }
    }
    match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<syn::Meta>().is_ok_and(|meta| asks_for_test(&meta))
        }
        _ => false,
    }
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item brings into its module, and whether others may see it.
pub(crate) fn definition(item: &Item) -> Option<(String, bool)> {
    let (ident, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Macro(item) => return item.ident.as_ref().map(|ident| (text(ident), true)),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::TraitAlias(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    Some((text(ident), is_visible(visibility)))
}

fn is_visible(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

/// A name without the `r#` of one that is a keyword.
pub(crate) fn text(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// Gathers the leaves of `use`, those inside functions too: what they bring is
/// taken for brought into the whole module.
struct UseCollector<'a> {
    uses: &'a mut Vec<Use>,
    depth: usize,
}

impl<'ast> Visit<'ast> for UseCollector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        // A module inside has its own.
        if matches!(item, Item::Mod(_)) || attributes(item).iter().any(is_for_tests) {
            return;
        }
        self.depth += 1;
        visit::visit_item(self, item);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        // `::name` is another crate's.
        if item.leading_colon.is_none() {
            let public = self.depth == 1 && is_visible(&item.vis);
            self.leaves(&item.tree, &mut Vec::new(), public);
        }
    }
}

impl UseCollector<'_> {
    fn leaves(&mut self, tree: &UseTree, path: &mut Vec<String>, public: bool) {
        let depth = path.len();
        let brings = match tree {
            UseTree::Path(inner) => {
                path.push(text(&inner.ident));
                self.leaves(&inner.tree, path, public);
                path.truncate(depth);
                return;
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.leaves(tree, path, public));
                return;
            }
            UseTree::Glob(_) => Brings::All,
            UseTree::Name(leaf) => {
                path.push(text(&leaf.ident));
                let name = path.iter().rev().find(|segment| *segment != "self");
                Brings::Name(name.cloned().unwrap_or_default())
            }
            UseTree::Rename(leaf) => {
                path.push(text(&leaf.ident));
                Brings::Name(text(&leaf.rename))
            }
        };
        let mut whole = path.clone();
        if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
            whole.pop();
        }
        path.truncate(depth);
        self.uses.push(Use { path: whole, brings, public, line: tree.span().start().line });
    }
}

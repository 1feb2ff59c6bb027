//! What a path means: the file that defines it, found through `pub use`.

use std::collections::BTreeSet;

use super::source::{Brings, FileId, ModuleId, Source};

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Definition {
    Module(ModuleId),
    /// Anything else that has a name; what follows it in a path belongs to it.
    Item {
        file: FileId,
        name: String,
    },
}

/// Looks names up in one crate.
pub(crate) struct Names<'a> {
    source: &'a Source,
}

/// What is being looked up, so that imports of each other come to an end.
type Pending = Vec<(ModuleId, String)>;

impl<'a> Names<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source }
    }

    /// What `path` means in the module `from`: nothing where it is another
    /// crate's, more than one thing where a name is, say, a module and a function.
    pub(crate) fn resolve(&self, from: ModuleId, path: &[String]) -> BTreeSet<Definition> {
        self.follow(from, path, &mut Vec::new())
    }

    fn follow(
        &self,
        from: ModuleId,
        path: &[String],
        pending: &mut Pending,
    ) -> BTreeSet<Definition> {
        let Some((first, mut rest)) = path.split_first() else { return BTreeSet::new() };
        let mut found = match first.as_str() {
            "crate" => BTreeSet::from([Definition::Module(0)]),
            "self" => BTreeSet::from([Definition::Module(from)]),
            "super" => self.parent(from),
            name => self.look_up(from, name, from, pending),
        };
        while let Some((segment, after)) = rest.split_first() {
            rest = after;
            found = match segment.as_str() {
                "super" => found
                    .iter()
                    .flat_map(|definition| match definition {
                        Definition::Module(id) => self.parent(*id),
                        Definition::Item { .. } => BTreeSet::new(),
                    })
                    .collect(),
                segment => self.step(&found, segment, from, pending),
            };
        }
        found
    }

    fn parent(&self, id: ModuleId) -> BTreeSet<Definition> {
        self.source.modules[id].parent.map(Definition::Module).into_iter().collect()
    }

    /// One segment further. A module goes over an item of its name, for only a
    /// type has something inside, and types are not written like modules.
    fn step(
        &self,
        found: &BTreeSet<Definition>,
        segment: &str,
        from: ModuleId,
        pending: &mut Pending,
    ) -> BTreeSet<Definition> {
        let mut modules = found.iter().filter_map(|definition| match definition {
            Definition::Module(id) => Some(*id),
            Definition::Item { .. } => None,
        });
        match modules.next() {
            None => found.clone(),
            Some(first) => std::iter::once(first)
                .chain(modules)
                .flat_map(|id| self.look_up(id, segment, from, pending))
                .collect(),
        }
    }

    /// What `name` is in the module `id`, for somebody in `from`.
    fn look_up(
        &self,
        id: ModuleId,
        name: &str,
        from: ModuleId,
        pending: &mut Pending,
    ) -> BTreeSet<Definition> {
        let key = (id, name.to_owned());
        if pending.contains(&key) {
            return BTreeSet::new();
        }
        pending.push(key);
        let mut found = self.named(id, name, from, pending);
        if found.is_empty() {
            found = self.by_glob(id, name, from, pending);
        }
        if found.is_empty() && id == 0 {
            found.extend(self.a_macro(name));
        }
        pending.pop();
        found
    }

    fn named(
        &self,
        id: ModuleId,
        name: &str,
        from: ModuleId,
        pending: &mut Pending,
    ) -> BTreeSet<Definition> {
        let module = &self.source.modules[id];
        let sees_all = self.source.is_within(from, id);
        let mut found = BTreeSet::new();
        for child in module.children.get(name).into_iter().flatten() {
            if child.public || sees_all {
                found.insert(Definition::Module(child.module));
            }
        }
        if module.definitions.get(name).is_some_and(|public| *public || sees_all) {
            found.insert(Definition::Item { file: module.file, name: name.to_owned() });
        }
        for import in &module.uses {
            let brings = matches!(&import.brings, Brings::Name(brought) if brought == name);
            if brings && (import.public || sees_all) {
                found.extend(self.follow(id, &import.path, pending));
            }
        }
        found
    }

    fn by_glob(
        &self,
        id: ModuleId,
        name: &str,
        from: ModuleId,
        pending: &mut Pending,
    ) -> BTreeSet<Definition> {
        let sees_all = self.source.is_within(from, id);
        let globs = self.source.modules[id]
            .uses
            .iter()
            .filter(|import| import.brings == Brings::All && (import.public || sees_all));
        let mut found = BTreeSet::new();
        for glob in globs {
            for definition in self.follow(id, &glob.path, pending) {
                if let Definition::Module(module) = definition {
                    found.extend(self.look_up(module, name, from, pending));
                }
            }
        }
        found
    }

    /// A macro that is known by its place in the text, or everywhere.
    pub(crate) fn a_macro(&self, name: &str) -> Option<Definition> {
        let file = *self.source.macros.get(name)?;
        Some(Definition::Item { file, name: name.to_owned() })
    }
}

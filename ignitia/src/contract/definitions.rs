//! Definitions of all endpoints under one roof.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::Hash,
};

use serde_json::{Map, Value};

use super::{
    message_direction::MessageDirection,
    references::{DEFINITIONS, definition_name, references, visit_references},
};

/// Place where a definition was found: the number of an endpoint, and a direction. Within it names
/// are unique.
pub(super) type Scope = (usize, MessageDirection);

/// Definitions of all endpoints, by scope and name. Two with one name and the same content are one;
/// others get names of their own.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    found: BTreeMap<Scope, Map<String, Value>>,
}

/// Names of the definitions in the whole contract.
#[derive(Debug, Default)]
pub(super) struct DefinitionNames {
    names: BTreeMap<(Scope, String), String>,
}

/// Definitions with one name and the same content, all that they refer to included.
struct Class {
    /// Scopes that they were found in.
    scopes: Vec<Scope>,
}

impl Definitions {
    /// Adds a definition. The name is new in its scope, or stands for the same.
    pub(super) fn add(&mut self, scope: Scope, name: String, schema: Value) {
        self.found.entry(scope).or_default().insert(name, schema);
    }

    /// Returns true if a name may be one that schemars has numbered: the second of two equal ones.
    pub(super) fn has_numbered_names(&self) -> bool {
        self.found.values().any(|found| {
            found.keys().any(|name| {
                let base = name.trim_end_matches(|last: char| last.is_ascii_digit());
                base.len() < name.len() && found.contains_key(base)
            })
        })
    }

    /// Returns the names in the whole contract. `prefix` is the name of an endpoint, and `is_free`
    /// says if a name may be used.
    pub(super) fn name(
        &self,
        prefix: impl Fn(usize) -> String,
        is_free: impl Fn(&str) -> bool,
    ) -> DefinitionNames {
        let by_name = self.classes();
        let mut taken = BTreeSet::new();
        let mut names = BTreeMap::new();
        let mut assign = |class: &Class, name: &str, wanted: String| {
            let given = unique(&identifier(&wanted), |name| is_free(name) && !taken.contains(name));
            taken.insert(given.clone());
            for scope in &class.scopes {
                names.insert((*scope, name.to_owned()), given.clone());
            }
        };
        // Plain names first: a name that was made up gives way.
        for (name, classes) in by_name.iter().filter(|(_, classes)| classes.len() == 1) {
            classes.iter().for_each(|class| assign(class, name, (*name).to_owned()));
        }
        for (name, classes) in by_name.iter().filter(|(_, classes)| classes.len() > 1) {
            for class in classes {
                assign(class, name, qualified(name, class, classes, &prefix));
            }
        }
        DefinitionNames { names }
    }

    /// Returns the classes of each name.
    fn classes(&self) -> BTreeMap<&str, Vec<Class>> {
        let all: Vec<(Scope, &str, &Value)> = self
            .found
            .iter()
            .flat_map(|(scope, found)| found.iter().map(|(name, schema)| (*scope, &**name, schema)))
            .collect();
        let numbers: HashMap<(Scope, &str), usize> =
            all.iter().enumerate().map(|(number, (scope, name, _))| ((*scope, *name), number)).collect();
        let referred: Vec<Vec<usize>> = all
            .iter()
            .map(|(scope, _, schema)| {
                let mut referred = Vec::new();
                references(schema, &mut |reference| {
                    let name = definition_name(reference);
                    referred.extend(name.and_then(|name| numbers.get(&(*scope, &*name)).copied()));
                });
                referred
            })
            .collect();
        // Those of one class refer to the same classes. Where they do not, a class is divided.
        let (mut class_of, mut count) = numbered(all.iter().map(|(_, name, schema)| (*name, *schema)));
        loop {
            let refined = class_of.iter().zip(&referred).map(|(class, referred)| {
                (*class, referred.iter().map(|number| class_of[*number]).collect::<Vec<_>>())
            });
            let (finer, finer_count) = numbered(refined);
            if finer_count == count {
                break;
            }
            (class_of, count) = (finer, finer_count);
        }
        let mut by_name: BTreeMap<&str, Vec<Class>> = BTreeMap::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for ((scope, name, _), class) in all.iter().zip(class_of) {
            let classes = by_name.entry(name).or_default();
            let place = *places.entry(class).or_insert_with(|| {
                classes.push(Class { scopes: Vec::new() });
                classes.len() - 1
            });
            classes[place].scopes.push(*scope);
        }
        by_name
    }

    /// Returns all definitions by their names in the contract.
    pub(super) fn named(&self, names: &DefinitionNames) -> BTreeMap<String, Value> {
        let all = self.found.iter().flat_map(|(scope, definitions)| {
            definitions.iter().map(|(name, schema)| {
                let mut schema = schema.clone();
                names.rename(*scope, &mut schema);
                (names.of(*scope, name).to_owned(), schema)
            })
        });
        all.collect()
    }
}

impl DefinitionNames {
    /// Returns the name of a definition in the whole contract.
    pub(super) fn of<'a>(&'a self, scope: Scope, name: &'a str) -> &'a str {
        self.names.get(&(scope, name.to_owned())).map_or(name, String::as_str)
    }

    /// Renames the references in a schema.
    pub(super) fn rename(&self, scope: Scope, schema: &mut Value) {
        visit_references(schema, &mut |reference| {
            if let Some(name) = definition_name(reference) {
                let name = self.of(scope, &name);
                *reference = format!("{DEFINITIONS}{name}");
            }
        });
    }
}

/// Returns a name that tells a definition from the others that were given the same name: by the
/// direction, if that is the difference, and by its first endpoint otherwise.
fn qualified(name: &str, class: &Class, classes: &[Class], prefix: &impl Fn(usize) -> String) -> String {
    let direction_of = |class: &Class| {
        let (_, first) = class.scopes[0];
        class.scopes.iter().all(|(_, direction)| *direction == first).then_some(first)
    };
    let own = direction_of(class);
    let is_alone =
        |direction| classes.iter().filter(|other| direction_of(other) == Some(direction)).count() == 1;
    let differ_by_direction =
        classes.len() == 2 && is_alone(MessageDirection::Received) && is_alone(MessageDirection::Sent);
    let suffix = own.map_or("", MessageDirection::suffix);
    if differ_by_direction {
        return format!("{name}{suffix}");
    }
    let (endpoint, _) = class.scopes[0];
    let is_split = classes
        .iter()
        .any(|other| !std::ptr::eq(other, class) && other.scopes.iter().any(|(found, _)| *found == endpoint));
    let suffix = if is_split { suffix } else { "" };
    format!("{}{name}{suffix}", prefix(endpoint))
}

/// Returns the first of `wanted`, `wanted2`, `wanted3`.. that is free.
pub(super) fn unique(wanted: &str, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{wanted}{number}"));
    let all = std::iter::once(wanted.to_owned()).chain(numbered);
    all.into_iter().find(|name| is_free(name)).unwrap_or_default()
}

/// Turns a name into an identifier.
fn identifier(name: &str) -> String {
    let mut identifier: String =
        name.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    if identifier.starts_with(|first: char| first.is_ascii_digit()) || identifier.is_empty() {
        identifier.insert(0, '_');
    }
    identifier
}

/// Gives equal values the same number. Returns the numbers, and how many there are.
fn numbered<T: Hash + Eq>(values: impl Iterator<Item = T>) -> (Vec<usize>, usize) {
    let mut known = HashMap::new();
    let numbers = values
        .map(|value| {
            let next = known.len();
            *known.entry(value).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

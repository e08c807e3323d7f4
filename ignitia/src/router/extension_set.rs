use std::{any::TypeId, fmt, sync::Arc};

use http::Extensions;

type Insert = Arc<dyn Fn(&mut Extensions) + Send + Sync>;

/// Values for the extensions of every request, one of each type.
#[derive(Clone, Default)]
pub(crate) struct ExtensionSet {
    values: Extensions,
    /// Functions that insert a clone of each value, for requests that have extensions already: a
    /// clone of the map would have to be merged with theirs.
    inserts: Vec<(TypeId, Insert)>,
}

impl ExtensionSet {
    pub(super) fn insert<T>(&mut self, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
        if self.values.is_empty() {
            make_room(&mut self.values);
        }
        self.values.insert(value.clone());
        let (id, insert): (_, Insert) = (
            TypeId::of::<T>(),
            Arc::new(move |extensions| {
                extensions.insert(value.clone());
            }),
        );
        self.inserts.retain(|(known, _)| *known != id);
        self.inserts.push((id, insert));
    }

    pub(super) fn get<T>(&self) -> Option<&T>
    where
        T: Send + Sync + 'static,
    {
        self.values.get()
    }

    pub(super) fn remove<T>(&mut self) -> Option<T>
    where
        T: Clone + Send + Sync + 'static,
    {
        self.inserts.retain(|(known, _)| *known != TypeId::of::<T>());
        self.values.remove()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.inserts.is_empty()
    }

    /// Adds the values to the extensions of a request, in place of those of their types.
    pub(crate) fn add_to(&self, extensions: &mut Extensions) {
        if extensions.is_empty() {
            return extensions.clone_from(&self.values);
        }
        self.inserts.iter().for_each(|(_, insert)| insert(extensions));
    }
}

/// Makes room for what a request is given on its way to a WebSocket. A clone of the map has the
/// same room, and need not grow step by step.
fn make_room(extensions: &mut Extensions) {
    extensions.insert(0_u8);
    extensions.insert(0_u16);
    extensions.insert(0_u32);
    extensions.insert(0_u64);
    extensions.clear();
}

impl fmt::Debug for ExtensionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionSet").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_same_extensions_with_others_and_without() {
        let mut set = ExtensionSet::default();
        set.insert(1_u8);
        set.insert("text");
        set.insert(2_u8);
        let (mut none, mut some) = (Extensions::new(), Extensions::new());
        some.insert(0_u8);
        some.insert(true);
        set.add_to(&mut none);
        set.add_to(&mut some);
        for extensions in [&none, &some] {
            assert_eq!((extensions.get(), extensions.get()), (Some(&2_u8), Some(&"text")));
        }
        assert_eq!((none.len(), some.get(), some.len()), (2, Some(&true), 3));
    }
}

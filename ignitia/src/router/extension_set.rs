use std::{any::TypeId, fmt, sync::Arc};

use http::Extensions;

type Insert = Arc<dyn Fn(&mut Extensions) + Send + Sync>;

/// Values for the extensions of every request, one of each type.
#[derive(Clone, Default)]
pub(crate) struct ExtensionSet {
    values: Extensions,
    /// Functions that insert a clone of each value. A clone of the map would have to be merged with
    /// that of the request, for every request.
    inserts: Vec<(TypeId, Insert)>,
}

impl ExtensionSet {
    pub(super) fn insert<T>(&mut self, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
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
        self.inserts.iter().for_each(|(_, insert)| insert(extensions));
    }
}

impl fmt::Debug for ExtensionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionSet").finish_non_exhaustive()
    }
}

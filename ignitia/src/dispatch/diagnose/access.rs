//! Elements of arrays and fields of objects, with the path to them.

use serde::de::{DeserializeSeed, Deserializer, Error, Expected, IgnoredAny, MapAccess, SeqAccess};

use super::{
    Diagnose, KeyCell, PendingFault,
    fault::{Fault, Segment},
};

/// The seed of an element, a key or a value.
struct Seed<'t, S> {
    seed: S,
    stash: &'t PendingFault,
    key: Option<&'t KeyCell>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let Self { seed, stash, key } = self;
        stash.leave(seed.deserialize(Diagnose { inner, stash, key }))
    }
}

pub(super) struct Elements<'t, A> {
    inner: A,
    stash: &'t PendingFault,
    index: usize,
}

impl<'t, A> Elements<'t, A> {
    pub(super) fn new(inner: A, stash: &'t PendingFault) -> Self {
        Self { inner, stash, index: 0 }
    }
}

impl<'de, A: SeqAccess<'de>> Elements<'_, A> {
    /// The inner deserializer is about to complain if there is more, but without saying what would be right.
    pub(super) fn finish(&mut self, expected: &dyn Expected) -> Result<(), Fault> {
        match self.next_element::<IgnoredAny>()? {
            Some(_) => Err(Fault::invalid_length(self.index, expected)),
            None => Ok(()),
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let index = self.index;
        self.index += 1;
        let seed = Seed { seed, stash: self.stash, key: None };
        self.stash
            .collect(self.inner.next_element_seed(seed))
            .map_err(|fault| fault.map_or_else(Fault::format, |fault| fault.within(Segment::Index(index))))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

pub(super) struct Fields<'t, A> {
    inner: A,
    stash: &'t PendingFault,
    key: KeyCell,
}

impl<'t, A> Fields<'t, A> {
    pub(super) fn new(inner: A, stash: &'t PendingFault) -> Self {
        Self { inner, stash, key: KeyCell::default() }
    }
}

impl<'de, A: MapAccess<'de>> Fields<'_, A> {
    /// The next key. Its own fault is none of a field: no path yet.
    pub(super) fn next_name<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.key.set(None);
        let seed = Seed { seed, stash: self.stash, key: Some(&self.key) };
        let name = self.stash.collect(self.inner.next_key_seed(seed));
        name.map_err(|fault| fault.unwrap_or_else(Fault::format))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, A> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.next_name(seed).map_err(|fault| match self.key.take() {
            Some(key) => fault.at(key),
            None => fault,
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let seed = Seed { seed, stash: self.stash, key: None };
        self.stash.collect(self.inner.next_value_seed(seed)).map_err(|fault| {
            let fault = fault.unwrap_or_else(Fault::format);
            match self.key.take() {
                Some(key) => fault.within(key),
                None => fault,
            }
        })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

//! Access to the elements of arrays and the fields of objects, with the path to them.

use serde::de::{DeserializeSeed, Deserializer, Error, Expected, IgnoredAny, MapAccess, SeqAccess};

use super::{
    diagnoser::{Diagnoser, KeyCell},
    fault::Fault,
    path::Segment,
    pending_fault::PendingFault,
};

/// Seed of an element, a key or a value.
struct DiagnosingSeed<'t, S> {
    seed: S,
    pending: &'t PendingFault,
    key: Option<&'t KeyCell>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for DiagnosingSeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let Self { seed, pending, key } = self;
        pending.set_aside(seed.deserialize(Diagnoser { inner, pending, key }))
    }
}

/// Access to the elements of an array.
pub(super) struct ElementAccess<'t, A> {
    inner: A,
    pending: &'t PendingFault,
    index: usize,
}

impl<'t, A> ElementAccess<'t, A> {
    pub(super) fn new(inner: A, pending: &'t PendingFault) -> Self {
        Self { inner, pending, index: 0 }
    }
}

impl<'de, A: SeqAccess<'de>> ElementAccess<'_, A> {
    /// Fails if there are more elements. The inner deserializer would fail too, but without telling
    /// what is expected.
    pub(super) fn finish(&mut self, expected: &dyn Expected) -> Result<(), Fault> {
        match self.next_element::<IgnoredAny>()? {
            Some(_) => Err(Fault::invalid_length(self.index, expected)),
            None => Ok(()),
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ElementAccess<'_, A> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let index = self.index;
        self.index += 1;
        let seed = DiagnosingSeed { seed, pending: self.pending, key: None };
        self.pending
            .take_back(self.inner.next_element_seed(seed))
            .map_err(|fault| fault.map_or_else(Fault::format, |fault| fault.within(Segment::Index(index))))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// Access to the fields of an object.
pub(super) struct FieldAccess<'t, A> {
    inner: A,
    pending: &'t PendingFault,
    key: KeyCell,
}

impl<'t, A> FieldAccess<'t, A> {
    pub(super) fn new(inner: A, pending: &'t PendingFault) -> Self {
        Self { inner, pending, key: KeyCell::default() }
    }
}

impl<'de, A: MapAccess<'de>> FieldAccess<'_, A> {
    /// Reads the next key. An error of the key itself is not one of a field, so it has no path yet.
    pub(super) fn next_name<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.key.set(None);
        let seed = DiagnosingSeed { seed, pending: self.pending, key: Some(&self.key) };
        let name = self.pending.take_back(self.inner.next_key_seed(seed));
        name.map_err(|fault| fault.unwrap_or_else(Fault::format))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FieldAccess<'_, A> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.next_name(seed).map_err(|fault| match self.key.take() {
            Some(key) => fault.at(key),
            None => fault,
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let seed = DiagnosingSeed { seed, pending: self.pending, key: None };
        self.pending.take_back(self.inner.next_value_seed(seed)).map_err(|fault| {
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

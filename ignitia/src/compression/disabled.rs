//! Compression with the feature off: the same names, types without a value, and no code.

use super::output::Output;

/// Private, so that rustc does not call the code that handles these types unreachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Never {}

/// Configuration that no route has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compression(Never);

impl Compression {
    pub(crate) fn never<T>(&self) -> T {
        match self.0 {}
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        match self.0 {}
    }
}

/// Parameters that no connection has agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NegotiatedCompression(Never);

impl std::fmt::Display for NegotiatedCompression {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompressionRule(Never);

impl CompressionRule {
    pub(crate) fn never<T>(&self) -> T {
        match self.0 {}
    }

    pub(crate) fn new(negotiated: &NegotiatedCompression, _: &Compression) -> Self {
        match negotiated.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Compressor(Never);

impl Compressor {
    pub(crate) fn new(negotiated: &NegotiatedCompression) -> Self {
        match negotiated.0 {}
    }

    pub(crate) fn compress<R>(
        &mut self,
        rule: CompressionRule,
        _: bool,
        _: &[u8],
        _: impl FnOnce(Option<&[u8]>) -> R,
    ) -> R {
        match rule.0 {}
    }

    pub(crate) fn forget_context(&mut self) {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Decompressor(Never);

impl Decompressor {
    pub(crate) fn new(negotiated: &NegotiatedCompression) -> Self {
        match negotiated.0 {}
    }

    pub(crate) fn begin(&self) -> Inflater {
        match self.0 {}
    }

    pub(crate) fn decompress<O: Output>(
        &mut self,
        _: &mut Inflater,
        _: &[u8],
        _: bool,
        _: &mut O,
    ) -> Result<(), O::Error> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(crate) struct Inflater(Never);

impl Inflater {
    pub(crate) const SIZE: usize = 0;

    pub(crate) fn streams(&self) -> usize {
        match self.0 {}
    }
}

//! Forms with the feature off: the same names, types without content, and no code.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use crate::compression::CompressionRule;

#[derive(Debug)]
pub(crate) struct FormDemand;

impl FormDemand {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn add(&self, _: Option<CompressionRule>) {}

    pub(crate) fn remove(&self, _: Option<CompressionRule>) {}

    pub(crate) fn wanted(&self, _: bool, _: usize) -> WantedForms {
        WantedForms
    }
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct WantedForms;

impl WantedForms {
    pub(crate) fn of(_: Option<CompressionRule>, _: bool, _: usize) -> Self {
        Self
    }

    pub(crate) fn and(self, _: Self) -> Self {
        self
    }
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct CompressedForms(());

impl CompressedForms {
    pub(crate) fn of(_: WantedForms, _: OpCode, _: &[u8]) -> Self {
        Self(())
    }

    pub(crate) fn form(&self, rule: &CompressionRule, _: &Bytes) -> Option<&Bytes> {
        rule.never()
    }

    pub(crate) fn size(&self) -> usize {
        0
    }
}

#[derive(Debug, Default)]
pub(crate) struct CompressedPrefix;

impl CompressedPrefix {
    pub(crate) fn of(_: WantedForms, _: &[u8]) -> Self {
        Self
    }

    pub(crate) fn with_suffix(&self, _: &[u8]) -> CompressedForms {
        CompressedForms(())
    }
}

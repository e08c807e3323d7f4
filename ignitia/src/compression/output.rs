/// Receiver of the bytes of one message as they are decompressed.
#[cfg_attr(not(feature = "compression"), expect(dead_code, reason = "nothing is decompressed"))]
pub(crate) trait Output {
    /// Error of a message that is refused.
    type Error;

    /// Returns the number of bytes that are still admitted.
    fn room(&self) -> usize;

    /// Appends bytes; `is_last` says that no more will follow. It fails if there are more than
    /// there is room for.
    fn push(&mut self, bytes: &[u8], is_last: bool) -> Result<(), Self::Error>;

    /// Returns the bytes so far, in two parts.
    fn bytes(&self) -> [&[u8]; 2];

    /// Returns the error of data that are not compressed as they should be.
    fn broken(&self) -> Self::Error;
}

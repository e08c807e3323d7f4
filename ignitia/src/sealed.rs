/// Argument of a hidden function of traits that only this crate implements: its type cannot be named
/// elsewhere.
#[derive(Debug)]
pub struct Sealed;

//! Placeholder for the read of an enum whose fields cannot be deserialized.

/// Placeholder for a function of a type whose bounds do not hold. serde's derive reports them
/// already.
pub trait Unread: Sized {
    /// Stands in no program that compiles.
    fn __read<D, R>(_: D) -> R {
        const { panic!("what cannot be read is reported by serde's derive") }
    }
}

impl<T> Unread for T {}

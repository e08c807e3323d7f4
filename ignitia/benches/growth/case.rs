//! An input that grows.

/// An input of variable length.
pub(super) struct GrowthCase {
    pub(super) name: &'static str,
    /// Client's side, given the server's port, the bytes per unit, and the number of units.
    pub(super) converse: Box<dyn Fn(u16, usize, usize)>,
}

impl GrowthCase {
    pub(super) fn new(name: &'static str, converse: impl Fn(u16, usize, usize) + 'static) -> Self {
        Self { name, converse: Box::new(converse) }
    }
}

/// Concatenates elements to at least `bytes` bytes.
pub(super) fn elements(bytes: usize, element: fn(usize) -> String) -> String {
    let mut elements = String::new();
    for n in 0.. {
        if elements.len() >= bytes {
            break;
        }
        elements += &element(n);
    }
    elements
}

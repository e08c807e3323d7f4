//! Comparison of texts at compile time.

/// Returns true if `wanted` is one of the names.
pub(super) const fn contains(names: &[&str], wanted: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if equal(names[index], wanted) {
            return true;
        }
        index += 1;
    }
    false
}

/// Compares two texts, as `==` does at run time.
pub(super) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

use std::{fmt, sync::Arc};

/// Function of [`Origin::when`](super::Origin::when). Two are equal if one is a clone of the other.
#[derive(Clone)]
pub struct OriginPredicate(pub(super) Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl fmt::Debug for OriginPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginPredicate").finish_non_exhaustive()
    }
}

impl PartialEq for OriginPredicate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OriginPredicate {}

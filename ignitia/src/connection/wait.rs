use super::state::{Shared, WaitKey};

/// Wait of a future for the shared state. Dropped before it is woken, it gives its key back.
pub(super) struct Wait<'a> {
    pub(super) shared: &'a Shared,
    pub(super) wait_key: WaitKey,
}

impl<'a> Wait<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, wait_key: WaitKey::default() }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.wait_key.is_taken() {
            self.shared.end_wait(&self.wait_key);
        }
    }
}

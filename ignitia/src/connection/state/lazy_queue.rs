use std::{collections::VecDeque, ops::Deref};

/// Queue that most connections never need: until its first element it takes eight bytes.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "a queue in place takes 32 bytes of every connection")]
pub(super) struct LazyQueue<T>(Option<Box<VecDeque<T>>>);

impl<T> Default for LazyQueue<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for LazyQueue<T> {
    type Target = VecDeque<T>;

    #[inline]
    fn deref(&self) -> &VecDeque<T> {
        self.0.as_deref().unwrap_or(const { &VecDeque::new() })
    }
}

impl<T> LazyQueue<T> {
    pub(super) fn push_back(&mut self, element: T) {
        self.0.get_or_insert_default().push_back(element);
    }

    pub(super) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()?.front_mut()
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        self.0.as_mut()?.pop_front()
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        if let Some(queue) = &mut self.0 {
            queue.clear();
        }
    }
}

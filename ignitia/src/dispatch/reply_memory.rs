//! Memory of replies: that of a text that was handled before.
//!
//! A connection keeps the memory of a reply that was sent for the next text that it receives. So
//! each thread keeps the memory of one text, and messages with their replies need no other.

use std::cell::Cell;

use serde::Serialize;

use crate::{connection::WebSocketConnection, json};

thread_local! {
    static KEPT: Cell<String> = const { Cell::new(String::new()) };
}

/// Capacity of the longest text whose memory is kept.
const RETAINED: usize = 4 << 10;

/// Capacity for a reply if no memory is kept.
const INITIAL: usize = 128;

/// Returns a message as JSON.
#[inline]
pub(super) fn encode<T: Serialize>(message: &T) -> serde_json::Result<Vec<u8>> {
    let mut text = take();
    json::write(&mut text, message)?;
    Ok(text)
}

/// Returns empty memory for a reply.
#[inline]
pub(super) fn take() -> Vec<u8> {
    match KEPT.try_with(Cell::take) {
        Ok(memory) if memory.capacity() > 0 => memory.into_bytes(),
        _ => Vec::with_capacity(INITIAL),
    }
}

/// Keeps the memory of a text that was handled, for a reply or for the next text.
#[inline]
pub(super) fn recycle(text: String, ws: &WebSocketConnection) {
    if let Some(unneeded) = keep(text) {
        ws.recycle(unneeded);
    }
}

/// Keeps the memory of a text that was handled for the next reply of this thread. Returns the
/// memory that is not needed for that, if there is any.
#[inline]
fn keep(mut text: String) -> Option<String> {
    if text.capacity() > RETAINED {
        return Some(text);
    }
    text.clear();
    KEPT.try_with(|kept| kept.replace(text)).ok().filter(|unneeded| unneeded.capacity() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_has_the_memory_of_the_text_before_it() {
        let text = "x".repeat(200);
        let at = text.as_ptr();
        assert_eq!(keep(text), None);
        let reply = take();
        assert_eq!((reply.as_ptr(), reply.len(), reply.capacity()), (at, 0, 200));
        assert_eq!(take().capacity(), INITIAL);
    }

    #[test]
    fn one_text_is_kept_and_no_long_one() {
        assert_eq!(keep("x".repeat(200)), None);
        let unneeded = keep("x".repeat(300)).expect("memory of the first one");
        assert_eq!((unneeded.len(), unneeded.capacity()), (0, 200));
        let long = "x".repeat(RETAINED + 1);
        assert_eq!(keep(long.clone()), Some(long));
        assert_eq!(take().capacity(), 300);
    }
}

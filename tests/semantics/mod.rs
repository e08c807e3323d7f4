//! The semantics of sessions: design section 5.

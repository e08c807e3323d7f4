//! Tokio's cooperative budget, which a handler must not use up for the connection.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll},
};

/// Runs our own I/O, within tokio's cooperative budget as long as something is left of it. What is
/// refused then wakes the task again, which is given a new one.
pub(super) fn within_budget<R>(cx: &mut Context<'_>, mut io: impl FnMut(&mut Context<'_>) -> R) -> R {
    if tokio::task::coop::has_budget_remaining() { io(cx) } else { unbudgeted(cx, io) }
}

/// Runs our own I/O outside of tokio's cooperative budget: a handler that has used it up must not
/// stop the connection. The I/O has bounds of its own.
pub(super) fn unbudgeted<R>(cx: &mut Context<'_>, mut io: impl FnMut(&mut Context<'_>) -> R) -> R {
    match pin!(tokio::task::unconstrained(poll_fn(|cx| Poll::Ready(io(cx))))).poll(cx) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("it is ready at once"),
    }
}

//! Future of a receive.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    state::{ReceiveMode, Shared},
    wait::Wait,
};
use crate::message::Message;

/// Future of the next message.
#[must_use = "nothing is received unless it is awaited"]
pub(crate) struct Receiving<'a> {
    receiver: ReceiveMode,
    wait: Wait<'a>,
}

impl<'a> Receiving<'a> {
    pub(super) fn new(shared: &'a Shared, receiver: ReceiveMode) -> Self {
        Self { receiver, wait: Wait::new(shared) }
    }
}

impl Future for Receiving<'_> {
    type Output = Option<Message>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { receiver, wait } = self.get_mut();
        wait.shared.poll_recv(*receiver, &mut wait.wait_key, cx)
    }
}

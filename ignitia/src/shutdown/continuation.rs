//! Continuation of a task by another one, in place of a task of its own.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::handle::Shutdown;

/// Future that a task goes on with at its end.
pub(crate) type Continuation = Pin<Box<dyn Future<Output = ()> + Send>>;

tokio::task_local! {
    static CURRENT: ContinuableTask;
}

/// The task that is polled, which may end with this poll.
struct ContinuableTask {
    shutdown: Shutdown,
    continuation: Cell<Option<Continuation>>,
}

impl Shutdown {
    /// Polls the future of a task that a drain waits for. Returns the future that the task has to
    /// go on with, if there is one.
    ///
    /// While the future is pending, what came up as its continuation is spawned instead: it does
    /// not wait.
    pub(crate) fn poll_continuable(
        &self,
        future: Pin<&mut impl Future<Output = ()>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Continuation>> {
        let current = ContinuableTask { shutdown: self.clone(), continuation: Cell::default() };
        let (polled, continuation) = CURRENT.sync_scope(current, || {
            let polled = future.poll(cx);
            (polled, CURRENT.with(|current| current.continuation.take()))
        });
        match (polled, continuation) {
            (Poll::Ready(()), continuation) => Poll::Ready(continuation),
            (Poll::Pending, Some(task)) => {
                self.spawn(task);
                Poll::Pending
            }
            (Poll::Pending, None) => Poll::Pending,
        }
    }

    /// Runs a task that a drain waits for: as the continuation of the current task, if the same
    /// drain waits for that and it ends with this poll; otherwise in a task of its own.
    pub(crate) fn continue_or_spawn(&self, task: Continuation) {
        let mut task = Some(task);
        // Fails in tasks that have no continuation.
        let _ = CURRENT.try_with(|current| {
            if current.shutdown.is_same(self) {
                let earlier = current.continuation.replace(task.take());
                earlier.into_iter().for_each(|earlier| drop(self.spawn(earlier)));
            }
        });
        if let Some(task) = task {
            self.spawn(task);
        }
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use std::{
        future::{pending, poll_fn, ready},
        pin::pin,
        task::Waker,
    };

    use tokio::task::id;

    use super::*;

    /// Runs a task that goes on with another one in its first poll, and then does `rest`. Returns
    /// true if the other one has run in a task of its own.
    async fn is_spawned(own: Shutdown, of_other: Shutdown, rest: impl Future<Output = ()>) -> bool {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let task = async move {
            let _ = sender.send(id());
        };
        let mut future = pin!(async move {
            of_other.continue_or_spawn(Box::pin(task));
            rest.await;
        });
        let polled = poll_fn(|cx| Poll::Ready(own.poll_continuable(future.as_mut(), cx))).await;
        if let Poll::Ready(Some(continuation)) = polled {
            continuation.await;
        }
        receiver.await.expect("it has run") != id()
    }

    #[tokio::test]
    async fn only_the_end_of_a_task_of_the_same_shutdown_is_continued() {
        let run = |own: &Shutdown, other: &Shutdown| {
            let (own, other) = (own.clone(), other.clone());
            tokio::spawn(async move {
                let at_end = is_spawned(own.clone(), other.clone(), ready(())).await;
                [at_end, is_spawned(own, other, pending()).await]
            })
        };
        let (one, other) = (Shutdown::new(), Shutdown::new());
        assert_eq!(run(&one, &one).await.expect("no panic"), [false, true]);
        assert_eq!(run(&one, &other).await.expect("no panic"), [true, true]);
    }

    #[tokio::test]
    async fn a_task_without_continuation_has_none() {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Shutdown::new().poll_continuable(pin!(pending()), &mut cx).is_pending());
        let polled = Shutdown::new().poll_continuable(pin!(ready(())), &mut cx);
        assert!(matches!(polled, Poll::Ready(None)));
        let (sender, receiver) = tokio::sync::oneshot::channel();
        Shutdown::new().continue_or_spawn(Box::pin(async move {
            let _ = sender.send(());
        }));
        receiver.await.expect("it has run");
    }
}

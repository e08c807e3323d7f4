//! Log of one test.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use tracing::{Dispatch, subscriber::NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

use super::wait::DEADLINE;

/// With only one subscriber, tracing caches whether a line is wanted by asking the first thread
/// that reaches it, which may belong to another test without a subscriber. A second subscriber
/// prevents that.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// The lines that are logged on this thread, where the server runs too.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Begins a log of the level INFO and above.
    pub(crate) fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        Self::begin_at(tracing::Level::INFO)
    }

    pub(crate) fn begin_at(level: tracing::Level) -> (Self, tracing::subscriber::DefaultGuard) {
        LazyLock::force(&ANOTHER);
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_ansi(false);
        (log.clone(), tracing::subscriber::set_default(subscriber.with_writer(log).finish()))
    }

    /// Returns everything logged up to now.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Waits for a line with these words.
    pub(crate) async fn line(&self, words: &str) -> String {
        let line = || self.text().lines().find(|line| line.contains(words)).map(str::to_owned);
        let found = tokio::time::timeout(DEADLINE, async {
            loop {
                match line() {
                    Some(line) => return line,
                    None => tokio::task::yield_now().await,
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("{words:?} was not logged: {}", self.text()))
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

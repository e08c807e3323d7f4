//! The log of a test.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use tracing::{Dispatch, subscriber::NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

use super::wait::DEADLINE;

/// While there is but one subscriber, tracing asks that of the thread which comes past a line first whether the line is
/// ever wanted: that may be another test's, which has none.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// What is logged on this thread, where the server runs too.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// From INFO on.
    pub(crate) fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        Self::begin_at(tracing::Level::INFO)
    }

    pub(crate) fn begin_at(level: tracing::Level) -> (Self, tracing::subscriber::DefaultGuard) {
        LazyLock::force(&ANOTHER);
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_ansi(false);
        (log.clone(), tracing::subscriber::set_default(subscriber.with_writer(log).finish()))
    }

    /// All of it so far.
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

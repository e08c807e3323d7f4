use tokio::task::JoinSet;

use super::acceptor::Acceptor;
use crate::shutdown::{DrainReport, Shutdown};

/// The server's own shutdown and those of nested routers, each once.
pub(super) struct ShutdownGroup(Vec<Shutdown>);

impl ShutdownGroup {
    pub(super) fn of(acceptor: &Acceptor) -> Self {
        let mut all = vec![acceptor.shutdown().clone()];
        for nested in &acceptor.nested {
            if !all.iter().any(|known| known.is_same(nested)) {
                all.push(nested.clone());
            }
        }
        Self(all)
    }

    pub(super) fn abort(&self) {
        self.0.iter().for_each(Shutdown::abort);
    }

    /// Gives notice to all of them, and waits for the longest notice.
    pub(super) async fn notice(&self) {
        self.0
            .iter()
            .cloned()
            .map(|shutdown| async move { shutdown.notice().await })
            .collect::<JoinSet<()>>()
            .join_all()
            .await;
    }

    /// Drains all of them concurrently.
    pub(super) async fn drain(&self) -> DrainReport {
        let mut drains: JoinSet<DrainReport> =
            self.0.iter().cloned().map(|shutdown| async move { shutdown.drain_unlogged().await }).collect();
        let mut sum = DrainReport::default();
        while let Some(report) = drains.join_next().await {
            let report = report.unwrap_or_default();
            sum.clean += report.clean;
            sum.unclean += report.unclean;
            sum.aborted += report.aborted;
        }
        sum
    }
}

use std::{future::Future, pin::Pin};

use tokio::task::JoinSet;

use super::acceptor::Acceptor;
use crate::shutdown::{DrainReport, Shutdown};

/// Future of one shutdown. Boxed, so that tokio's code for a task is compiled for one type.
type Reporting = Pin<Box<dyn Future<Output = DrainReport> + Send>>;

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
        self.join(|shutdown| {
            Box::pin(async move {
                shutdown.notice().await;
                DrainReport::default()
            })
        })
        .await;
    }

    /// Drains all of them concurrently.
    pub(super) async fn drain(&self) -> DrainReport {
        self.join(|shutdown| Box::pin(async move { shutdown.drain_unlogged().await })).await
    }

    /// Runs a future for each of them, all concurrently, and returns the sum of their reports.
    async fn join(&self, run: impl Fn(Shutdown) -> Reporting) -> DrainReport {
        let mut running: JoinSet<DrainReport> = self.0.iter().cloned().map(run).collect();
        let mut sum = DrainReport::default();
        while let Some(report) = running.join_next().await {
            let report = report.unwrap_or_default();
            sum.clean += report.clean;
            sum.unclean += report.unclean;
            sum.aborted += report.aborted;
        }
        sum
    }
}

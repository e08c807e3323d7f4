//! The database: SQLite, on a thread of its own.

use std::{fmt, ops::ControlFlow, path::Path, thread};

use rusqlite::{Connection, Transaction};
use tokio::{
    sync::{mpsc, oneshot},
    task,
};

/// Number of queries that wait for the thread. A sender beyond waits, and with it its client.
const WAITING: usize = 256;

/// The tables. A session is kept by the hash of its token: a stolen database logs nobody in.
///
/// A message has a key that its author made up. One that is sent again, because the connection was
/// lost before the reply, is stored once.
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS accounts (
        name TEXT PRIMARY KEY,
        password TEXT NOT NULL,
        is_admin INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS conversations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        visitor TEXT NOT NULL,
        is_open INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (
        token_hash BLOB PRIMARY KEY,
        account TEXT REFERENCES accounts,
        conversation INTEGER REFERENCES conversations,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS files (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations,
        name TEXT NOT NULL,
        content BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS posts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations,
        author_key TEXT NOT NULL,
        key TEXT NOT NULL,
        author TEXT NOT NULL,
        staff INTEGER NOT NULL,
        text TEXT NOT NULL,
        file INTEGER REFERENCES files,
        at INTEGER NOT NULL,
        UNIQUE (conversation, author_key, key)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS posts_of ON posts (conversation, id);
";

type Job = Box<dyn FnOnce(&mut Connection) -> ControlFlow<()> + Send>;

/// Handle of the database.
#[derive(Clone)]
pub(crate) struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Opens a database, and creates the tables that it does not have.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<(Self, StoreThread)> {
        let mut database = Connection::open(path)?;
        database.execute_batch(SCHEMA)?;
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING);
        let thread = thread::spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                if job(&mut database).is_break() {
                    return;
                }
            }
        });
        Ok((Self { jobs }, StoreThread(thread)))
    }

    /// Runs queries in one transaction. They are completed even if the caller no longer waits.
    pub(crate) async fn run<T, Queries>(&self, queries: Queries) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Queries: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = move |database: &mut Connection| {
            let result = database.transaction().and_then(|transaction| {
                let result = queries(&transaction)?;
                transaction.commit()?;
                Ok(result)
            });
            let _ = answer.send(result); // the caller may have gone
            ControlFlow::Continue(())
        };
        self.jobs.send(Box::new(job)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::Sqlite)
    }
}

/// Thread of the database.
pub(crate) struct StoreThread(thread::JoinHandle<()>);

impl StoreThread {
    /// Completes the queries that wait, and closes the database.
    pub(crate) async fn close(self, store: Store) {
        let _ = store.jobs.send(Box::new(|_| ControlFlow::Break(()))).await;
        let joined = task::spawn_blocking(|| self.0.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the thread of the database has panicked");
        }
    }
}

/// Failure of the database.
#[derive(Debug)]
pub(crate) enum StoreError {
    Sqlite(rusqlite::Error),
    Closed,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => write!(f, "database: {error}"),
            Self::Closed => f.write_str("the database is closed"),
        }
    }
}

impl std::error::Error for StoreError {}

//! Queries for accounts and sessions.

use rusqlite::{OptionalExtension as _, params};

use crate::store::{Store, StoreError};

/// Account of an agent.
pub(crate) struct Account {
    pub(crate) password: String,
    pub(crate) is_admin: bool,
}

/// Session as it is stored.
pub(crate) struct SessionRecord {
    pub(crate) owner: Owner,
    /// Time in milliseconds.
    pub(crate) expires_at: i64,
}

/// Owner of a session.
pub(crate) enum Owner {
    Visitor { name: String, conversation: i64 },
    Agent { name: String, is_admin: bool },
}

impl Store {
    pub(crate) async fn account(&self, name: String) -> Result<Option<Account>, StoreError> {
        let query = "SELECT password, is_admin FROM accounts WHERE name = ?1";
        self.run(move |db| {
            db.query_row(query, [name], |row| Ok(Account { password: row.get(0)?, is_admin: row.get(1)? }))
                .optional()
        })
        .await
    }

    pub(crate) async fn has_accounts(&self) -> Result<bool, StoreError> {
        self.run(|db| db.query_row("SELECT EXISTS (SELECT 1 FROM accounts)", [], |row| row.get(0))).await
    }

    pub(crate) async fn add_account(
        &self,
        name: &'static str,
        password: String,
        is_admin: bool,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO accounts (name, password, is_admin) VALUES (?1, ?2, ?3)";
        self.run(move |db| db.execute(insert, params![name, password, is_admin]).map(drop)).await
    }

    /// Begins a conversation, and returns its number.
    pub(crate) async fn add_conversation(&self, visitor: String) -> Result<i64, StoreError> {
        self.run(move |db| {
            db.execute("INSERT INTO conversations (visitor) VALUES (?1)", [visitor])?;
            Ok(db.last_insert_rowid())
        })
        .await
    }

    /// Adds a session, and removes those that have expired.
    pub(crate) async fn add_session(
        &self,
        token_hash: Vec<u8>,
        owner: Owner,
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let (account, conversation) = match owner {
            Owner::Visitor { conversation, .. } => (None, Some(conversation)),
            Owner::Agent { name, .. } => (Some(name), None),
        };
        let insert = "INSERT INTO sessions (token_hash, account, conversation, expires_at)
                      VALUES (?1, ?2, ?3, ?4)";
        self.run(move |db| {
            db.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now])?;
            db.execute(insert, params![token_hash, account, conversation, expires_at]).map(drop)
        })
        .await
    }

    /// Returns a session that has not expired.
    pub(crate) async fn session(
        &self,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let query = "SELECT sessions.account, accounts.is_admin, sessions.conversation, visitor, expires_at
                     FROM sessions
                     LEFT JOIN accounts ON accounts.name = sessions.account
                     LEFT JOIN conversations ON conversations.id = sessions.conversation
                     WHERE token_hash = ?1 AND expires_at > ?2";
        self.run(move |db| {
            db.query_row(query, params![token_hash, now], |row| {
                let owner = match row.get(0)? {
                    Some(name) => Owner::Agent { name, is_admin: row.get(1)? },
                    None => Owner::Visitor { conversation: row.get(2)?, name: row.get(3)? },
                };
                Ok(SessionRecord { owner, expires_at: row.get(4)? })
            })
            .optional()
        })
        .await
    }

    pub(crate) async fn remove_session(&self, token_hash: Vec<u8>) -> Result<(), StoreError> {
        self.run(move |db| db.execute("DELETE FROM sessions WHERE token_hash = ?1", [token_hash]).map(drop))
            .await
    }
}

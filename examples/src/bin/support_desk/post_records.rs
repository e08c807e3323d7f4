//! Queries for conversations and what is said in them.

use axum::body::Bytes;
use rusqlite::{OptionalExtension as _, Row, params};

use crate::{
    messages::{Attachment, Person, Post, Summary},
    store::{Store, StoreError},
};

/// Number of posts in a page of the past.
const PAGE: usize = 30;

/// Number of conversations in the list of the agents.
const LISTED: usize = 100;

const POSTS: &str = "SELECT posts.id, key, author, staff, text, at, files.id, files.name, length(content)
                     FROM posts LEFT JOIN files ON files.id = posts.file";

/// Post that is to be stored.
pub(crate) struct Draft {
    pub(crate) conversation: i64,
    /// Identity of the author, among all.
    pub(crate) author_key: String,
    pub(crate) author: Person,
    pub(crate) key: String,
    pub(crate) text: String,
    /// Name and content.
    pub(crate) file: Option<(String, Bytes)>,
    pub(crate) at: i64,
}

impl Store {
    /// Stores a post, and opens its conversation. Returns the stored one if it has been sent
    /// before.
    pub(crate) async fn add_post(&self, draft: Draft) -> Result<Post, StoreError> {
        let find = format!("{POSTS} WHERE posts.conversation = ?1 AND author_key = ?2 AND key = ?3");
        self.run(move |db| {
            let Draft { conversation, author_key, author, key, text, file, at } = draft;
            let stored = || db.query_row(&find, params![conversation, author_key, key], read_post).optional();
            if let Some(post) = stored()? {
                return Ok(post);
            }
            let file = match file {
                Some((name, content)) => {
                    let insert = "INSERT INTO files (conversation, name, content) VALUES (?1, ?2, ?3)";
                    db.execute(insert, params![conversation, name, &content[..]])?;
                    Some(db.last_insert_rowid())
                }
                None => None,
            };
            let insert = "INSERT INTO posts (conversation, author_key, key, author, staff, text, file, at)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let Person { name, staff } = author;
            db.execute(insert, params![conversation, author_key, key, name, staff, text, file, at])?;
            db.execute("UPDATE conversations SET is_open = 1 WHERE id = ?1", [conversation])?;
            stored()?.ok_or(rusqlite::Error::QueryReturnedNoRows)
        })
        .await
    }

    /// Returns a page of posts before one, or the newest, oldest first, and true if there are older
    /// ones.
    pub(crate) async fn posts(
        &self,
        conversation: i64,
        before: Option<i64>,
    ) -> Result<(Vec<Post>, bool), StoreError> {
        let query = format!(
            "{POSTS} WHERE posts.conversation = ?1 AND posts.id < ?2 ORDER BY posts.id DESC LIMIT {}",
            PAGE + 1
        );
        self.run(move |db| {
            let before = before.unwrap_or(i64::MAX);
            let mut statement = db.prepare(&query)?;
            let posts = statement.query_map([conversation, before], read_post)?;
            let mut posts = posts.collect::<rusqlite::Result<Vec<Post>>>()?;
            let more = posts.len() > PAGE;
            posts.truncate(PAGE);
            posts.reverse();
            Ok((posts, more))
        })
        .await
    }

    pub(crate) async fn has_conversation(&self, conversation: i64) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM conversations WHERE id = ?1)";
        self.run(move |db| db.query_row(query, [conversation], |row| row.get(0))).await
    }

    /// Returns true if the conversation was open.
    pub(crate) async fn resolve(&self, conversation: i64) -> Result<bool, StoreError> {
        let update = "UPDATE conversations SET is_open = 0 WHERE id = ?1 AND is_open";
        self.run(move |db| Ok(db.execute(update, [conversation])? > 0)).await
    }

    /// Returns the open conversations, those with the newest posts first.
    pub(crate) async fn open_conversations(&self) -> Result<Vec<Summary>, StoreError> {
        let query = format!(
            "SELECT conversations.id, visitor, substr(text, 1, 80), at, NOT staff
             FROM conversations JOIN posts ON posts.id =
                 (SELECT max(id) FROM posts WHERE conversation = conversations.id)
             WHERE is_open ORDER BY posts.id DESC LIMIT {LISTED}"
        );
        self.run(move |db| {
            let mut statement = db.prepare(&query)?;
            let summaries = statement.query_map([], |row| {
                Ok(Summary {
                    conversation: row.get(0)?,
                    visitor: row.get(1)?,
                    last: row.get(2)?,
                    at: row.get(3)?,
                    waiting: row.get(4)?,
                    present: Vec::new(),
                })
            })?;
            summaries.collect()
        })
        .await
    }

    /// Returns the content of a file, and the number of its conversation.
    pub(crate) async fn file(&self, file: i64) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let query = "SELECT conversation, content FROM files WHERE id = ?1";
        self.run(move |db| db.query_row(query, [file], |row| Ok((row.get(0)?, row.get(1)?))).optional()).await
    }
}

fn read_post(row: &Row<'_>) -> rusqlite::Result<Post> {
    let file = match row.get(6)? {
        Some(id) => Some(Attachment { id, name: row.get(7)?, bytes: row.get(8)? }),
        None => None,
    };
    Ok(Post {
        id: row.get(0)?,
        key: row.get(1)?,
        author: Person { name: row.get(2)?, staff: row.get(3)? },
        text: row.get(4)?,
        at: row.get(5)?,
        file,
    })
}

//! Extractors, as a contract describes them.

use std::{fmt, marker::PhantomData};

use axum::extract::{Query, State};
use http::Uri;
use serde::de::DeserializeOwned;

use super::{text_reader::TextReader, type_schema::SchemaOf};
use crate::{
    dispatch::{ServerMessage, Tagging},
    rooms::{Resume, Rooms},
};

/// Kind of an extractor, by what clients have to know of it.
#[derive(Debug, Clone, Copy)]
pub enum ExtractorKind {
    /// They need not know of it.
    Other,
    /// It reads the query, and refuses some.
    Query(QueryReader),
    /// It reads the positions of a client that returns.
    Resume,
    /// It holds rooms with messages of this representation, and connections may enter them.
    Rooms(Tagging),
}

/// Reader of the type of a query.
#[derive(Debug, Clone, Copy)]
pub struct QueryReader {
    /// Reads a query.
    pub(super) query: TextReader,
    /// Reads JSON, where numbers and Booleans are no texts.
    pub(super) json: TextReader,
}

impl QueryReader {
    fn of<T: DeserializeOwned>() -> Self {
        Self {
            query: |query| {
                let uri = Uri::builder().path_and_query(format!("/?{query}")).build().ok()?;
                Query::<T>::try_from_uri(&uri).err().map(|error| error.body_text())
            },
            json: |json| serde_json::from_str::<T>(json).err().map(|error| error.to_string()),
        }
    }
}

/// Content of an extractor that is not described.
#[derive(Debug)]
pub enum NothingDescribed {}

/// Finds the description of an extractor: its own, or none, through [`OtherExtractor`].
pub struct ExtractorOf<T>(PhantomData<fn() -> T>);

impl<T> ExtractorOf<T> {
    /// Creates a finder.
    #[allow(clippy::new_without_default, reason = "only expansions call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: DeserializeOwned> ExtractorOf<Query<T>> {
    /// Returns the kind.
    pub fn __kind(&self) -> ExtractorKind {
        ExtractorKind::Query(QueryReader::of::<T>())
    }

    /// Returns a finder for the schema of the query.
    pub fn __content(&self) -> SchemaOf<T> {
        SchemaOf::new()
    }
}

impl<T: DeserializeOwned, R> ExtractorOf<Result<Query<T>, R>> {
    /// Returns the kind.
    pub fn __kind(&self) -> ExtractorKind {
        ExtractorKind::Query(QueryReader::of::<T>())
    }

    /// Returns a finder for the schema of the query.
    pub fn __content(&self) -> SchemaOf<T> {
        SchemaOf::new()
    }
}

impl ExtractorOf<Resume> {
    /// Returns the kind.
    pub fn __kind(&self) -> ExtractorKind {
        ExtractorKind::Resume
    }

    /// Returns a finder that finds no schema.
    pub fn __content(&self) -> SchemaOf<NothingDescribed> {
        SchemaOf::new()
    }
}

impl<R> ExtractorOf<Result<Resume, R>> {
    /// Returns the kind.
    pub fn __kind(&self) -> ExtractorKind {
        ExtractorKind::Resume
    }

    /// Returns a finder that finds no schema.
    pub fn __content(&self) -> SchemaOf<NothingDescribed> {
        SchemaOf::new()
    }
}

macro_rules! rooms {
    ($($rooms:ty),*) => {
        $(impl<T: ServerMessage, P> ExtractorOf<$rooms> {
            /// Returns the kind.
            pub fn __kind(&self) -> ExtractorKind {
                ExtractorKind::Rooms(T::TAGGING)
            }

            /// Returns a finder for the schema of their messages.
            pub fn __content(&self) -> SchemaOf<T> {
                SchemaOf::new()
            }
        })*
    };
}

rooms!(Rooms<T, P>, State<Rooms<T, P>>);

/// Extractors that clients need not know of.
pub trait OtherExtractor {
    /// Returns the kind.
    fn __kind(&self) -> ExtractorKind {
        ExtractorKind::Other
    }

    /// Returns a finder that finds no schema.
    fn __content(&self) -> SchemaOf<NothingDescribed> {
        SchemaOf::new()
    }
}

impl<T> OtherExtractor for ExtractorOf<T> {}

impl<T> fmt::Debug for ExtractorOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractorOf").finish_non_exhaustive()
    }
}

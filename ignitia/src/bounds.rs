//! Traits and types in the bounds and signatures of this crate. You seldom name them.
//!
//! Async fns, closures, extractors and the expansions of the macros implement the traits. They
//! stand here for the documentation, and for functions of your own that take handlers or endpoints
//! as generic arguments.

pub use crate::{
    dispatch::{CarriesId, Tagging},
    endpoint::{
        Accepts, Annotated, AnnotatedFuture, CalledPerConnection, CalledPerMessage, Endpoint, PathParam,
        Session, SessionEndpoint,
    },
    handler::{
        AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument, MessageHandler, Outcome,
        WebSocketHandler,
    },
    message::{BinaryPayload, TextPayload},
    rooms::RoomMessage,
    router::HttpHandler,
};

//! Endpoints: the code that `#[websocket]` generates for functions and `impl` blocks, and how a
//! router mounts it.

mod annotated_function;
mod annotated_future;
mod expansion;
mod function_endpoint;
mod mounted_function;
mod path_params;
mod session;
mod uri;

pub use self::{
    annotated_function::Annotated,
    annotated_future::{AnnotatedFuture, CalledPerConnection, CalledPerMessage},
    expansion::{Binary, BorrowedConnection, Connection, Outcomes, borrow_connection},
    function_endpoint::{Endpoint, Prepared},
    path_params::{PathParam, path_params},
    session::{Accepts, Events, Inbox, SendEvent, SendSession, Session, SessionEndpoint, events, inbox},
    uri::{push_literal, push_segment},
};
pub(crate) use self::{mounted_function::MountedFunction, session::MountedSession};

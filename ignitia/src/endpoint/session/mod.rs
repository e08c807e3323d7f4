//! Sessions: the endpoints that `#[websocket]` generates for `impl` blocks.

mod accept_result;
mod accepted_session;
mod events;
mod inbox;
mod input_sources;
mod intervals;
mod mounted_session;
mod send_assumptions;
mod session_endpoint;

pub(crate) use self::mounted_session::MountedSession;
pub use self::{
    accept_result::Accepts,
    events::Events,
    inbox::{Inbox, events, inbox},
    send_assumptions::{SendEvent, SendSession},
    session_endpoint::{Session, SessionEndpoint},
};

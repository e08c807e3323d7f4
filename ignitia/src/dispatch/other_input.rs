//! Input of an `on_message` function that is none of its messages.

use std::future::{Future, ready};

use bytes::Bytes;

use super::server_message::Answer;
use crate::connection::WebSocketConnection;

/// Handlers of input that is none of the messages of an `on_message` function: `on_raw = ..`,
/// `on_binary = ..`.
#[doc(hidden)]
pub trait OtherInput {
    /// Handles text that could not be decoded. `None` leaves it malformed.
    fn raw(_: &str, _: &WebSocketConnection) -> impl Future<Output = Option<Answer>> + Send {
        ready(None)
    }

    /// Handles a binary message, if the endpoint takes them.
    fn binary(_: Bytes, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }
}

/// No handlers: undecodable text is malformed.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoOtherInput;

impl OtherInput for NoOtherInput {}

//! Progress of the handler with its message: an end has to wait for it.

/// Way in which messages are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiveMode {
    /// `recv` of a connection, in a loop of the handler's own.
    Loop,
    /// `recv` of a typed connection, in a loop of the handler's own.
    TypedLoop,
    /// Function that is called for each message.
    Call,
    /// More messages for a function that is called for a batch: those before are still to be
    /// handled.
    CallForMore,
    /// Typed function that is called for each message: it reads the text in place.
    TypedCall,
}

impl ReceiveMode {
    /// Returns the handler's progress after it was given a message this way.
    pub(crate) fn handler_progress(self) -> HandlerProgress {
        match self {
            Self::Loop => HandlerProgress::InLoop { delays_close_reply: false },
            Self::TypedLoop => HandlerProgress::InLoop { delays_close_reply: true },
            Self::Call | Self::CallForMore | Self::TypedCall => {
                HandlerProgress::InCall { delays_close_reply: true }
            }
        }
    }
}

/// Progress of the handler with its last message. An end that we begin waits until it is done. With
/// `delays_close_reply`, so does the reply to a close frame that the peer has sent behind the
/// message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum HandlerProgress {
    /// The handler has asked for the next message, or was given none so far.
    #[default]
    Done,
    /// A loop of the handler's own has the message. Such a loop may never ask for another, so an
    /// end waits less long for it.
    InLoop { delays_close_reply: bool },
    /// A function was called with the message. It will return.
    InCall { delays_close_reply: bool },
}

impl HandlerProgress {
    /// Returns `true` while a function that was called with the message has not returned.
    pub(crate) fn is_in_call(self) -> bool {
        matches!(self, Self::InCall { .. })
    }

    pub(crate) fn delays_close_reply(self) -> bool {
        matches!(self, Self::InLoop { delays_close_reply: true } | Self::InCall { delays_close_reply: true })
    }
}

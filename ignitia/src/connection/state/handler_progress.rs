//! The message that a handler is at: what an end has to wait for.

/// Asks for messages in one of these ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiveMode {
    /// `recv` of a connection, in a loop of the handler's own.
    Loop,
    /// `recv` of a typed connection, in a loop of the handler's own.
    TypedLoop,
    /// A function that is called for each message.
    Call,
    /// More messages for a function that is called for several: those before are still to be handled.
    CallForMore,
    /// A function that is called for each message, typed: the text is read where it lies.
    TypedCall,
}

impl ReceiveMode {
    /// Progress with a message that was received this way.
    pub(crate) fn handler_progress(self) -> HandlerProgress {
        match self {
            Self::Loop => HandlerProgress::InLoop { delays_close_reply: false },
            Self::TypedLoop => HandlerProgress::InLoop { delays_close_reply: true },
            Self::Call | Self::CallForMore | Self::TypedCall => {
                HandlerProgress::InCall { delays_close_reply: true }
            }
        }
    }

    /// Texts are taken away, and not only read.
    pub(crate) fn takes_text(self) -> bool {
        matches!(self, Self::Loop | Self::Call | Self::CallForMore)
    }
}

/// Progress of the handler with the message that it was given last. An end that we begin waits until it is done; with
/// `delays_close_reply` so does the answer to an end that the peer has begun behind the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum HandlerProgress {
    /// It has asked for the next one, or was given none so far.
    #[default]
    Done,
    /// A loop of its own has it. Such a loop may have no interest in another one, so it is not waited for as long.
    InLoop { delays_close_reply: bool },
    /// A function was called with it, which will return.
    InCall { delays_close_reply: bool },
}

impl HandlerProgress {
    pub(crate) fn delays_close_reply(self) -> bool {
        matches!(self, Self::InLoop { delays_close_reply: true } | Self::InCall { delays_close_reply: true })
    }
}

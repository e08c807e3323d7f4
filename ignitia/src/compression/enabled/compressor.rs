use super::{
    deflater::{DeflateParameters, deflate, reach},
    negotiated::NegotiatedCompression,
    rule::CompressionRule,
    window::Window,
};

/// Compressor of the messages to one peer.
#[derive(Debug)]
pub(crate) struct Compressor {
    /// End of the messages before, if the next one may refer to it.
    window: Option<Box<Window>>,
}

impl Compressor {
    pub(crate) fn new(negotiated: &NegotiatedCompression) -> Self {
        Self { window: negotiated.kept_of_server().map(|bits| Box::new(Window::of_size(reach(bits)))) }
    }

    /// Compresses the next message, and calls `f` with the result, as it goes over the wire: `None`
    /// if it is to be sent as it is. `f` is then to send it.
    pub(crate) fn compress<R>(
        &mut self,
        rule: CompressionRule,
        is_text: bool,
        message: &[u8],
        f: impl FnOnce(Option<&[u8]>) -> R,
    ) -> R {
        if !rule.admits(is_text, message.len()) {
            return f(None);
        }
        let parameters = DeflateParameters { bits: rule.bits, level: rule.level };
        let context = self.window.as_ref().map_or(&[][..], |window| window.bytes());
        let (result, is_shorter) =
            deflate(parameters, context, message, |compressed| (f(compressed), compressed.is_some()));
        // The peer's window has the compressed messages only (RFC 7692, section 7.2.3.2).
        if is_shorter && let Some(window) = &mut self.window {
            window.push(message);
        }
        result
    }

    /// Notes that a message was sent that was compressed elsewhere: the peer's window has changed.
    /// The next message refers to nothing, which is always allowed.
    pub(crate) fn forget_context(&mut self) {
        if let Some(window) = &mut self.window {
            window.clear();
        }
    }
}

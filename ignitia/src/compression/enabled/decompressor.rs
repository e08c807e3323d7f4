use super::{
    inflater::{Inflated, Inflater, with_output},
    negotiated::NegotiatedCompression,
    window::Window,
};
use crate::compression::output::Output;

/// Decompressor of one peer's messages.
#[derive(Debug)]
pub(crate) struct Decompressor {
    /// End of the messages before, if the next one may refer to it.
    window: Option<Box<Window>>,
}

impl Decompressor {
    pub(crate) fn new(negotiated: &NegotiatedCompression) -> Self {
        Self { window: negotiated.kept_of_client().map(|bits| Box::new(Window::of_size(1 << bits))) }
    }

    /// Begins a message.
    pub(crate) fn begin(&self) -> Inflater {
        Inflater::take(self.context())
    }

    /// Decompresses the next bytes of a message; `is_last` ends it.
    pub(crate) fn decompress<O: Output>(
        &mut self,
        inflater: &mut Inflater,
        mut input: &[u8],
        is_last: bool,
        output: &mut O,
    ) -> Result<(), O::Error> {
        with_output(|chunk| {
            loop {
                if inflater.has_ended() && !input.is_empty() {
                    let [first, second] = output.bytes();
                    inflater.restart(&[self.context(), first, second]).map_err(|_| output.broken())?;
                }
                let limit = output.room().saturating_add(1).min(chunk.len());
                let chunk = &mut chunk[..limit];
                match inflater.inflate(&mut input, chunk).map_err(|_| output.broken())? {
                    Inflated::Some(length) => output.push(&chunk[..length], false)?,
                    Inflated::All(length) => return output.push(&chunk[..length], is_last),
                    Inflated::End(length) => {
                        output.push(&chunk[..length], is_last && input.is_empty())?;
                        if input.is_empty() {
                            return Ok(());
                        }
                    }
                }
            }
        })?;
        if is_last {
            inflater.finish().map_err(|_| output.broken())?;
            if let Some(window) = &mut self.window {
                output.bytes().iter().for_each(|part| window.push(part));
            }
        }
        Ok(())
    }

    fn context(&self) -> &[u8] {
        self.window.as_ref().map_or(&[], |window| window.bytes())
    }
}

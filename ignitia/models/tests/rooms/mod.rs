//! Rooms while several threads join, leave, send and end.

mod broadcasts;
mod keys;
mod lifetime;
mod slow_members;

use ignitia_modelled::Message;

/// Returns a text message.
fn text(text: &str) -> Message {
    Message::Text(text.into())
}

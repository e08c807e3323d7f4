//! Documentation, conditions, visibility and other derives around the messages.

#![deny(warnings, missing_docs)]

use ignitia::prelude::*;

/// Messages.
pub mod messages {
    /// Received.
    #[derive(
        Debug,
        Clone,
        PartialEq,
        serde::Deserialize,
        ignitia::ClientMessage,
        serde::Serialize,
        ignitia::ServerMessage,
    )]
    #[serde(tag = "type")]
    #[non_exhaustive]
    pub enum Both {
        /// Says something.
        #[doc = "What was said."]
        Say {
            /// What.
            text: String,
            #[cfg(any())]
            switched_off: NoSuchType,
            /// How loud.
            #[cfg(all())]
            #[cfg_attr(all(), serde(rename = "v", default))]
            volume: u8,
        },
        #[cfg(any())]
        Off(NoSuchType),
        /// Old.
        #[deprecated]
        Old,
    }

    #[derive(serde::Deserialize, ignitia::ClientMessage)]
    #[cfg_attr(all(), serde(tag = "kind"))]
    #[cfg_attr(any(), serde(untagged))]
    #[allow(dead_code, non_camel_case_types)]
    pub(crate) enum Conditional {
        Say {
            r#type: String,
        },
        r#Type,
        r#async {
            r#fn: u8,
            #[serde(rename = "r#for")]
            r#for: u8,
        },
    }
}

#[websocket("/both", on_message)]
async fn both(msg: messages::Both) -> messages::Both {
    msg
}

fn main() {
    use ignitia::{ClientMessage, bounds::Tagging};

    assert!(Router::new().mount(both).into_axum().is_ok());
    assert_eq!(<messages::Both as ClientMessage>::FIELDS, ["text", "v"]);
    assert_eq!(messages::Conditional::TAGGING, Tagging::Internal { tag: "kind" });
    assert_eq!(messages::Conditional::FIELDS, ["type", "fn", "r#for"]);
}

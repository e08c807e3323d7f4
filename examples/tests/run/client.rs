//! A WebSocket client that fails the test if the connection does anything unexpected.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

use crate::deadline::within;

/// A WebSocket to an example.
pub(crate) struct Client<S>(pub(crate) WebSocketStream<S>);

impl<S> Client<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        within(self.0.send(message.into())).await.expect("the connection is open");
    }

    /// Expects a text message.
    #[track_caller]
    pub(crate) fn text(&mut self) -> impl Future<Output = String> {
        let next = within(self.0.next());
        async {
            match next.await.expect("more before the end").expect("no error") {
                Message::Text(text) => text.as_str().to_owned(),
                other => panic!("no text: {other:?}"),
            }
        }
    }

    /// Expects a text message that is JSON.
    #[track_caller]
    pub(crate) fn json(&mut self) -> impl Future<Output = Value> {
        let text = self.text();
        async { serde_json::from_str(&text.await).expect("JSON") }
    }

    /// Expects a JSON message of this type, perhaps behind others.
    pub(crate) async fn json_of(&mut self, kind: &str) -> Value {
        self.json_where(|message| message["type"] == kind).await
    }

    /// Expects a JSON message that fulfils a condition, perhaps behind others.
    pub(crate) async fn json_where(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.json().await;
            if is_wanted(&message) {
                return message;
            }
        }
    }

    /// Reads to the end of the connection, and returns the peer's close frame.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        let mut frame = None;
        while let Some(message) = within(self.0.next()).await {
            if let Message::Close(close) = message.expect("no error before the close frame") {
                frame = close;
            }
        }
        frame
    }

    /// Closes, and returns the peer's close frame.
    pub(crate) async fn close(mut self) -> Option<CloseFrame> {
        within(self.0.close(None)).await.expect("the connection is open");
        self.closed().await
    }
}

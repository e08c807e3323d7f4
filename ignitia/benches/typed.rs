//! Cost of typed dispatch: instructions and allocations per message, compared to a handler that
//! receives, calls serde_json and replies by hand, over the same connection. Prints a table, and
//! fails if the promised ratio is exceeded.
//!
//! Messages arrive in batches, so that every run does the same work. Single messages would give I/O
//! more weight, and the difference less. The counts of a server stay in the target directory as
//! `tmp/typed-*.out`, for `callgrind_annotate`.
//!
//! An unoptimized build, as in `cargo test`, counts allocations only: that needs no valgrind and
//! less than a second.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod instrumented;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

use self::instrumented::{BlockingClient, CountingTool, ServerCounts};

/// Argument that makes this program the server.
const SERVE: &str = "serve-typed";

/// Maximum ratio to the cost by hand.
const MAX_RATIO: f64 = 1.15;

/// Number of messages in one write: less than the server reads ahead.
const BATCH: usize = 32;
const FEW: usize = 20 * BATCH;
const MANY: usize = 3 * FEW;

/// Length of a message.
const LENGTH: usize = 100;

const BY_HAND: &str = "/by-hand";
const ON_MESSAGE: &str = "/on-message";
const SESSION: &str = "/session";

/// Defines a module with the same messages and handlers for a representation.
macro_rules! representation {
    ($name:ident: $($serde:tt)*) => {
        mod $name {
            use super::*;

            #[derive(Deserialize, ClientMessage)]
            #[serde(rename_all = "snake_case", $($serde)*)]
            enum ChatRequest {
                Send { text: String, to: u64 },
                Join { room: String },
                Leave,
            }

            #[derive(Serialize, ServerMessage)]
            #[serde(rename_all = "snake_case", $($serde)*)]
            enum ChatReply {
                Said { text: String, from: u64 },
                Joined { room: String },
                Left,
            }

            async fn by_hand(mut ws: WebSocketConnection) -> Result<Response> {
                while let Some(message) = ws.recv().await {
                    let Message::Text(text) = message else { continue };
                    let reply = match serde_json::from_str::<ChatRequest>(&text) {
                        Ok(ChatRequest::Send { text, to }) => ChatReply::Said { text, from: to },
                        Ok(ChatRequest::Join { room }) => ChatReply::Joined { room },
                        Ok(ChatRequest::Leave) => ChatReply::Left,
                        Err(error) => {
                            ws.send_json(&json!({ "type": "error", "message": error.to_string() })).await?;
                            continue;
                        }
                    };
                    ws.send_json(&reply).await?;
                }
                Ok(Response::ok())
            }

            #[websocket("/on-message", on_message)]
            async fn on_message(message: ChatRequest) -> ChatReply {
                match message {
                    ChatRequest::Send { text, to } => ChatReply::Said { text, from: to },
                    ChatRequest::Join { room } => ChatReply::Joined { room },
                    ChatRequest::Leave => ChatReply::Left,
                }
            }

            struct ChatSession;

            #[websocket("/session", message = ChatRequest, reply = ChatReply)]
            impl ChatSession {
                async fn accept() -> Self {
                    ChatSession
                }

                #[on(Send { text, to })]
                async fn send(&mut self, text: String, to: u64) -> ChatReply {
                    ChatReply::Said { text, from: to }
                }

                #[on(Join { room })]
                async fn join(&mut self, room: String) -> ChatReply {
                    ChatReply::Joined { room }
                }

                #[on(Leave)]
                async fn leave(&mut self) -> ChatReply {
                    ChatReply::Left
                }
            }

            pub(super) fn router() -> Router {
                Router::new().websocket(BY_HAND, by_hand).mount(on_message).mount_session::<ChatSession>()
            }
        }
    };
}

representation!(internal: tag = "type");
representation!(adjacent: tag = "type", content = "data");
representation!(external:);

/// Sent messages: the name, the representation, and the text, with `%` in place of the padding.
const MESSAGES: [(&str, &str, &str); 4] = [
    ("internally tagged, the tag first", "internal", r#"{"type":"send","text":"%","to":1234567}"#),
    ("internally tagged, the tag last", "internal", r#"{"text":"%","to":1234567,"type":"send"}"#),
    ("adjacently tagged", "adjacent", r#"{"type":"send","data":{"text":"%","to":1234567}}"#),
    ("externally tagged", "external", r#"{"send":{"text":"%","to":1234567}}"#),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return instrumented::serve(router(&arguments.next().unwrap()));
    }
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let counter = Some(CountingTool::Instructions).filter(|counter| counter.is_available());
    println!(
        "per message of {LENGTH} bytes and its reply  {:>12} {:>8} {:>12}",
        "instructions", "ratio", "allocations"
    );
    let mut broken = Vec::new();
    for (index, (name, representation, template)) in MESSAGES.into_iter().enumerate() {
        println!("{name}");
        let text = filled(template);
        let count = |path: &str| {
            let name = format!("typed-{index}{}", path.replace('/', "-"));
            let converse = |port, messages| converse(port, path, &text, messages);
            MessageCost(instrumented::per_unit(
                &name,
                counter,
                &[SERVE, representation],
                [FEW, MANY],
                converse,
            ))
        };
        let by_hand = count(BY_HAND);
        by_hand.print("by hand", &by_hand);
        for (what, path) in [("on_message", ON_MESSAGE), ("session", SESSION)] {
            let typed = count(path);
            typed.print(what, &by_hand);
            // The promise covers the most common form of message.
            if index == 0 && typed.breaks_promise(&by_hand) {
                broken.push(format!("{what}: {typed:?}, by hand: {by_hand:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "over {MAX_RATIO} times the instructions, or more allocations: {broken:#?}");
}

/// Cost of one message.
#[derive(Debug)]
struct MessageCost(ServerCounts);

impl MessageCost {
    fn breaks_promise(&self, by_hand: &MessageCost) -> bool {
        let instructions = self.ratio(by_hand).is_some_and(|ratio| ratio > MAX_RATIO);
        // Occasional allocations of the connection's buffers vary a little.
        instructions || self.0.allocations > by_hand.0.allocations + 0.05
    }

    fn ratio(&self, by_hand: &MessageCost) -> Option<f64> {
        Some(self.0.counted? / by_hand.0.counted?)
    }

    fn print(&self, what: &str, by_hand: &MessageCost) {
        let shown =
            |value: Option<f64>, digits| value.map_or("-".into(), |value| format!("{value:.digits$}"));
        let (instructions, ratio) = (shown(self.0.counted, 0), shown(self.ratio(by_hand), 3));
        println!("  {what:<36} {instructions:>12} {ratio:>8} {:>12.2}", self.0.allocations);
    }
}

fn filled(template: &str) -> String {
    template.replace('%', &"x".repeat(LENGTH + 1 - template.len()))
}

fn router(representation: &str) -> Router {
    match representation {
        "internal" => internal::router(),
        "adjacent" => adjacent::router(),
        "external" => external::router(),
        other => panic!("there is no representation {other:?}"),
    }
}

/// Sends the same message repeatedly, in batches, and reads the replies.
fn converse(port: u16, path: &str, text: &str, messages: usize) {
    let mut client = BlockingClient::connect(port, path);
    for _ in 0..messages / BATCH {
        client.send(text, BATCH);
        for _ in 0..BATCH {
            let reply = client.recv();
            assert!(reply.contains("said") && reply.contains("1234567"), "{reply}");
        }
    }
    client.close();
}

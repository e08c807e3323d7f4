//! What typed dispatch costs: instructions and allocations per message, against a handler that receives, calls
//! serde_json and answers by hand, over the same connection. Prints a table, and fails where the promise is broken.
//!
//! Messages come in batches, so that the same work is done in every run; one by one, input and output would weigh more,
//! and the difference less. A server's counts stay in the target directory, `tmp/typed-*.out`, for `callgrind_annotate`.
//!
//! Without optimisation, in `cargo test`, it counts allocations only, which takes no valgrind and no second.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

mod counted;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

use self::counted::{Client, Counter, Counts};

/// The argument that makes this the server.
const SERVE: &str = "serve-typed";

/// How much more than by hand.
const MOST: f64 = 1.15;

/// Messages that the client sends at once: less than is read ahead.
const BATCH: usize = 32;
const FEW: usize = 20 * BATCH;
const MANY: usize = 3 * FEW;

const LENGTH: usize = 100;

const BY_HAND: &str = "/by-hand";
const ON_MESSAGE: &str = "/on-message";
const SESSION: &str = "/session";

/// A module with the same messages and handlers for each representation.
macro_rules! representation {
    ($name:ident: $($serde:tt)*) => {
        mod $name {
            use super::*;

            #[derive(Deserialize, ClientMessage)]
            #[serde(rename_all = "snake_case", $($serde)*)]
            enum ClientMsg {
                Send { text: String, to: u64 },
                Join { room: String },
                Leave,
            }

            #[derive(Serialize, ServerMessage)]
            #[serde(rename_all = "snake_case", $($serde)*)]
            enum ServerMsg {
                Said { text: String, from: u64 },
                Joined { room: String },
                Left,
            }

            async fn by_hand(mut ws: WebSocketConnection) -> Result<Response> {
                while let Some(message) = ws.recv().await {
                    let Message::Text(text) = message else { continue };
                    let reply = match serde_json::from_str::<ClientMsg>(&text) {
                        Ok(ClientMsg::Send { text, to }) => ServerMsg::Said { text, from: to },
                        Ok(ClientMsg::Join { room }) => ServerMsg::Joined { room },
                        Ok(ClientMsg::Leave) => ServerMsg::Left,
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
            async fn on_message(message: ClientMsg) -> ServerMsg {
                match message {
                    ClientMsg::Send { text, to } => ServerMsg::Said { text, from: to },
                    ClientMsg::Join { room } => ServerMsg::Joined { room },
                    ClientMsg::Leave => ServerMsg::Left,
                }
            }

            struct Chat;

            #[websocket("/session", message = ClientMsg, reply = ServerMsg)]
            impl Chat {
                async fn accept() -> Self {
                    Chat
                }

                #[on(Send { text, to })]
                async fn send(&mut self, text: String, to: u64) -> ServerMsg {
                    ServerMsg::Said { text, from: to }
                }

                #[on(Join { room })]
                async fn join(&mut self, room: String) -> ServerMsg {
                    ServerMsg::Joined { room }
                }

                #[on(Leave)]
                async fn leave(&mut self) -> ServerMsg {
                    ServerMsg::Left
                }
            }

            pub(super) fn router() -> Router {
                Router::new().websocket(BY_HAND, by_hand).mount(on_message).mount_session::<Chat>()
            }
        }
    };
}

representation!(internal: tag = "type");
representation!(adjacent: tag = "type", content = "data");
representation!(external:);

/// What is sent: the name, the representation that understands it, and the text with `%` for what fills it up.
const MESSAGES: [(&str, &str, &str); 4] = [
    ("internally tagged, the tag first", "internal", r#"{"type":"send","text":"%","to":1234567}"#),
    ("internally tagged, the tag last", "internal", r#"{"text":"%","to":1234567,"type":"send"}"#),
    ("adjacently tagged", "adjacent", r#"{"type":"send","data":{"text":"%","to":1234567}}"#),
    ("externally tagged", "external", r#"{"send":{"text":"%","to":1234567}}"#),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return counted::serve(router(&arguments.next().unwrap()));
    }
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let counter = Some(Counter::Instructions).filter(|counter| counter.is_there());
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
            Cost(counted::per_unit(&name, counter, &[SERVE, representation], [FEW, MANY], converse))
        };
        let by_hand = count(BY_HAND);
        by_hand.print("by hand", &by_hand);
        for (what, path) in [("on_message", ON_MESSAGE), ("session", SESSION)] {
            let typed = count(path);
            typed.print(what, &by_hand);
            // The promise is about what nearly every client sends.
            if index == 0 && typed.breaks_promise(&by_hand) {
                broken.push(format!("{what}: {typed:?}, by hand: {by_hand:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "over {MOST} times the instructions, or more allocations: {broken:#?}");
}

/// Costs of one message.
#[derive(Debug)]
struct Cost(Counts);

impl Cost {
    fn breaks_promise(&self, by_hand: &Cost) -> bool {
        let instructions = self.ratio(by_hand).is_some_and(|ratio| ratio > MOST);
        // What the connection's buffers take once in a while is not the same to the last one.
        instructions || self.0.allocations > by_hand.0.allocations + 0.05
    }

    fn ratio(&self, by_hand: &Cost) -> Option<f64> {
        Some(self.0.counted? / by_hand.0.counted?)
    }

    fn print(&self, what: &str, by_hand: &Cost) {
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

/// Sends the same message again and again, in batches, and reads the replies.
fn converse(port: u16, path: &str, text: &str, messages: usize) {
    let mut client = Client::connect(port, path);
    for _ in 0..messages / BATCH {
        client.send(text, BATCH);
        for _ in 0..BATCH {
            let reply = client.recv();
            assert!(reply.contains("said") && reply.contains("1234567"), "{reply}");
        }
    }
    client.close();
}

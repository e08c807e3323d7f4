//! What typed dispatch costs: instructions and allocations per message, against a handler that receives, calls
//! serde_json and answers by hand, over the same connection. Prints a table, and fails where the promise is broken.
//!
//! The server is this program once more, under valgrind: what the client does is not counted, and the difference between
//! few and many messages leaves out the start, the handshake and the end. Messages come in batches, so that the same
//! work is done in every run; one by one, input and output would weigh more, and the difference less. A server's counts
//! stay in the target directory, `tmp/typed-*.out`, for `callgrind_annotate`.
//!
//! Without optimisation, in `cargo test`, it counts allocations only, which takes no valgrind and no second.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

use std::{
    alloc::System,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The argument that makes this the server.
const SERVE: &str = "serve-typed";

/// Set where counting instructions is a must: without valgrind, the bench fails.
const REQUIRED: &str = "REQUIRE_VALGRIND";

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
        return serve(&arguments.next().unwrap());
    }
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let valgrind = counts_instructions();
    println!(
        "per message of {LENGTH} bytes and its reply  {:>12} {:>8} {:>12}",
        "instructions", "ratio", "allocations"
    );
    let mut broken = Vec::new();
    for (index, (name, representation, template)) in MESSAGES.into_iter().enumerate() {
        println!("{name}");
        let text = filled(template);
        let count = |path: &str| per_message(representation, path, &text, valgrind, index);
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

/// Whether there is something to count, and something to count with.
fn counts_instructions() -> bool {
    if cfg!(debug_assertions) {
        println!("instructions are counted when optimised: cargo bench -p ignitia --bench typed");
        return false;
    }
    let valgrind = Command::new("valgrind").arg("--version").output().is_ok_and(|run| run.status.success());
    if !valgrind {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and there is no valgrind");
        println!("no valgrind, no instructions: apt-get install valgrind");
    }
    valgrind
}

/// Costs of some messages, or of one.
#[derive(Debug)]
struct Cost {
    instructions: Option<f64>,
    allocations: f64,
}

impl Cost {
    fn breaks_promise(&self, by_hand: &Cost) -> bool {
        let instructions = self.ratio(by_hand).is_some_and(|ratio| ratio > MOST);
        // What the connection's buffers take once in a while is not the same to the last one.
        instructions || self.allocations > by_hand.allocations + 0.05
    }

    fn ratio(&self, by_hand: &Cost) -> Option<f64> {
        Some(self.instructions? / by_hand.instructions?)
    }

    fn print(&self, what: &str, by_hand: &Cost) {
        let shown =
            |value: Option<f64>, digits| value.map_or("-".into(), |value| format!("{value:.digits$}"));
        let (instructions, ratio) = (shown(self.instructions, 0), shown(self.ratio(by_hand), 3));
        println!("  {what:<36} {instructions:>12} {ratio:>8} {:>12.2}", self.allocations);
    }
}

fn per_message(representation: &str, path: &str, text: &str, valgrind: bool, index: usize) -> Cost {
    let counts = |messages: usize| {
        let file = format!("typed-{index}{}-{messages}.out", path.replace('/', "-"));
        let file = valgrind.then(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join(file));
        let mut server = Server::start(representation, file);
        converse(server.port, path, text, messages);
        server.stop()
    };
    let (few, many) = (counts(FEW), counts(MANY));
    let each = |few: f64, many: f64| (many - few) / (MANY - FEW) as f64;
    Cost {
        instructions: few.instructions.zip(many.instructions).map(|(few, many)| each(few, many)),
        allocations: each(few.allocations, many.allocations),
    }
}

fn filled(template: &str) -> String {
    template.replace('%', &"x".repeat(LENGTH + 1 - template.len()))
}

/// The server's side: serves until its input ends, then says how much was allocated.
fn serve(representation: &str) {
    let router = match representation {
        "internal" => internal::router(),
        "adjacent" => adjacent::router(),
        "external" => external::router(),
        other => panic!("there is no representation {other:?}"),
    };
    // The main thread serves: when it panics, this process ends, and the client does not wait for ever.
    std::thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        println!("{}", HEAP.stats().allocations);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bound = ignitia::Server::new(router, ([127, 0, 0, 1], 0).into()).bind().await.unwrap();
        println!("{}", bound.local_addr().port());
        bound.ignitia().await.unwrap();
    });
}

/// The server, in a process of its own.
struct Server {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    port: u16,
    counts: Option<PathBuf>,
}

impl Server {
    /// Under valgrind, if there is a file for its counts.
    fn start(representation: &str, counts: Option<PathBuf>) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match &counts {
            Some(file) => {
                let mut command = Command::new("valgrind");
                command.args(["--tool=callgrind", "--quiet"]);
                command.arg(format!("--callgrind-out-file={}", file.display())).arg(program);
                command
            }
            None => Command::new(program),
        };
        let command = command.args([SERVE, representation]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = number(&mut output) as u16;
        Self { process, output, port, counts }
    }

    fn stop(&mut self) -> Cost {
        drop(self.process.stdin.take());
        let allocations = number(&mut self.output);
        assert!(self.process.wait().unwrap().success());
        Cost { instructions: self.counts.as_deref().map(instructions), allocations }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only a failing bench finds it alive.
        let _ = self.process.kill();
    }
}

/// The next line, a number.
fn number(output: &mut impl BufRead) -> f64 {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim().parse().unwrap()
}

/// The total in what callgrind wrote.
fn instructions(counts: &Path) -> f64 {
    let counts = std::fs::read_to_string(counts).unwrap();
    let total = counts.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
    total.trim().parse().unwrap()
}

/// Sends the same message again and again, in batches, and reads the replies.
fn converse(port: u16, path: &str, text: &str, messages: usize) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 101"), "{line}");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
    }
    // A mask of zeros leaves the payload as it is.
    let frame = [&[0x81, 0x80 | LENGTH as u8, 0, 0, 0, 0], text.as_bytes()].concat();
    let batch = frame.repeat(BATCH);
    for _ in 0..messages / BATCH {
        stream.get_mut().write_all(&batch).unwrap();
        for _ in 0..BATCH {
            let mut head = [0; 2];
            stream.read_exact(&mut head).unwrap();
            let mut reply = vec![0; head[1].into()];
            stream.read_exact(&mut reply).unwrap();
            let reply = str::from_utf8(&reply).unwrap();
            assert!(head[0] == 0x81 && reply.contains("said") && reply.contains("1234567"), "{reply}");
        }
    }
    stream.get_mut().write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
}

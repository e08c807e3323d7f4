//! What one more endpoint costs the build: lines that its macros expand to, and the time of `cargo check`, against the
//! same written by hand. It promises nothing, and runs only when it is asked for:
//! `cargo bench -p ignitia --bench build_cost`.
//!
//! Programs of two hundred endpoints are generated, as a package with a target directory of its own in the target
//! directory's `tmp/build-cost`, and checked with the workspace's lock file, offline.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const ENDPOINTS: usize = 200;

/// The fastest of so many checks counts.
const ROUNDS: usize = 4;

/// The program that the others are compared with.
const NOTHING: &str = "nothing";

/// What stands at the top of every program.
const HEAD: &str = "\
#![allow(dead_code, unused_imports, missing_docs)]
use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Db;
";

/// Something that programs are full of, with the macros and by hand. `@` is its number.
#[derive(Clone, Copy)]
struct Shape {
    /// Part of the programs' names.
    name: &'static str,
    /// Which messages it needs, if any.
    messages: bool,
    typed: &'static str,
    by_hand: &'static str,
}

const TYPED_MESSAGES: &str = r#"
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Said { text: String, from: u64 },
    Joined { room: String },
    Left,
}
"#;

const CONNECTION: Shape = Shape {
    name: "connection",
    messages: false,
    typed: r#"
#[websocket("/e@/<room>")]
async fn endpoint(room: String, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(room).await?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount(endpoint)
}
"#,
    by_hand: r#"
async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(room).await?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const ON_MESSAGE: Shape = Shape {
    name: "on_message",
    messages: true,
    typed: r#"
#[websocket("/e@/<room>", on_message)]
async fn endpoint(room: String, State(_db): State<Db>, message: ClientMsg) -> ServerMsg {
    match message {
        ClientMsg::Send { text, to } => ServerMsg::Said { text: text + &room, from: to },
        ClientMsg::Join { room } => ServerMsg::Joined { room },
        ClientMsg::Leave => ServerMsg::Left,
    }
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount(endpoint)
}
"#,
    by_hand: r#"
async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let reply = match serde_json::from_str::<ClientMsg>(&text) {
            Ok(ClientMsg::Send { text, to }) => ServerMsg::Said { text: text + &room, from: to },
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

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const SESSION: Shape = Shape {
    name: "session",
    messages: true,
    typed: r#"
struct Chat {
    room: String,
}

#[websocket("/e@/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String, State(_db): State<Db>) -> Self {
        Self { room }
    }

    #[on(Send { text, to })]
    async fn send(&mut self, text: String, to: u64) -> ServerMsg {
        ServerMsg::Said { text: text + &self.room, from: to }
    }

    #[on(Join { room })]
    async fn join(&mut self, room: String) -> ServerMsg {
        self.room.clone_from(&room);
        ServerMsg::Joined { room }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> ServerMsg {
        ServerMsg::Left
    }
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.mount_session::<Chat>()
}
"#,
    by_hand: r#"
struct Chat {
    room: String,
}

impl Chat {
    async fn send(&mut self, text: String, to: u64) -> ServerMsg {
        ServerMsg::Said { text: text + &self.room, from: to }
    }

    async fn join(&mut self, room: String) -> ServerMsg {
        self.room.clone_from(&room);
        ServerMsg::Joined { room }
    }

    async fn leave(&mut self) -> ServerMsg {
        ServerMsg::Left
    }
}

async fn endpoint(Path(room): Path<String>, State(_db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    let mut chat = Chat { room };
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let reply = match serde_json::from_str::<ClientMsg>(&text) {
            Ok(ClientMsg::Send { text, to }) => chat.send(text, to).await,
            Ok(ClientMsg::Join { room }) => chat.join(room).await,
            Ok(ClientMsg::Leave) => chat.leave().await,
            Err(error) => {
                ws.send_json(&json!({ "type": "error", "message": error.to_string() })).await?;
                continue;
            }
        };
        ws.send_json(&reply).await?;
    }
    Ok(Response::ok())
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router.websocket("/e@/{room}", endpoint)
}
"#,
};

const CLIENT_MESSAGE: Shape = Shape {
    name: "client_message",
    messages: false,
    typed: r#"
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Move { x: f64, y: f64 },
    Typing,
    Leave,
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router
}
"#,
    by_hand: r#"
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Send { text: String, to: u64 },
    Join { room: String },
    Move { x: f64, y: f64 },
    Typing,
    Leave,
}

pub(super) fn add(router: Router<Db>) -> Router<Db> {
    router
}
"#,
};

/// The rows of the table: the shapes each, and a program with a third of each endpoint, all with messages of their own.
const ROWS: [(&str, &[Shape]); 5] = [
    ("connection", &[CONNECTION]),
    ("on_message", &[ON_MESSAGE]),
    ("session of 3 variants", &[SESSION]),
    ("derive(ClientMessage), 5 variants", &[CLIENT_MESSAGE]),
    ("endpoints of all kinds, own messages", &[CONNECTION, ON_MESSAGE, SESSION]),
];

fn main() {
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let mut programs = vec![Program::new(NOTHING.into(), &[], true, 0)];
    for (_, shapes) in ROWS {
        let name = shapes.iter().map(|shape| shape.name).collect::<Vec<_>>().join("_");
        programs.push(Program::new(format!("{name}_by_hand"), shapes, false, ENDPOINTS));
        programs.push(Program::new(format!("{name}_typed"), shapes, true, ENDPOINTS));
    }
    let package = Package::create(&programs);
    println!("building what the programs depend on");
    package.check(&programs[0]);
    for program in &mut programs {
        program.expanded = package.expanded(program);
    }
    // In turns, so that a busy moment does not hit one program alone.
    for round in 0..ROUNDS {
        for program in &mut programs {
            package.write(program, round);
            program.time = program.time.min(package.check(program));
        }
    }
    print(&programs);
}

fn print(programs: &[Program]) {
    let nothing = &programs[0];
    println!(
        "{ENDPOINTS} of each; lines of one as they are written and expanded; cargo check in ms, {:.0} without any",
        1e3 * nothing.time.as_secs_f64(),
    );
    println!("{:<38} {:>8} {:>9} {:>9} {:>9}", "", "written", "expanded", "check", "each");
    for ((name, _), pair) in ROWS.iter().zip(programs[1..].chunks_exact(2)) {
        for (program, way) in pair.iter().zip(["by hand", "typed"]) {
            let each = |all: f64, without: f64| (all - without) / ENDPOINTS as f64;
            let (check, base) = (1e3 * program.time.as_secs_f64(), 1e3 * nothing.time.as_secs_f64());
            println!(
                "{:<38} {:>8.1} {:>9.1} {check:>9.0} {:>9.2}",
                format!("{name}, {way}"),
                each(program.source.lines().count() as f64, nothing.source.lines().count() as f64),
                each(program.expanded as f64, nothing.expanded as f64),
                each(check, base),
            );
        }
    }
}

struct Program {
    name: String,
    source: String,
    /// Lines without macros.
    expanded: usize,
    /// Of the fastest check.
    time: Duration,
}

impl Program {
    fn new(name: String, shapes: &[Shape], typed: bool, endpoints: usize) -> Self {
        let messages = if typed {
            TYPED_MESSAGES.to_owned()
        } else {
            TYPED_MESSAGES.replace(", ClientMessage", "").replace(", ServerMessage", "")
        };
        let own_messages = shapes.len() > 1;
        let mut source = HEAD.to_owned();
        // Everything has the same messages, or each its own.
        if !own_messages {
            source += &messages;
        }
        for (number, shape) in (0..endpoints).zip(shapes.iter().cycle()) {
            let items = if typed { shape.typed } else { shape.by_hand }.replace('@', &number.to_string());
            let messages = if own_messages && shape.messages { &messages[..] } else { "" };
            write!(source, "\nmod e{number} {{\nuse super::*;\n{messages}{items}}}\n").unwrap();
        }
        source += "\nfn main() {\n    let router = Router::new().state(Db);\n";
        for number in 0..endpoints {
            writeln!(source, "    let router = e{number}::add(router);").unwrap();
        }
        source += "    drop(router);\n}\n";
        Self { name, source, expanded: 0, time: Duration::MAX }
    }
}

/// The generated package.
struct Package {
    root: PathBuf,
    /// Names of the programs, for which rustc's unstable options are allowed: to count lines, and only there.
    names: String,
}

impl Package {
    fn create(programs: &[Program]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-cost");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(root.join("src/bin")).unwrap();
        let manifest = format!(
            "[package]\nname = \"build-cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nignitia = {{ path = {:?}, default-features = false }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n",
            workspace.join("ignitia"),
        );
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let names = programs.iter().map(|program| &program.name[..]).collect::<Vec<_>>().join(",");
        let package = Self { root, names };
        programs.iter().for_each(|program| package.write(program, 0));
        package
    }

    /// The source, changed by as much as a check needs to begin anew.
    fn write(&self, program: &Program, round: usize) {
        let file = self.root.join("src/bin").join(&program.name).with_extension("rs");
        fs::write(file, format!("{}// {round}\n", program.source)).unwrap();
    }

    fn check(&self, program: &Program) -> Duration {
        let start = Instant::now();
        let status = self.cargo(&["check"], program, &[]).status().unwrap();
        assert!(status.success(), "{}", program.name);
        start.elapsed()
    }

    fn expanded(&self, program: &Program) -> usize {
        let mut cargo = self.cargo(&["rustc", "--profile", "check"], program, &["--", "-Zunpretty=expanded"]);
        let output = cargo.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{}", program.name);
        String::from_utf8(output.stdout).unwrap().lines().count()
    }

    fn cargo(&self, command: &[&str], program: &Program, rest: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(&self.root).args(command).args(["--offline", "--quiet", "--bin", &program.name]);
        cargo.arg("--target-dir").arg(self.root.join("target")).args(rest);
        cargo.env("CARGO_INCREMENTAL", "0").env("RUSTC_BOOTSTRAP", &self.names);
        cargo
    }
}

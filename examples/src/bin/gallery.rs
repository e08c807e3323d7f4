//! Shows all examples: what each is about, how to start it, and whether it runs.
//!
//! ```text
//! cargo run -p examples --bin gallery
//! ```
//!
//! Open <http://127.0.0.1:3000>. Each example has a port of its own there, so that several can run.

use std::{fmt::Write as _, time::Duration};

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, time::timeout};

/// Time in which a running example accepts a connection: it is on the same machine.
const ACCEPT_TIMEOUT: Duration = Duration::from_millis(500);

/// Entry of the gallery.
struct Exhibit {
    name: &'static str,
    port: u16,
    /// Path of the page; `/` for most.
    path: &'static str,
    shows: &'static str,
    hint: &'static str,
}

impl Exhibit {
    const fn new(name: &'static str, port: u16, shows: &'static str, hint: &'static str) -> Self {
        Self { name, port, path: "/", shows, hint }
    }

    const fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }
}

/// All examples, from the smallest to the largest.
const EXHIBITS: [Exhibit; 11] = [
    Exhibit::new("echo", 3001, "The smallest endpoint.", "Send a message: it comes back."),
    Exhibit::new(
        "counter",
        3002,
        "Requests and replies, matched by their ids, with errors of their own.",
        "Add ten times at once, and ask for a counter that is not there.",
    ),
    Exhibit::new(
        "typed_chat",
        3003,
        "A session with rooms: presence, history, and a client that misses nothing.",
        "Talk in two tabs, stop the server, and start it again.",
    ),
    Exhibit::new(
        "chat",
        3004,
        "The same without rooms and typed messages: a loop, and a channel.",
        "Compare the two sources.",
    ),
    Exhibit::new(
        "auth",
        3005,
        "Refusals before the upgrade: 401 without a login, 403 for the wrong room.",
        "Log in as bob, and choose the room of the staff.",
    ),
    Exhibit::new("tls", 3006, "An echo over TLS.", "Accept the certificate, which is made at the start."),
    Exhibit::new(
        "axum_app",
        3007,
        "A WebSocket in an axum application, with axum's state, layers and server.",
        "Count in two tabs.",
    ),
    Exhibit::new(
        "contract",
        3008,
        "What comes from the types: a document, a client, and a page to try the endpoint with.",
        "Connect to a table, and roll a die.",
    )
    .at("/console/"),
    Exhibit::new(
        "batch",
        3009,
        "Messages in batches, for expensive operations.",
        "Send one and wait, then five quickly.",
    ),
    Exhibit::new("metrics", 3010, "Metrics for Prometheus.", "Send some messages, and open /metrics."),
    Exhibit::new(
        "support_desk",
        3011,
        "An application as a team would write it: logins, a database, rooms, files, a drain.",
        "Be a visitor here, and the agent ada with the password lovelace at /desk.",
    )
    .at("/chat"),
];

/// Message from a page.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GalleryAsk {
    /// Asks which examples run, without waiting for a change.
    Look,
}

/// Message to a page.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GalleryTell {
    /// Names of the examples that run, after each change.
    Running { names: Vec<&'static str> },
}

/// Connection of a page.
struct Gallery {
    running: Option<Vec<&'static str>>,
}

#[websocket("/ws", message = GalleryAsk, reply = GalleryTell)]
impl Gallery {
    async fn accept() -> Self {
        Self { running: None }
    }

    async fn on_open(&mut self) -> Option<GalleryTell> {
        self.look_again().await
    }

    #[every("1s")]
    async fn look_again(&mut self) -> Option<GalleryTell> {
        let names = running().await;
        if self.running.as_ref() == Some(&names) {
            return None;
        }
        self.running = Some(names.clone());
        Some(GalleryTell::Running { names })
    }

    #[on(Look)]
    async fn look(&mut self) -> GalleryTell {
        let names = running().await;
        self.running = Some(names.clone());
        GalleryTell::Running { names }
    }
}

async fn running() -> Vec<&'static str> {
    let mut names = Vec::new();
    for exhibit in &EXHIBITS {
        let connecting = TcpStream::connect(("127.0.0.1", exhibit.port));
        if let Ok(Ok(_)) = timeout(ACCEPT_TIMEOUT, connecting).await {
            names.push(exhibit.name);
        }
    }
    names
}

/// Writes the page. The texts are ours, and have no characters of HTML.
fn page() -> String {
    let mut items = String::new();
    for Exhibit { name, port, path, shows, hint } in &EXHIBITS {
        let scheme = if *name == "tls" { "https" } else { "http" };
        let address = format!("{scheme}://127.0.0.1:{port}{path}");
        let _ = write!(
            items,
            r#"
    <li id="{name}">
      <h2><a href="{address}">{name}</a> <small class="running" hidden>runs</small></h2>
      <p>{shows} {hint}</p>
      <code>PORT={port} cargo run -p examples --bin {name}</code>
    </li>"#
        ); // a String takes everything
    }
    include_str!("gallery.html").replace("{{exhibits}}", &items)
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let page = page();
    let router = Router::new().mount_session::<Gallery>();
    let contract = router.contract();
    let router = router
        .get("/", || async { Response::html(page) })
        .serve_javascript("/client.js", &contract)
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

//! Every example is started as a user would start it, spoken to over a real socket, and stopped with SIGTERM.

use std::{
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, Lines,
    },
    net::{TcpSocket, TcpStream},
    process::{Child, ChildStdout, Command},
    time::{Instant, timeout},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{self, CryptoProvider},
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message, client::IntoClientRequest, handshake::client::Request, protocol::CloseFrame,
    },
};

/// How long anything may take that is expected to happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// What a step came to; a test that waits for too long fails here, with the place that waited.
#[track_caller]
fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    let limited = timeout(DEADLINE, future);
    async move { limited.await.unwrap_or_else(|_| panic!("{caller}: nothing happened in {DEADLINE:?}")) }
}

/// A running example. It is killed and reaped when a test fails: `kill_on_drop`.
struct Example {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    addr: SocketAddr,
}

impl Example {
    async fn start(program: &str) -> Self {
        Self::start_at(program, "http").await
    }

    async fn start_at(program: &str, scheme: &str) -> Self {
        let mut child = Command::new(program)
            .env("PORT", "0")
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the example starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let line = within(stdout.next_line()).await.expect("UTF-8").expect("a line before the end");
        let addr = line.strip_prefix(&format!("listening on {scheme}://")).expect("the line says where");
        let addr: SocketAddr = addr.parse().expect("an address");
        assert!(addr.ip().is_loopback() && addr.port() != 0, "{addr}");
        Self { child, stdout, addr }
    }

    async fn stream(&self) -> TcpStream {
        within(TcpStream::connect(self.addr)).await.expect("the example accepts")
    }

    async fn connect(&self, path: &str) -> Client<TcpStream> {
        self.handshake(self.request(path)).await.expect("the upgrade succeeds")
    }

    fn request(&self, path: &str) -> Request {
        format!("ws://{}{path}", self.addr).into_client_request().expect("a URL")
    }

    async fn handshake(&self, request: Request) -> Result<Client<TcpStream>, Error> {
        let (socket, response) = within(client_async(request, self.stream().await)).await?;
        assert_eq!(response.status(), 101);
        Ok(Client(socket))
    }

    /// The status and text with which an upgrade is refused.
    async fn refusal(&self, request: Request) -> (u16, String) {
        match self.handshake(request).await {
            Err(Error::Http(response)) => {
                let text = response.body().as_deref().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8_lossy(text).into_owned())
            }
            other => panic!("no refusal: {:?}", other.map(drop)),
        }
    }

    /// The head and the body of the answer to a plain request.
    async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
        exchange(self.stream().await, &request_text(self.addr, method, path, headers, body)).await
    }

    async fn get(&self, path: &str) -> String {
        let (head, body) = self.http("GET", path, "", "").await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        body
    }

    /// The page, and the files that it names.
    async fn check_page(&self, contains: &str) {
        let page = self.get("/").await;
        assert!(page.starts_with("<!doctype html>") && page.contains(contains), "{page}");
        assert!(!page.contains("{{"), "{page}");
        for file in ["/reconnect.js", "/style.css"] {
            assert!(page.contains(file), "{file}");
            assert!(!self.get(file).await.is_empty(), "{file}");
        }
    }

    fn terminate(&self) {
        let pid = self.child.id().expect("it still runs");
        // The shell's own `kill`: a program of that name is not installed everywhere.
        let killed = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status();
        assert!(killed.expect("a shell").success());
    }

    /// SIGTERM while these connections are open: each is closed with 1001, then the process ends well.
    async fn stop<S>(mut self, clients: impl IntoIterator<Item = Client<S>>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let begun = Instant::now();
        self.terminate();
        for mut client in clients {
            let frame = client.closed().await.expect("a close frame with a code");
            assert_eq!(u16::from(frame.code), 1001, "{}", frame.reason);
        }
        let status: ExitStatus = within(self.child.wait()).await.expect("it can be waited for");
        assert!(status.success(), "{status}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        let more = within(self.stdout.next_line()).await.expect("UTF-8");
        assert_eq!(more, None, "one line on stdout, no more");
    }
}

struct Client<S>(WebSocketStream<S>);

impl<S> Client<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    async fn send(&mut self, message: impl Into<Message>) {
        within(self.0.send(message.into())).await.expect("the connection is open");
    }

    /// The next text.
    #[track_caller]
    fn text(&mut self) -> impl Future<Output = String> {
        let next = within(self.0.next());
        async {
            match next.await.expect("more before the end").expect("no error") {
                Message::Text(text) => text.as_str().to_owned(),
                other => panic!("no text: {other:?}"),
            }
        }
    }

    #[track_caller]
    fn json(&mut self) -> impl Future<Output = Value> {
        let text = self.text();
        async { serde_json::from_str(&text.await).expect("JSON") }
    }

    /// Reads up to the peer's close frame, answers it, and waits for the end of the connection.
    async fn closed(&mut self) -> Option<CloseFrame> {
        let mut frame = None;
        while let Some(message) = within(self.0.next()).await {
            if let Message::Close(close) = message.expect("no error before the close frame") {
                frame = close;
            }
        }
        frame
    }

    /// Closes, and returns the peer's answer.
    async fn close(mut self) -> Option<CloseFrame> {
        within(self.0.close(None)).await.expect("the connection is open");
        self.closed().await
    }
}

fn request_text(addr: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let headers = format!("Host: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}");
    format!("{method} {path} HTTP/1.1\r\n{headers}\r\n{body}")
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> (String, String) {
    let mut answer = Vec::new();
    within(stream.write_all(request.as_bytes())).await.expect("the request is taken");
    within(stream.read_to_end(&mut answer)).await.expect("the answer comes");
    let answer = String::from_utf8(answer).expect("UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn echo() {
    let example = Example::start(env!("CARGO_BIN_EXE_echo")).await;
    example.check_page("<h1>Echo</h1>").await;
    let mut client = example.connect("/ws").await;
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
    client.send(Message::Binary(vec![0, 255].into())).await;
    let echoed = within(client.0.next()).await.expect("a message").expect("no error");
    assert_eq!(echoed, Message::Binary(vec![0, 255].into()));
    let leaving = example.connect("/ws").await;
    leaving.close().await;
    example.stop([client]).await;
}

#[tokio::test]
async fn chat() {
    let example = Example::start(env!("CARGO_BIN_EXE_chat")).await;
    example.check_page("<h1>Chat</h1>").await;

    let mut ann = example.connect("/ws/lobby?name=ann").await;
    assert_eq!(ann.json().await, json!({ "type": "welcome", "members": 1 }));
    let mut bob = example.connect("/ws/lobby?name=b%20o%20b").await;
    assert_eq!(bob.json().await, json!({ "type": "welcome", "members": 2 }));
    assert_eq!(ann.json().await, json!({ "type": "joined", "name": "b o b", "members": 2 }));
    let mut eve = example.connect("/ws/attic?name=eve").await;
    assert_eq!(eve.json().await, json!({ "type": "welcome", "members": 1 }));

    // Both ways, to the speaker too, and never into another room: eve's first message is her own.
    for (speaks, name) in [(true, "ann"), (false, "b o b")] {
        let (speaker, listener) = if speaks { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
        speaker.send(json!({ "key": "1", "text": "hi" }).to_string()).await;
        let said = json!({ "type": "said", "name": name, "key": "1", "text": "hi" });
        assert_eq!(listener.json().await, said);
        assert_eq!(speaker.json().await, said);
    }
    eve.send(json!({ "key": "2", "text": "alone" }).to_string()).await;
    assert_eq!(eve.json().await["text"], "alone");

    // The others learn of every end, and the room is there for the next one.
    bob.close().await;
    assert_eq!(ann.json().await, json!({ "type": "left", "name": "b o b", "members": 1 }));
    let mut cat = example.connect("/ws/lobby?name=cat").await;
    assert_eq!(cat.json().await, json!({ "type": "welcome", "members": 2 }));
    cat.send("not JSON").await;
    let frame = cat.closed().await.expect("a close frame with a code");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1008, "not a message of the chat"));

    for path in ["/ws/lobby", "/ws/lobby?name=", "/ws/lobby?name=abcdefghijklmnopqrstuvwxyz"] {
        assert_eq!(example.refusal(example.request(path)).await.0, 400, "{path}");
    }
    example.stop([ann, eve]).await;
}

/// A member that does not read falls behind, and is told when it reads again; the others hear everything.
#[tokio::test]
async fn chat_tells_members_that_they_missed_something() {
    const MESSAGES: usize = 4_000;
    let example = Example::start(env!("CARGO_BIN_EXE_chat")).await;
    let mut ann = example.connect("/ws/lobby?name=ann").await;
    ann.json().await;

    // A small receive buffer, so that little is under way.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(16 << 10).expect("the buffer is set");
    let stream = within(socket.connect(example.addr)).await.expect("the example accepts");
    let (slow, _) = within(client_async(example.request("/ws/lobby?name=slow"), stream))
        .await
        .expect("the upgrade succeeds");
    let mut slow = Client(slow);
    assert_eq!(slow.json().await["type"], "welcome");
    assert_eq!(ann.json().await["type"], "joined");

    let text = "x".repeat(4_000);
    for key in 0..MESSAGES {
        ann.send(json!({ "key": key.to_string(), "text": text }).to_string()).await;
        let said = ann.json().await;
        assert_eq!((said["type"].as_str(), said["key"].as_str()), (Some("said"), Some(&*key.to_string())));
    }

    // What it is told adds up: nothing is lost without its knowledge, and the latest is there.
    let (mut heard, mut missed) = (0, 0);
    while heard + missed < MESSAGES as u64 {
        let event = slow.json().await;
        match event["type"].as_str() {
            Some("said") => {
                assert_eq!(event["key"].as_str(), Some(&*(heard + missed).to_string()));
                heard += 1;
            }
            Some("missed") => missed += event["count"].as_u64().expect("a number"),
            _ => panic!("{event}"),
        }
    }
    assert!(missed > 0 && heard > 0, "{heard} heard, {missed} missed");
    example.stop([ann, slow]).await;
}

#[tokio::test]
async fn counter() {
    let example = Example::start(env!("CARGO_BIN_EXE_counter")).await;
    example.check_page("<h1>Counters</h1>").await;
    let mut client = example.connect("/ws").await;
    let mut other = example.connect("/ws").await;

    // Several at once. Every reply has the id of its request: a number, a text, or none.
    for request in [
        json!({ "type": "add", "id": 1, "name": "apples", "by": 2 }),
        json!({ "type": "get", "id": "two", "name": "pears" }),
        json!({ "by": -5, "name": "apples", "id": 3, "type": "add" }),
        json!({ "type": "get", "name": "apples" }),
    ] {
        client.send(request.to_string()).await;
    }
    assert_eq!(client.json().await, json!({ "id": 1, "type": "value", "name": "apples", "value": 2 }));
    let unknown = "nobody has added to this counter";
    let error = json!({ "type": "$error", "id": "two", "code": "unknown_counter", "message": unknown });
    assert_eq!(client.json().await, error);
    assert_eq!(client.json().await, json!({ "id": 3, "type": "value", "name": "apples", "value": -3 }));
    assert_eq!(client.json().await, json!({ "type": "value", "name": "apples", "value": -3 }));

    // The counters are everybody's.
    other.send(json!({ "type": "reset", "id": 1, "name": "apples" }).to_string()).await;
    assert_eq!(other.json().await, json!({ "id": 1, "type": "reset", "name": "apples", "was": -3 }));
    client.send(json!({ "type": "get", "id": 4, "name": "apples" }).to_string()).await;
    assert_eq!(client.json().await, json!({ "id": 4, "type": "value", "name": "apples", "value": 0 }));

    // What goes wrong is answered, and changes nothing.
    let limit = (1_i64 << 53) - 1;
    for (request, code) in [
        (json!({ "type": "add", "name": "apples", "by": limit }), None),
        (json!({ "type": "add", "name": "apples", "by": 1 }), Some("overflow")),
        (json!({ "type": "add", "name": "apples", "by": i64::MAX }), Some("overflow")),
        (json!({ "type": "add", "name": "", "by": 1 }), Some("bad_name")),
        (json!({ "type": "add", "name": "x".repeat(33), "by": 1 }), Some("bad_name")),
        (json!({ "type": "reset", "name": "pears" }), Some("unknown_counter")),
        (json!({ "type": "double", "name": "apples" }), Some("unknown_tag")),
        (json!({ "type": "add", "name": "apples" }), Some("missing_field")),
        (json!({ "type": "add", "name": "apples", "by": 0.5 }), Some("invalid_type")),
        (json!({ "name": "apples" }), Some("missing_tag")),
    ] {
        client.send(request.to_string()).await;
        assert_eq!(client.json().await["code"].as_str(), code, "{request}");
    }
    client.send(json!({ "type": "get", "id": 5, "name": "apples" }).to_string()).await;
    assert_eq!(client.json().await, json!({ "id": 5, "type": "value", "name": "apples", "value": limit }));

    // Names are the clients' choice; how many there may be is not.
    let mut greedy = example.connect("/ws").await;
    for name in 1..1_000 {
        greedy.send(json!({ "type": "add", "name": name.to_string(), "by": 1 }).to_string()).await;
        assert_eq!(greedy.json().await["value"], 1);
    }
    greedy.send(json!({ "type": "add", "name": "1000", "by": 1 }).to_string()).await;
    assert_eq!(greedy.json().await["code"], "too_many_counters");
    greedy.send(json!({ "type": "add", "name": "1", "by": 1 }).to_string()).await;
    assert_eq!(greedy.json().await["value"], 2);

    // Binary messages are of no kind; and who sends nothing but nonsense is shown the door.
    greedy.send(Message::Binary(vec![1].into())).await;
    assert_eq!(u16::from(greedy.closed().await.expect("a close frame with a code").code), 1003);
    for _ in 0..10 {
        other.send("not JSON").await;
        assert_eq!(other.json().await["code"], "invalid_json");
    }
    other.send("not JSON").await;
    assert_eq!(u16::from(other.closed().await.expect("a close frame with a code").code), 1008);

    // What was asked before the close frame is answered before it is.
    let mut leaving = example.connect("/ws").await;
    leaving.send(json!({ "type": "get", "id": 6, "name": "apples" }).to_string()).await;
    within(leaving.0.close(None)).await.expect("the connection is open");
    assert_eq!(leaving.json().await["id"], 6);
    leaving.closed().await;

    example.stop([client]).await;
}

/// Somebody in a room of `typed_chat`, who hears all that happens there, in order and without a gap.
struct Guest {
    client: Client<TcpStream>,
    you: u64,
    /// What came before the welcome, and between that and the news that it has joined.
    missed: Vec<Value>,
    meanwhile: Vec<Value>,
    members: Value,
    lost: bool,
    /// Where in the room's history it is.
    epoch: String,
    offset: u64,
}

impl Guest {
    async fn enter(example: &Example, room: &str, name: &str) -> Self {
        Self::come(example.connect(&format!("/ws/{room}/{name}")).await, name, None).await
    }

    async fn come_back(example: &Example, room: &str, name: &str, after: (&str, u64)) -> Self {
        let (epoch, offset) = after;
        let client = example.connect(&format!("/ws/{room}/{name}?after={epoch}.{offset}")).await;
        Self::come(client, name, Some(after)).await
    }

    /// Reads what a newcomer is told: what it missed, the welcome, and that it has joined.
    async fn come(client: Client<TcpStream>, name: &str, after: Option<(&str, u64)>) -> Self {
        let (epoch, offset) = after.unwrap_or_default();
        let mut guest = Self {
            client,
            you: 0,
            missed: Vec::new(),
            meanwhile: Vec::new(),
            members: Value::Null,
            lost: false,
            epoch: epoch.to_owned(),
            offset,
        };
        loop {
            let mut event = guest.client.json().await;
            if event["type"] == "welcome" {
                assert_eq!((guest.you, event.get("$at")), (0, None), "one, and nobody else's: {event}");
                guest.you = event["you"].as_u64().expect("a number");
                guest.members = event["members"].take();
                guest.lost = event["lost"].as_bool().expect("yes or no");
            } else if guest.you > 0 && event["who"] == guest.you {
                if after.is_none() || guest.lost {
                    (guest.epoch, guest.offset) = position(&event);
                    guest.offset -= 1;
                }
                let joined = json!({ "type": "joined", "who": guest.you, "name": name });
                assert_eq!(guest.placed(event), joined);
                return guest;
            } else {
                let event = guest.placed(event);
                if guest.you == 0 { &mut guest.missed } else { &mut guest.meanwhile }.push(event);
            }
        }
    }

    /// What happens next in the room.
    #[track_caller]
    fn hears(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let event = self.client.json().await;
            assert!(event.get("$at").is_some(), "{caller}: this does not happen in the room: {event}");
            self.placed(event)
        }
    }

    /// Moves on to an event, which must be the next one.
    fn placed(&mut self, event: Value) -> Value {
        let (epoch, offset) = position(&event);
        assert_eq!((&epoch, offset), (&self.epoch, self.offset + 1), "{event}");
        self.offset = offset;
        without_place(event)
    }

    fn at(&self) -> (&str, u64) {
        (&self.epoch, self.offset)
    }

    /// Says something, and hears it like everybody else; the reply.
    async fn says(&mut self, key: &str, text: &str) -> Value {
        self.client.send(say(key, text)).await;
        let heard = self.hears().await;
        assert_eq!((&heard["key"], &heard["text"]), (&key.into(), &text.into()));
        self.client.json().await
    }
}

fn say(key: &str, text: &str) -> String {
    json!({ "type": "say", "id": key, "key": key, "text": text }).to_string()
}

/// The epoch and the offset of an event.
fn position(event: &Value) -> (String, u64) {
    let at = event["$at"].as_str().unwrap_or_else(|| panic!("no position: {event}"));
    let (epoch, offset) = at.split_once('.').expect("epoch and offset");
    (epoch.to_owned(), offset.parse().expect("a number"))
}

fn without_place(mut event: Value) -> Value {
    event.as_object_mut().expect("an object").remove("$at");
    event
}

fn joined(guest: &Guest, name: &str) -> Value {
    json!({ "type": "joined", "who": guest.you, "name": name })
}

fn left(who: u64, name: &str) -> Value {
    json!({ "type": "left", "who": who, "name": name })
}

fn said(name: &str, key: &str, text: &str) -> Value {
    json!({ "type": "said", "name": name, "key": key, "text": text })
}

fn delivered(key: &str, to: usize) -> Value {
    json!({ "id": key, "type": "delivered", "to": to })
}

#[tokio::test]
async fn typed_chat() {
    let example = Example::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    example.check_page("<h1>Typed chat</h1>").await;

    // Who is here, and in which room.
    let mut ann = Guest::enter(&example, "lobby", "ann").await;
    assert_eq!((&ann.members, ann.lost, &*ann.missed), (&json!([[ann.you, "ann"]]), false, &[][..]));
    let mut bob = Guest::enter(&example, "lobby", "bob").await;
    assert_eq!(bob.members, json!([[ann.you, "ann"], [bob.you, "bob"]]));
    assert_eq!(bob.missed, [] as [Value; 0], "it is new: it has missed nothing");
    assert_eq!(ann.hears().await, joined(&bob, "bob"));
    let mut eve = Guest::enter(&example, "attic", "eve").await;
    assert_eq!(eve.members, json!([[eve.you, "eve"]]));

    // To all in the room, the speaker too, and never into another: eve's first message is her own.
    assert_eq!(ann.says("a1", "hi").await, delivered("a1", 1));
    assert_eq!(bob.hears().await, said("ann", "a1", "hi"));
    assert_eq!(bob.says("b1", "hi ann").await, delivered("b1", 1));
    assert_eq!(ann.hears().await, said("bob", "b1", "hi ann"));
    assert_eq!(eve.says("e1", "alone").await, delivered("e1", 0));

    // Limits are answered with errors, and nobody else hears of it.
    for (request, code) in [
        (say("a2", ""), "bad_length"),
        (say("a3", &"é".repeat(501)), "bad_length"),
        (json!({ "type": "say", "id": 4, "key": "", "text": "no key" }).to_string(), "bad_length"),
        (say(&"k".repeat(65), "a long key"), "bad_length"),
        (json!({ "type": "say", "id": 5, "text": "no key" }).to_string(), "missing_field"),
        (json!({ "type": "shout", "id": 6 }).to_string(), "unknown_tag"),
        (json!({ "type": "say", "id": 7, "key": "a7", "text": 7 }).to_string(), "invalid_type"),
    ] {
        let id = serde_json::from_str::<Value>(&request).expect("JSON")["id"].take();
        ann.client.send(request).await;
        let error = ann.client.json().await;
        assert_eq!((&error["type"], &error["id"], &error["code"]), (&"$error".into(), &id, &code.into()));
    }
    let (key, text) = ("k".repeat(64), "é".repeat(500));
    assert_eq!(ann.says(&key, &text).await, delivered(&key, 1));
    assert_eq!(bob.hears().await, said("ann", &key, &text));

    // What is wrong with a request is answered before the upgrade.
    let long = "x".repeat(33);
    for (path, status, reason) in [
        (format!("/ws/{long}/ann"), 400, "a room has 1 to 32 characters"),
        (format!("/ws/lobby/{}", &long[..25]), 400, "a name has 1 to 24 characters"),
        ("/ws/lobby/ann?after=".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/ann?after=1".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/ann?after=1.-1".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/ann?after=1.1&after=1.2".into(), 400, ""),
        ("/ws/lobby/".into(), 404, ""),
        ("/ws/lobby".into(), 404, ""),
    ] {
        let (refused, text) = example.refusal(example.request(&path)).await;
        assert!(refused == status && text.contains(reason), "{path}: {refused} {text}");
    }

    // Every way out is heard of: asked for, closed by the peer, lost without a word.
    bob.client.send(json!({ "type": "leave" }).to_string()).await;
    let frame = bob.client.closed().await.expect("a close frame with a code");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1000, "you left"));
    assert_eq!(ann.hears().await, left(bob.you, "bob"));
    for lost in [false, true] {
        let cat = Guest::enter(&example, "lobby", "cat").await;
        assert_eq!(ann.hears().await, joined(&cat, "cat"));
        if lost {
            drop(cat.client)
        } else {
            drop(cat.client.close().await)
        }
        assert_eq!(ann.hears().await, left(cat.you, "cat"));
    }

    example.stop([ann.client, eve.client]).await;
}

#[tokio::test]
async fn typed_chat_brings_back_what_was_missed() {
    let example = Example::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = Guest::enter(&example, "lobby", "ann").await;
    let mut bob = Guest::enter(&example, "lobby", "bob").await;
    assert_eq!(ann.hears().await, joined(&bob, "bob"));
    bob.says("b1", "before").await;
    assert_eq!(ann.hears().await, said("bob", "b1", "before"));

    // ann is cut off before she hears that she was heard.
    ann.client.send(say("a1", "am I heard?")).await;
    assert_eq!(bob.hears().await, said("ann", "a1", "am I heard?"));
    let (first, epoch, offset) = (ann.you, ann.epoch.clone(), ann.offset);
    drop(ann.client);
    assert_eq!(bob.hears().await, left(first, "ann"));
    bob.says("b2", "you are").await;
    let mut cat = Guest::enter(&example, "lobby", "cat").await;
    assert_eq!(cat.missed, [] as [Value; 0]);
    assert_eq!(bob.hears().await, joined(&cat, "cat"));

    // She comes back: exactly that, once, then the welcome, then what happens from then on.
    let after = (&*epoch, offset);
    let mut ann = Guest::come_back(&example, "lobby", "ann", after).await;
    let missed = [
        said("ann", "a1", "am I heard?"),
        left(first, "ann"),
        said("bob", "b2", "you are"),
        joined(&cat, "cat"),
    ];
    assert_eq!((&*ann.missed, ann.lost), (&missed[..], false));
    assert_eq!(ann.members, json!([[bob.you, "bob"], [cat.you, "cat"], [ann.you, "ann"]]));
    for other in [&mut bob, &mut cat] {
        assert_eq!(other.hears().await, joined(&ann, "ann"));
    }
    assert_eq!(bob.says("b3", "there you are").await, delivered("b3", 2));
    for other in [&mut ann, &mut cat] {
        assert_eq!(other.hears().await, said("bob", "b3", "there you are"));
    }

    // A second time, while the old connection is still there: for a while she is here twice.
    let mut again = Guest::come_back(&example, "lobby", "ann", ann.at()).await;
    assert_eq!((&*again.missed, again.lost), (&[][..], false), "she has seen everything");
    let members = json!([[bob.you, "bob"], [cat.you, "cat"], [ann.you, "ann"], [again.you, "ann"]]);
    assert_eq!(again.members, members);
    for other in [&mut ann, &mut bob, &mut cat] {
        assert_eq!(other.hears().await, joined(&again, "ann"));
    }
    drop(ann.client);
    for other in [&mut again, &mut bob, &mut cat] {
        assert_eq!(other.hears().await, left(ann.you, "ann"));
    }

    // The room remembers when nobody is there any more.
    cat.client.close().await;
    assert_eq!(bob.hears().await, left(cat.you, "cat"));
    drop(again.client);
    assert_eq!(bob.hears().await, left(again.you, "ann"));
    let (bob_id, epoch, offset) = (bob.you, bob.epoch.clone(), bob.offset);
    bob.client.close().await;
    let mut bob = Guest::come_back(&example, "lobby", "bob", (&epoch, offset)).await;
    assert!(!bob.lost);
    // That his first connection has ended is told at its end: before he is back, or only now.
    let last = match bob.missed.pop().or(bob.meanwhile.pop()) {
        Some(event) => event,
        None => bob.hears().await,
    };
    assert_eq!((last, bob.missed.len() + bob.meanwhile.len()), (left(bob_id, "bob"), 0));
    example.stop([bob.client]).await;
}

/// What cannot be brought back is told, and the room goes on: there is never a hole that nobody knows of.
#[tokio::test]
async fn typed_chat_says_so_if_something_was_lost() {
    let example = Example::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = Guest::enter(&example, "lobby", "ann").await;
    let start = (ann.epoch.clone(), ann.offset);

    // Another life of the room, as after a restart of the server; or a place that is yet to come.
    let restarted = Example::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let other = Guest::come_back(&restarted, "lobby", "ann", ann.at()).await;
    assert!(other.lost && other.missed.is_empty() && other.epoch != ann.epoch);
    for at in [(&*other.epoch, 0), (&*start.0, 1_000), (&*start.0, u64::MAX)] {
        let mut bob = Guest::come_back(&example, "lobby", "bob", at).await;
        assert!(bob.lost && bob.missed.is_empty(), "{at:?}");
        assert_eq!(bob.members, json!([[ann.you, "ann"], [bob.you, "bob"]]));
        assert_eq!(ann.hears().await, joined(&bob, "bob"));
        ann.says("a1", "never mind").await;
        assert_eq!(bob.hears().await, said("ann", "a1", "never mind"));
        bob.client.close().await;
        assert_eq!(ann.hears().await, left(bob.you, "bob"));
    }

    // More than the room remembers.
    for number in 0..1_000 {
        ann.says(&number.to_string(), "and so on").await;
    }
    let late = Guest::come_back(&example, "lobby", "late", (&start.0, start.1)).await;
    assert!(late.lost && late.missed.is_empty());
    assert_eq!(ann.hears().await, joined(&late, "late"));
    let at = ann.offset - 999;
    let just = Guest::come_back(&example, "lobby", "just", (&start.0, at)).await;
    assert_eq!((just.missed.len(), just.lost), (999, false));

    restarted.stop([other.client]).await;
    example.stop([ann.client, late.client, just.client]).await;
}

/// A member that does not read is out when too much waits for it, or for too long; the others hear everything. It gets what its
/// outbox held, is told why that is all, and comes back for the rest.
#[tokio::test]
async fn typed_chat_closes_who_is_too_slow() {
    let example = Example::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = Guest::enter(&example, "lobby", "ann").await;
    let mut bob = Guest::enter(&example, "lobby", "bob").await;
    assert_eq!(ann.hears().await, joined(&bob, "bob"));

    // A small receive buffer, so that little is under way.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(16 << 10).expect("the buffer is set");
    let stream = within(socket.connect(example.addr)).await.expect("the example accepts");
    let (slow, _) =
        within(client_async(example.request("/ws/lobby/slow"), stream)).await.expect("the upgrade succeeds");
    let mut slow = Guest::come(Client(slow), "slow", None).await;
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.hears().await, joined(&slow, "slow"));
    }

    // Numbered texts, 2,000 bytes each, until the slow one is out.
    let text = |number: usize| format!("{number:🦀>500}");
    let mut count = 0;
    loop {
        let key = count.to_string();
        let reply = ann.says(&key, &text(count)).await;
        assert_eq!(bob.hears().await, said("ann", &key, &text(count)));
        count += 1;
        if reply != delivered(&key, 2) {
            assert_eq!(reply, delivered(&key, 1));
            break;
        }
        assert!(count < 20_000, "it is never full");
    }

    // The rest of the room goes on without it.
    ann.says("last", "without you").await;
    assert_eq!(bob.hears().await, said("ann", "last", "without you"));

    // What its outbox held, without a gap; then the reason.
    let mut heard = 0;
    let frame = loop {
        match within(slow.client.0.next()).await.expect("more before the end").expect("no error") {
            Message::Text(event) => {
                let event = slow.placed(serde_json::from_str(&event).expect("JSON"));
                assert_eq!(event["text"], text(heard));
                heard += 1;
            }
            Message::Close(frame) => break frame.expect("a close frame with a code"),
            other => panic!("no text: {other:?}"),
        }
    };
    assert!((1..count).contains(&heard), "{heard} of {count} texts");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1013, "lagged"));
    slow.client.closed().await;
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.hears().await, left(slow.you, "slow"));
    }

    // Nothing is lost to it.
    let back = Guest::come_back(&example, "lobby", "slow", slow.at()).await;
    let mut missed: Vec<_> =
        (heard..count).map(|number| said("ann", &number.to_string(), &text(number))).collect();
    missed.extend([said("ann", "last", "without you"), left(slow.you, "slow")]);
    assert_eq!((&*back.missed, back.lost), (&missed[..], false));
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.hears().await, joined(&back, "slow"));
    }
    example.stop([ann.client, bob.client, back.client]).await;
}

#[tokio::test]
async fn auth() {
    let example = Example::start(env!("CARGO_BIN_EXE_auth")).await;
    example.check_page("<h1>Log in</h1>").await;
    let with_cookie = |path: &str, cookie: &str| {
        let mut request = example.request(path);
        request.headers_mut().insert("cookie", format!("a=b; {cookie}").parse().expect("a header value"));
        request
    };

    // 401 before the upgrade: no token, or a wrong one, by query or by cookie.
    let refused = (401, "log in first".to_owned());
    assert_eq!(example.refusal(example.request("/ws/lobby")).await, refused);
    assert_eq!(example.refusal(example.request("/ws/lobby?token=guess")).await, refused);
    assert_eq!(example.refusal(with_cookie("/ws/lobby", "session_id=guess")).await, refused);

    let wrong = json!({ "user": "bob", "password": "guess" }).to_string();
    let json = "Content-Type: application/json\r\n";
    let (head, _) = example.http("POST", "/login", json, &wrong).await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let login = |user, password| json!({ "user": user, "password": password }).to_string();
    let (head, body) = example.http("POST", "/login", json, &login("bob", "builder")).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.contains("; HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a name and a value");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let token = body["token"].as_str().expect("a token");

    // 403 for bob, and not for alice.
    assert_eq!(example.refusal(with_cookie("/ws/staff", cookie)).await, (403, "staff only".into()));
    assert_eq!(example.refusal(with_cookie("/ws/cellar", cookie)).await.0, 404);
    let (_, body) = example.http("POST", "/login", json, &login("alice", "wonderland")).await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let alice = body["token"].as_str().expect("a token");
    let mut alice = example.connect(&format!("/ws/staff?token={alice}")).await;
    assert_eq!(alice.text().await, "Welcome to the staff, alice.");

    // The page can ask why it was refused.
    let cookie_header = format!("Cookie: {cookie}\r\n");
    for (path, headers, status) in [
        ("/access/lobby", "", "401"),
        ("/access/staff", &*cookie_header, "403"),
        ("/access/lobby", &*cookie_header, "200"),
    ] {
        let (head, _) = example.http("GET", path, headers, "").await;
        assert_eq!(head.split(' ').nth(1), Some(status), "{path}");
    }

    // By either way in; the logout ends both connections, and the token.
    let mut by_cookie =
        example.handshake(with_cookie("/ws/lobby", cookie)).await.expect("the upgrade succeeds");
    assert_eq!(by_cookie.text().await, "Welcome to the lobby, bob.");
    let mut by_query = example.connect(&format!("/ws/lobby?token={token}")).await;
    assert_eq!(by_query.text().await, "Welcome to the lobby, bob.");
    by_query.send("hi").await;
    assert_eq!(by_query.text().await, "bob: hi");
    let (head, _) = example.http("POST", "/logout", &cookie_header, "").await;
    assert!(head.starts_with("HTTP/1.1 204 "), "{head}");
    for mut client in [by_cookie, by_query] {
        let frame = client.closed().await.expect("a close frame with a code");
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (3000, "logged out"));
    }
    assert_eq!(example.refusal(example.request(&format!("/ws/lobby?token={token}"))).await, refused);

    example.stop([alice]).await;
}

#[tokio::test]
async fn tls() {
    let example = Example::start_at(env!("CARGO_BIN_EXE_tls"), "https").await;
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(crypto::ring::default_provider())))
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::from(example.addr.ip());
    let open = async || within(connector.connect(name.clone(), example.stream().await)).await.expect("TLS");

    let (head, page) = exchange(open().await, &request_text(example.addr, "GET", "/", "", "")).await;
    assert!(head.starts_with("HTTP/1.1 200 ") && page.contains("<h1>Echo over TLS</h1>"), "{head}");

    let url = format!("wss://{}/ws", example.addr);
    let (socket, _) = within(client_async(url, open().await)).await.expect("the upgrade succeeds");
    let mut client = Client(socket);
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
    example.stop([client]).await;
}

/// The certificate was made a moment ago: nobody can know it.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[tokio::test]
async fn axum_app() {
    let example = Example::start(env!("CARGO_BIN_EXE_axum_app")).await;
    example.check_page("<h1>Counter</h1>").await;
    let mut first = example.connect("/ws").await;
    assert_eq!(first.text().await, "0");
    let (head, _) = example.http("POST", "/count", "", "").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(first.text().await, "1");
    assert_eq!(example.get("/count").await, "1");
    let mut second = example.connect("/ws").await;
    assert_eq!(second.text().await, "1");
    second.close().await;
    example.stop([first]).await;
}

#[tokio::test]
async fn batch() {
    let example = Example::start(env!("CARGO_BIN_EXE_batch")).await;
    example.check_page("<h1>Batches</h1>").await;
    let mut client = example.connect("/ws").await;

    // By size: the second batch would be there after the timeout only, so the first cannot have waited for it.
    for number in 0..5 {
        client.send(number.to_string()).await;
    }
    assert_eq!(client.json().await, json!({ "stored": 5 }));

    // By timeout: half a second after the first message, and not before.
    let begun = Instant::now();
    client.send("a").await;
    client.send("b").await;
    assert_eq!(client.json().await, json!({ "stored": 2 }));
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());

    // What is pending holds up nobody who leaves.
    let mut leaving = example.connect("/ws").await;
    leaving.send("last words").await;
    leaving.close().await;

    example.stop([client]).await;
}

#[tokio::test]
async fn metrics() {
    let example = Example::start(env!("CARGO_BIN_EXE_metrics")).await;
    example.check_page("<h1>Metrics</h1>").await;
    let mut client = example.connect("/ws").await;
    client.send("quiet").await;
    assert_eq!(client.text().await, "QUIET");
    let (head, _) = example.http("GET", "/ws", "", "").await;
    assert!(head.starts_with("HTTP/1.1 426 "), "{head}");

    // What is counted is told when the connection rests, which may be after its reply has arrived.
    let shown = async |lines: &[&str]| {
        let shown = async {
            loop {
                let metrics = example.get("/metrics").await;
                if lines.iter().all(|line| metrics.lines().any(|shown| shown == *line)) {
                    return metrics;
                }
            }
        };
        within(shown).await
    };
    let metrics = shown(&[
        r#"ignitia_connections{route="/ws"} 1"#,
        r#"ignitia_handshakes_total{route="/ws",outcome="upgraded"} 1"#,
        r#"ignitia_handshakes_total{route="/ws",outcome="not_websocket"} 1"#,
        r#"ignitia_messages_total{route="/ws",direction="in"} 1"#,
        r#"ignitia_messages_total{route="/ws",direction="out"} 1"#,
        r#"ignitia_handler_seconds_count{route="/ws"} 1"#,
    ])
    .await;
    assert!(metrics.contains("# HELP ignitia_connections WebSocket connections that are open"), "{metrics}");
    assert!(metrics.contains(r#"ignitia_handler_seconds_bucket{route="/ws",le="+Inf"} 1"#), "{metrics}");

    client.close().await;
    shown(&[
        r#"ignitia_connections{route="/ws"} 0"#,
        r#"ignitia_connections_closed_total{route="/ws",cause="peer",code="none"} 1"#,
    ])
    .await;
    let client = example.connect("/ws").await;
    example.stop([client]).await;
}

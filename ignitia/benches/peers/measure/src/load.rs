//! The load, in a process of its own: it prints what one unit cost the server.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::{JoinSet, LocalSet},
    time::sleep,
};

use crate::{
    cost::Process,
    frames::{Frames, frame},
    scenarios::{Load, Message, Scenario},
};

pub const SUBCOMMAND: &str = "load";

/// What a connection's first messages cost is not counted.
const WARM_UP: Duration = Duration::from_millis(500);

/// How many connections are opened at a time.
const AT_ONCE: usize = 64;

/// `SCENARIO PORT PROCESS SECONDS`
pub fn main(mut arguments: impl Iterator<Item = String>) {
    let scenario = arguments.next().and_then(|name| Scenario::find(&name)).expect("measure knows it");
    let Place { port, server, span } = Place::parse(arguments);
    let target = Target { port, path: scenario.path().into() };
    let cost = run(async {
        match scenario.load {
            Load::Echo { connections, window, message } => {
                let messages = echo(target, connections, window, message).await;
                per_unit(server, span, &messages).await.each
            }
            Load::Fan { members, window, message } => {
                let deliveries = fan(target, members, window, message).await;
                per_unit(server, span, &deliveries).await.each
            }
            Load::Handshake { at_once, count } => handshakes(target, server, at_once, count).await.each,
            Load::Idle { connections } => idle(target, server, connections).await,
        }
    });
    println!("{cost}");
}

/// What every load is told: `PORT PROCESS SECONDS`.
pub struct Place {
    pub port: u16,
    pub server: Process,
    pub span: Duration,
}

impl Place {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut next = || arguments.next().expect("measure passes them");
        Self {
            port: next().parse().expect("a port"),
            server: Process(next().parse().expect("a process")),
            span: Duration::from_secs_f64(next().parse().expect("seconds")),
        }
    }
}

/// Runs a load on this thread.
pub fn run<R>(load: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(load))
}

#[derive(Clone)]
pub struct Target {
    pub port: u16,
    pub path: Rc<str>,
}

impl Target {
    pub async fn connect(self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a TCP option");
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.path
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        // Nothing comes behind the answer: it may be read in large pieces.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let n = stream.read_buf(&mut answer).await.expect("the server answers");
            assert!(n > 0, "the server closed");
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        stream
    }

    pub async fn connect_all(&self, connections: usize) -> Vec<TcpStream> {
        let mut streams = Vec::with_capacity(connections);
        while streams.len() < connections {
            let mut opening = JoinSet::new();
            for _ in 0..AT_ONCE.min(connections - streams.len()) {
                opening.spawn_local(self.clone().connect());
            }
            streams.extend(opening.join_all().await);
        }
        streams
    }
}

pub type Counter = Rc<Cell<usize>>;

/// What units cost.
pub struct Cost {
    /// CPU time of each, in microseconds.
    pub each: f64,
    /// How many there were in a second.
    pub rate: f64,
}

/// CPU time per unit that is counted, once everything is warm.
pub async fn per_unit(server: Process, span: Duration, counter: &Counter) -> Cost {
    sleep(WARM_UP).await;
    let (cpu, units, start) = (server.cpu(), counter.get(), Instant::now());
    sleep(span).await;
    let units = (counter.get() - units) as f64;
    Cost { each: (server.cpu() - cpu) / units, rate: units / start.elapsed().as_secs_f64() }
}

pub async fn read(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut [u8]) -> usize {
    let n = stream.read(buffer).await.expect("the server answers");
    assert!(n > 0, "the server closed");
    n
}

/// Starts connections that send one message for every one that comes back.
pub async fn echo(target: Target, connections: usize, window: usize, message: Message) -> Counter {
    let messages = Counter::default();
    let frame = frame(message);
    let burst: Rc<[u8]> = frame.repeat(window).into();
    for mut stream in target.connect_all(connections).await {
        let (messages, burst, length) = (messages.clone(), burst.clone(), frame.len());
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; length.clamp(16 << 10, 256 << 10)];
            let (mut frames, mut due) = (Frames::default(), window);
            loop {
                stream.write_all(&burst[..due * length]).await.expect("the server reads");
                due = 0;
                while due == 0 {
                    let n = read(&mut stream, &mut buffer).await;
                    due = frames.count(&buffer[..n]);
                }
                messages.set(messages.get() + due);
            }
        });
    }
    messages
}

/// The messages that not everybody has: how many are still to get each.
struct Rounds {
    missing: VecDeque<usize>,
    /// The number of the first of them.
    first: usize,
}

/// Starts members, one of which sends a message for each that has reached all of them.
pub async fn fan(target: Target, members: usize, window: usize, message: Message) -> Counter {
    let deliveries = Counter::default();
    let rounds = Rc::new(RefCell::new(Rounds { missing: vec![members; window].into(), first: 0 }));
    let due = Rc::new((Cell::new(window), Notify::new()));
    let mut publisher = None;
    for stream in target.connect_all(members).await {
        let (mut reading, writing) = stream.into_split();
        // Dropped, it would end its direction.
        if let Some(writing) = publisher.replace(writing) {
            writing.forget();
        }
        let (deliveries, rounds, due) = (deliveries.clone(), rounds.clone(), due.clone());
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; 16 << 10];
            let (mut frames, mut received) = (Frames::default(), 0);
            loop {
                let n = read(&mut reading, &mut buffer).await;
                let got = frames.count(&buffer[..n]);
                deliveries.set(deliveries.get() + got);
                let mut rounds = rounds.borrow_mut();
                for _ in 0..got {
                    let place = received - rounds.first;
                    rounds.missing[place] -= 1;
                    received += 1;
                }
                while rounds.missing.front() == Some(&0) {
                    rounds.missing.pop_front();
                    rounds.missing.push_back(members);
                    rounds.first += 1;
                    due.0.set(due.0.get() + 1);
                    due.1.notify_one();
                }
            }
        });
    }
    let mut publisher = publisher.expect("there are members");
    let frame = frame(message);
    tokio::task::spawn_local(async move {
        loop {
            let burst = frame.repeat(due.0.take());
            publisher.write_all(&burst).await.expect("the server reads");
            due.1.notified().await;
        }
    });
    deliveries
}

/// CPU time per connection that is opened and closed.
pub async fn handshakes(target: Target, server: Process, at_once: usize, count: usize) -> Cost {
    let open_and_close = async |count: usize| {
        let mut clients = JoinSet::new();
        for _ in 0..at_once {
            let target = target.clone();
            clients.spawn_local(async move {
                for _ in 0..count / at_once {
                    let mut stream = target.clone().connect().await;
                    stream.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.expect("the server reads");
                    // Some servers end by a reset.
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                }
            });
        }
        clients.join_all().await;
    };
    open_and_close(count / 10).await;
    let (cpu, start) = (server.cpu(), Instant::now());
    open_and_close(count).await;
    let count = (count / at_once * at_once) as f64;
    Cost { each: (server.cpu() - cpu) / count, rate: count / start.elapsed().as_secs_f64() }
}

/// Memory per connection that has echoed a message and is quiet.
async fn idle(target: Target, server: Process, connections: usize) -> f64 {
    let memory = server.memory();
    let message = frame(Message::Text(20));
    let mut streams = target.connect_all(connections).await;
    for stream in &mut streams {
        stream.write_all(&message).await.expect("the server reads");
        stream.read_exact(&mut [0; 22]).await.expect("the server answers");
    }
    sleep(Duration::from_secs(1)).await;
    (server.memory() - memory) / connections as f64
}

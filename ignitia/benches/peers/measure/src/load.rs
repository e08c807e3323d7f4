//! Parts of all loads: arguments, connections, and counted units.

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
    compression_mode::CompressionMode,
    frames::{FrameCounter, TestMessage, frame},
    process_stats::ProcessStats,
};

/// Time before a measurement, for the first messages of new connections.
pub const WARM_UP: Duration = Duration::from_millis(500);

/// Maximum number of spans to wait for a first unit.
const MAX_SPANS: usize = 10;

/// Maximum number of concurrent handshakes.
const MAX_HANDSHAKES: usize = 64;

/// Arguments of every load: `PORT PROCESS SECONDS`.
pub struct LoadArguments {
    pub port: u16,
    pub server: ProcessStats,
    pub span: Duration,
}

impl LoadArguments {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut next = || arguments.next().expect("measure passes them");
        Self {
            port: next().parse().expect("a port"),
            server: ProcessStats(next().parse().expect("a process")),
            span: Duration::from_secs_f64(next().parse().expect("seconds")),
        }
    }
}

/// Runs a load on this thread. A task that panics ends the process, and with it the measurement.
pub fn run<R>(load: impl Future<Output = R>) -> R {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        std::process::exit(101);
    }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(load))
}

/// A path on the server.
#[derive(Clone)]
pub struct ServerPath {
    pub port: u16,
    pub path: Rc<str>,
    /// Compression to negotiate.
    pub compression: CompressionMode,
}

impl ServerPath {
    pub async fn connect(self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a TCP option");
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.path,
            self.compression.offer_header()
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        // The server sends nothing after the answer, so large reads are safe.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let n = stream.read_buf(&mut answer).await.expect("the server answers");
            assert!(n > 0, "the server closed");
        }
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        self.compression.check_answer(&answer);
        stream
    }

    pub async fn connect_all(&self, connections: usize) -> Vec<TcpStream> {
        let mut streams = Vec::with_capacity(connections);
        while streams.len() < connections {
            let mut opening = JoinSet::new();
            for _ in 0..MAX_HANDSHAKES.min(connections - streams.len()) {
                opening.spawn_local(self.clone().connect());
            }
            streams.extend(opening.join_all().await);
        }
        streams
    }
}

/// Number of units so far.
pub type UnitCounter = Rc<Cell<usize>>;

/// Cost of units.
pub struct UnitCost {
    /// CPU time per unit, in microseconds.
    pub each: f64,
    /// Units per second.
    pub rate: f64,
}

/// Measures the CPU time per unit, after the warm-up.
pub async fn per_unit(server: ProcessStats, span: Duration, counter: &UnitCounter) -> UnitCost {
    sleep(WARM_UP).await;
    let (cpu, units, start) = (server.cpu(), counter.get(), Instant::now());
    // On a busy machine the load may have no turn in a short span.
    for _ in 0..MAX_SPANS {
        sleep(span).await;
        if counter.get() > units {
            break;
        }
    }
    let units = (counter.get() - units) as f64;
    assert!(units > 0.0, "the server stopped answering");
    UnitCost { each: (server.cpu() - cpu) / units, rate: units / start.elapsed().as_secs_f64() }
}

pub async fn read(stream: &mut (impl AsyncReadExt + Unpin), buffer: &mut [u8]) -> usize {
    let n = stream.read(buffer).await.expect("the server answers");
    assert!(n > 0, "the server closed");
    n
}

/// Opens connections that send a message for every echo, with `window` messages in flight.
pub async fn echo(
    target: ServerPath,
    connections: usize,
    window: usize,
    message: TestMessage,
) -> UnitCounter {
    let messages = UnitCounter::default();
    let frame = frame(message);
    let burst: Rc<[u8]> = frame.repeat(window).into();
    for mut stream in target.connect_all(connections).await {
        let (messages, burst, length) = (messages.clone(), burst.clone(), frame.len());
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; length.clamp(16 << 10, 256 << 10)];
            let (mut frames, mut due) = (FrameCounter::default(), window);
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

/// Messages that some members have not received yet.
struct FanOutProgress {
    /// Number of members that miss each message.
    missing: VecDeque<usize>,
    /// Number of the first of these messages.
    first: usize,
}

/// Opens members, one of which sends a message for each that has reached all of them.
pub async fn fan_out(target: ServerPath, members: usize, window: usize, message: TestMessage) -> UnitCounter {
    let deliveries = UnitCounter::default();
    let progress = Rc::new(RefCell::new(FanOutProgress { missing: vec![members; window].into(), first: 0 }));
    let due = Rc::new((Cell::new(window), Notify::new()));
    let mut publisher = None;
    for stream in target.connect_all(members).await {
        let (mut reading, writing) = stream.into_split();
        // Dropping the write half would shut down its direction.
        if let Some(writing) = publisher.replace(writing) {
            writing.forget();
        }
        let (deliveries, progress, due) = (deliveries.clone(), progress.clone(), due.clone());
        tokio::task::spawn_local(async move {
            let mut buffer = vec![0; 16 << 10];
            let (mut frames, mut received) = (FrameCounter::default(), 0);
            loop {
                let n = read(&mut reading, &mut buffer).await;
                let got = frames.count(&buffer[..n]);
                deliveries.set(deliveries.get() + got);
                let mut progress = progress.borrow_mut();
                for _ in 0..got {
                    let index = received - progress.first;
                    progress.missing[index] -= 1;
                    received += 1;
                }
                while progress.missing.front() == Some(&0) {
                    progress.missing.pop_front();
                    progress.missing.push_back(members);
                    progress.first += 1;
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

/// Measures the CPU time per connection that is opened and closed.
pub async fn handshakes(
    target: ServerPath,
    server: ProcessStats,
    concurrent: usize,
    count: usize,
) -> UnitCost {
    let open_and_close = async |count: usize| {
        let mut clients = JoinSet::new();
        for _ in 0..concurrent {
            let target = target.clone();
            clients.spawn_local(async move {
                for _ in 0..count / concurrent {
                    let mut stream = target.clone().connect().await;
                    stream.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.expect("the server reads");
                    // Some servers reset the connection.
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                }
            });
        }
        clients.join_all().await;
    };
    open_and_close(count / 10).await;
    let (cpu, start) = (server.cpu(), Instant::now());
    open_and_close(count).await;
    let count = (count / concurrent * concurrent) as f64;
    UnitCost { each: (server.cpu() - cpu) / count, rate: count / start.elapsed().as_secs_f64() }
}

//! The clients' side: populations that do one thing each, at the same time.

mod frames;
mod guests;
mod held;
mod hostile;
mod peer;
mod room;
mod streams;

use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{plan::Plan, process::Process, report::Counts, verdict};

/// What went wrong is told in words.
pub(crate) type Outcome<T> = Result<T, String>;

/// Faults that are kept: the first ones say what is wrong.
const FAULTS: usize = 20;

/// What all clients have in common.
#[derive(Clone)]
struct Clients(Arc<Inner>);

struct Inner {
    addr: SocketAddr,
    plan: Plan,
    /// No more of anything: who is held waits quietly.
    stop: CancellationToken,
    /// Half of those who are held close, before the server does.
    leave: CancellationToken,
    routes: Mutex<BTreeMap<String, Counts>>,
    faults: Mutex<Vec<String>>,
    numbers: AtomicU64,
}

/// Is dropped by every client that waits quietly.
type Busy = mpsc::Sender<()>;

impl Clients {
    fn count(&self, route: &str, counts: &Counts) {
        self.0.routes.lock().unwrap().entry(route.to_owned()).or_default().add(counts);
    }

    fn fault(&self, fault: String) {
        let mut faults = self.0.faults.lock().unwrap();
        if faults.len() < FAULTS {
            println!("!! {fault}");
            faults.push(fault);
        }
    }

    /// A number that nobody else has.
    fn number(&self) -> u64 {
        self.0.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A moment of at most so many milliseconds; `false` if there is no time left.
    async fn pause(&self, dice: &mut Dice, most: u64) -> bool {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(dice.roll(most))) => true,
            () = self.0.stop.cancelled() => false,
        }
    }

    fn spawn(self, tasks: &mut JoinSet<()>, client: impl Future<Output = Outcome<()>> + Send + 'static) {
        tasks.spawn(async move {
            if let Err(fault) = client.await {
                self.fault(fault);
            }
        });
    }

    /// Runs so many clients of one kind.
    fn run<F>(&self, tasks: &mut JoinSet<()>, count: usize, client: impl Fn(Self, Dice) -> F)
    where
        F: Future<Output = Outcome<()>> + Send + 'static,
    {
        for _ in 0..count {
            let client = client(self.clone(), Dice::new(self.number()));
            self.clone().spawn(tasks, client);
        }
    }

    /// Waits until no connection ends any more: they linger for a moment.
    async fn settle(&self) {
        let (mut last, mut steady) = (String::new(), 0);
        while steady < 30 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let mut stream = peer::tcp(self.0.addr, None).await.unwrap();
            let mut answer = String::new();
            let request = b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            stream.read_to_string(&mut answer).await.unwrap();
            let tasks = answer.rsplit("\r\n").next().unwrap_or_default().to_owned();
            steady = if tasks == last { steady + 1 } else { 0 };
            last = tasks;
        }
    }
}

pub(crate) async fn run(plan: Plan) -> ExitCode {
    println!("{} s, {} connections that are held", plan.seconds, plan.connections);
    let (server, addr) = Process::start(plan).await;
    let clients = Clients(Arc::new(Inner {
        addr,
        plan,
        stop: CancellationToken::new(),
        leave: CancellationToken::new(),
        routes: Mutex::default(),
        faults: Mutex::default(),
        numbers: AtomicU64::new(0),
    }));
    let begun = Instant::now();
    let step = |what: &str| println!("{:6.1} s  {what}", begun.elapsed().as_secs_f64());

    step("opening those that are held");
    let (busy, mut quiet) = mpsc::channel(1);
    let mut held = JoinSet::new();
    held::open(&clients, &mut held, &busy).await;
    drop(busy);

    step("and now everything else");
    let mut others = JoinSet::new();
    let some = plan.clients();
    clients.run(&mut others, some, guests::churn);
    clients.run(&mut others, some / 4, guests::trickle);
    clients.run(&mut others, some / 4, guests::flood);
    clients.run(&mut others, some / 4, guests::streams);
    clients.run(&mut others, some / 2, hostile::reset);
    clients.run(&mut others, some / 2, hostile::stall);
    clients.run(&mut others, some / 2, hostile::violate);
    clients.run(&mut others, some / 2, hostile::half_handshake);
    clients.run(&mut others, 10, room::slow_member);
    let half = Duration::from_secs(plan.seconds) / 2;
    tokio::time::sleep(half).await;

    // For so long that many pings are without an answer, and nobody's time is up.
    peer::PONGS_ARE_HELD.send_replace(true);
    tokio::time::sleep(plan.config().pong_timeout / 2).await;
    step("the server is frozen");
    server.signal("STOP");
    peer::PONGS_ARE_HELD.send_replace(false);
    tokio::time::sleep(plan.freeze()).await;
    server.signal("CONT");
    step("and goes on");
    tokio::time::sleep(half).await;

    step("no more of anything");
    clients.0.stop.cancel();
    others.join_all().await;
    while quiet.recv().await.is_some() {}
    step("half of those that are held close");
    clients.0.leave.cancel();
    clients.settle().await;

    step("SIGTERM");
    server.signal("TERM");
    held.join_all().await;
    step("everybody has seen the end");
    let report = server.end().await;
    step("the server is gone");

    let (routes, mut faults) = (clients.0.routes.lock().unwrap(), clients.0.faults.lock().unwrap());
    faults.extend(verdict::differences(plan, &routes, &report));
    for fault in faults.iter() {
        println!("FAULT: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A small deterministic source of numbers.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What one connection came to.
fn one(cause: &str) -> Counts {
    Counts { opened: 1, causes: BTreeMap::from([(cause.to_owned(), 1)]), ..Default::default() }
}

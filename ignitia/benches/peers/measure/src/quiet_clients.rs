//! Quiet connections that measure the latency of their echoes, alone and beside a flood.
//!
//! The flood shares the load's core, so the measurement must not depend on this process's share of
//! it: the clock stops at the kernel's timestamp of the echo, which the server's core takes as it
//! sends. The flood is a process of class `SCHED_IDLE`, which runs only while this one sleeps, so
//! it does not delay the messages either.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, IoSliceMut, Write},
    net::TcpStream,
    os::fd::AsRawFd,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use nix::sys::{
    epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
    socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns},
    time::TimeSpec,
    timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
};

use crate::{
    compression_mode::CompressionMode,
    flood_client,
    frames::{TestMessage, frame},
    load::{LoadArguments, ServerPath, WARM_UP, run},
};

pub const SUBCOMMAND: &str = "quiet";

/// Number of quiet connections.
const CONNECTIONS: usize = 100;

/// Time between two messages of one connection. The connections take turns at even distances.
const INTERVAL: Duration = Duration::from_millis(10);

/// Time to wait for echoes after the last message. Some servers never send them during the flood.
const ECHO_TIMEOUT: Duration = Duration::from_secs(1);

/// Bytes of one echo.
const REPLY: usize = 22;

/// Key of the timer, among the indices of the connections.
const TIMER: u64 = u64::MAX;

/// Runs with the arguments `PORT PROCESS SECONDS`: prints p50 and p99 alone, p50 and p99 beside the
/// flood, the flood's messages per second, and the fraction of the time for which the server ran.
pub fn main(arguments: impl Iterator<Item = String>) {
    let LoadArguments { port, server, span } = LoadArguments::parse(arguments);
    let mut all = QuietConnections::open(port);
    all.measure(WARM_UP);
    let alone = all.measure(span);
    let mut flood = Command::new("chrt")
        .args(["--idle", "0"])
        .arg(std::env::current_exe().expect("a path"))
        .args([
            flood_client::SUBCOMMAND,
            &port.to_string(),
            &server.0.to_string(),
            &span.as_secs_f64().to_string(),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("chrt is installed");
    sleep(WARM_UP);
    all.measure(WARM_UP);
    let (cpu, start) = (server.cpu(), Instant::now());
    let flooded = all.measure(span);
    let busy = (server.cpu() - cpu) / 1e6 / start.elapsed().as_secs_f64();
    let mut rate = String::new();
    let printed = BufReader::new(flood.stdout.take().expect("it is piped")).read_line(&mut rate);
    flood.kill().and_then(|()| flood.wait()).expect("the flood still runs");
    printed.expect("the flood prints its rate");
    let [a, b, c, d] = [(&alone, 50), (&alone, 99), (&flooded, 50), (&flooded, 99)]
        .map(|(latencies, percent)| percentile(latencies, percent));
    println!("{a} {b} {c} {d} {} {busy}", rate.trim());
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

/// Returns the time between two timestamps, in microseconds.
fn micros_between(sent: SystemTime, arrived: SystemTime) -> f64 {
    arrived.duration_since(sent).unwrap_or_default().as_secs_f64() * 1e6
}

struct QuietConnections {
    all: Vec<QuietConnection>,
    /// Index of the connection that sends next.
    next: usize,
    epoll: Epoll,
    timer: TimerFd,
}

struct QuietConnection {
    stream: TcpStream,
    /// Send times of the messages whose echoes are missing.
    sent: VecDeque<SystemTime>,
    /// Received bytes of an incomplete echo.
    received: usize,
}

impl QuietConnections {
    fn open(port: u16) -> Self {
        let target = ServerPath { port, path: "/".into(), compression: CompressionMode::Off };
        let streams = run(async {
            let streams = target.connect_all(CONNECTIONS).await.into_iter();
            streams.map(|stream| stream.into_std().expect("a socket")).collect::<Vec<_>>()
        });
        let epoll = Epoll::new(EpollCreateFlags::empty()).expect("a descriptor");
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::empty()).expect("a descriptor");
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER)).expect("a timer");
        for (i, stream) in streams.iter().enumerate() {
            setsockopt(stream, ReceiveTimestampns, &true).expect("a socket option");
            epoll.add(stream, EpollEvent::new(EpollFlags::EPOLLIN, i as u64)).expect("a socket");
        }
        let connection = |stream| QuietConnection { stream, sent: VecDeque::new(), received: 0 };
        Self { all: streams.into_iter().map(connection).collect(), next: 0, epoll, timer }
    }

    /// Sends for a while, and returns the latencies of the echoes in microseconds, sorted. A
    /// missing echo counts with the time up to now.
    fn measure(&mut self, span: Duration) -> Vec<f64> {
        let message = frame(TestMessage::Text(20));
        let gap = INTERVAL / self.all.len() as u32;
        let gap = Expiration::Interval(TimeSpec::from_duration(gap));
        self.timer.set(gap, TimerSetTimeFlags::empty()).expect("a timer");
        let until = Instant::now() + span;
        let mut latencies = Vec::new();
        let mut missing: usize = self.all.iter().map(|connection| connection.sent.len()).sum();
        let mut events = [EpollEvent::empty(); 64];
        while Instant::now() < until || missing > 0 && Instant::now() < until + ECHO_TIMEOUT {
            let ready = self.epoll.wait(&mut events, EpollTimeout::NONE).expect("descriptors");
            for event in &events[..ready] {
                if event.data() != TIMER {
                    let wait = self.all[event.data() as usize].receive();
                    missing -= usize::from(wait.is_some());
                    latencies.extend(wait);
                    continue;
                }
                // Missed ticks are skipped: the messages of a burst would delay each other.
                self.timer.wait().expect("a timer");
                if Instant::now() < until {
                    self.all[self.next].send(&message);
                    self.next = (self.next + 1) % self.all.len();
                    missing += 1;
                }
            }
        }
        let unanswered = self.all.iter().flat_map(|connection| &connection.sent);
        latencies.extend(unanswered.map(|sent| micros_between(*sent, SystemTime::now())));
        latencies.sort_by(f64::total_cmp);
        latencies
    }
}

impl QuietConnection {
    fn send(&mut self, message: &[u8]) {
        self.sent.push_back(SystemTime::now());
        self.stream.write_all(message).expect("the server reads");
    }

    /// Reads, and returns the latency in microseconds once an echo is complete.
    fn receive(&mut self) -> Option<f64> {
        let mut buffer = [0; REPLY];
        let mut control = nix::cmsg_space!(TimeSpec);
        let mut rest = [IoSliceMut::new(&mut buffer[self.received..])];
        let descriptor = self.stream.as_raw_fd();
        let message = recvmsg::<()>(descriptor, &mut rest, Some(&mut control), MsgFlags::empty());
        let message = message.expect("the server answers");
        assert!(message.bytes > 0, "the server closed");
        self.received = (self.received + message.bytes) % REPLY;
        if self.received > 0 {
            return None;
        }
        let arrived = message.cmsgs().expect("there is room").find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => Some(time),
            _ => None,
        });
        // The kernel starts to take timestamps a moment after the socket option is set, during the
        // warm-up.
        let arrived = arrived.map_or_else(SystemTime::now, |time| SystemTime::UNIX_EPOCH + time.into());
        Some(micros_between(self.sent.pop_front().expect("an echo follows a message"), arrived))
    }
}

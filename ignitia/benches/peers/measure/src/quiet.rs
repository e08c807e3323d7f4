//! Quiet connections that measure how long their echoes take, alone and beside a flood.
//!
//! The flood has to share the load's core, so nothing here may depend on when this process gets it: the clock stops at the
//! kernel's timestamp of the echo, which the server's own core takes as it sends. The flood is a process that runs only while
//! this one does not want to (`SCHED_IDLE`); so it does not delay what is sent either.

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
    flood,
    frames::frame,
    load::{Place, Target, run},
    scenarios::Message,
};

pub const SUBCOMMAND: &str = "quiet";

/// How long a flood runs before it counts.
pub const SETTLING: Duration = Duration::from_millis(500);

const CONNECTIONS: usize = 100;

/// How often each sends; they take turns evenly.
const INTERVAL: Duration = Duration::from_millis(10);

/// How long echoes are waited for behind the last message. Some servers never come to them while the flood goes on.
const PATIENCE: Duration = Duration::from_secs(1);

const REPLY: usize = 22;

/// What the timer is among the connections.
const TIMER: u64 = u64::MAX;

/// `PORT PROCESS SECONDS`: prints p50 and p99 alone, p50 and p99 beside the flood, its messages a second, and what part
/// of the time the server ran meanwhile.
pub fn main(arguments: impl Iterator<Item = String>) {
    let Place { port, server, span } = Place::parse(arguments);
    let mut all = Connections::open(port);
    all.talk(SETTLING);
    let alone = all.talk(span);
    let mut flood = Command::new("chrt")
        .args(["--idle", "0"])
        .arg(std::env::current_exe().expect("it runs"))
        .args([flood::SUBCOMMAND, &port.to_string(), &server.0.to_string(), &span.as_secs_f64().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("chrt is installed");
    sleep(SETTLING);
    all.talk(SETTLING);
    let (cpu, start) = (server.cpu(), Instant::now());
    let flooded = all.talk(span);
    let busy = (server.cpu() - cpu) / 1e6 / start.elapsed().as_secs_f64();
    let mut rate = String::new();
    let printed = BufReader::new(flood.stdout.take().expect("it is piped")).read_line(&mut rate);
    flood.kill().and_then(|()| flood.wait()).expect("it ran until now");
    printed.expect("the flood prints its rate");
    let [a, b, c, d] = [(&alone, 50), (&alone, 99), (&flooded, 50), (&flooded, 99)]
        .map(|(waits, percent)| percentile(waits, percent));
    println!("{a} {b} {c} {d} {} {busy}", rate.trim());
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

/// In microseconds.
fn between(sent: SystemTime, arrived: SystemTime) -> f64 {
    arrived.duration_since(sent).unwrap_or_default().as_secs_f64() * 1e6
}

struct Connections {
    all: Vec<Connection>,
    /// Whose turn it is.
    next: usize,
    epoll: Epoll,
    timer: TimerFd,
}

struct Connection {
    stream: TcpStream,
    /// When the messages went out whose echoes are still to come.
    sent: VecDeque<SystemTime>,
    /// Bytes of the echo that is coming in.
    received: usize,
}

impl Connections {
    fn open(port: u16) -> Self {
        let target = Target { port, path: "/".into() };
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
        let connection = |stream| Connection { stream, sent: VecDeque::new(), received: 0 };
        Self { all: streams.into_iter().map(connection).collect(), next: 0, epoll, timer }
    }

    /// Sends for a while and waits for the echoes; how long each took, in microseconds, sorted. Those that did not come
    /// have taken as long as they were waited for.
    fn talk(&mut self, span: Duration) -> Vec<f64> {
        let message = frame(Message::Text(20));
        let gap = INTERVAL / self.all.len() as u32;
        let gap = Expiration::Interval(TimeSpec::from_duration(gap));
        self.timer.set(gap, TimerSetTimeFlags::empty()).expect("a timer");
        let until = Instant::now() + span;
        let mut waits = Vec::new();
        let mut missing: usize = self.all.iter().map(|connection| connection.sent.len()).sum();
        let mut events = [EpollEvent::empty(); 64];
        while Instant::now() < until || missing > 0 && Instant::now() < until + PATIENCE {
            let ready = self.epoll.wait(&mut events, EpollTimeout::NONE).expect("descriptors");
            for event in &events[..ready] {
                if event.data() != TIMER {
                    let wait = self.all[event.data() as usize].receive();
                    missing -= usize::from(wait.is_some());
                    waits.extend(wait);
                    continue;
                }
                // Turns that were missed are not made up for: a burst would wait for itself.
                self.timer.wait().expect("a timer");
                if Instant::now() < until {
                    self.all[self.next].send(&message);
                    self.next = (self.next + 1) % self.all.len();
                    missing += 1;
                }
            }
        }
        let unanswered = self.all.iter().flat_map(|connection| &connection.sent);
        waits.extend(unanswered.map(|sent| between(*sent, SystemTime::now())));
        waits.sort_by(f64::total_cmp);
        waits
    }
}

impl Connection {
    fn send(&mut self, message: &[u8]) {
        self.sent.push_back(SystemTime::now());
        self.stream.write_all(message).expect("the server reads");
    }

    /// How long an echo took that is complete now, in microseconds.
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
        // The kernel notes it from a moment on after it was asked to; until then nothing counts anyway.
        let arrived = arrived.map_or_else(SystemTime::now, |time| SystemTime::UNIX_EPOCH + time.into());
        Some(between(self.sent.pop_front().expect("nothing comes unasked"), arrived))
    }
}

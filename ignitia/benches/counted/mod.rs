//! A server in a process of its own, whose work is counted: this program once more, alone or under a tool. What the client
//! does is not in it, and the difference between few and many messages leaves out the start and the end.

use std::{
    alloc::System,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use ignitia::Router;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Set where counting with the tools is a must: without one of them, the bench fails.
const REQUIRED: &str = "REQUIRE_COUNTERS";

/// What counts, beside the allocator, which always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    /// Instructions in user space, by valgrind.
    Instructions,
    /// System calls, by strace.
    #[allow(dead_code, reason = "not every bench counts them")]
    SystemCalls,
}

impl Counter {
    fn program(self) -> &'static str {
        match self {
            Self::Instructions => "valgrind",
            Self::SystemCalls => "strace",
        }
    }

    /// Whether it counts here: not without optimisation, where it would say nothing, and not if it is not installed.
    pub(crate) fn is_there(self) -> bool {
        let program = self.program();
        if cfg!(debug_assertions) {
            println!("{self:?} are counted when optimised: cargo bench -p ignitia");
            return false;
        }
        let works = Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success());
        if !works {
            assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and there is no {program}");
            println!("{self:?} are not counted: apt-get install {program}");
        }
        works
    }

    /// The program that runs a server and leaves its counts in a file.
    fn command(self, file: &Path) -> Command {
        let mut command = Command::new(self.program());
        match self {
            Self::Instructions => command
                .args(["--tool=callgrind", "--quiet"])
                .arg(format!("--callgrind-out-file={}", file.display())),
            Self::SystemCalls => command.args(["-f", "-c", "-o"]).arg(file),
        };
        command
    }

    /// The total in what the program wrote.
    fn total(self, file: &Path) -> f64 {
        let counts = std::fs::read_to_string(file).unwrap();
        let total = match self {
            Self::Instructions => counts.lines().find_map(|line| line.strip_prefix("totals: ")),
            // % time, seconds, microseconds each, calls, perhaps errors
            Self::SystemCalls => counts
                .lines()
                .find(|line| line.ends_with(" total"))
                .and_then(|line| line.split_whitespace().nth(3)),
        };
        total.and_then(|total| total.trim().parse().ok()).unwrap_or_else(|| panic!("no total in {counts}"))
    }
}

/// What a server did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    /// Of what was counted by the tool, if there was one.
    pub(crate) counted: Option<f64>,
    pub(crate) allocations: f64,
}

/// What each of the units costs that `many` has more than `few`. `name` is that of the files for the tool's counts, in
/// the target directory's `tmp`.
pub(crate) fn per_unit(
    name: &str,
    counter: Option<Counter>,
    arguments: &[&str],
    [few, many]: [usize; 2],
    converse: impl Fn(u16, usize),
) -> Counts {
    let counts = |units: usize| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{units}.out"));
        let mut server = Server::start(arguments, counter.map(|counter| (counter, file)));
        converse(server.port, units);
        server.stop()
    };
    let (less, more) = (counts(few), counts(many));
    let each = |less: f64, more: f64| (more - less) / (many - few) as f64;
    Counts {
        counted: less.counted.zip(more.counted).map(|(less, more)| each(less, more)),
        allocations: each(less.allocations, more.allocations),
    }
}

/// The server's side: serves until its input ends, then says how much was allocated.
pub(crate) fn serve<S: Clone + Send + Sync + 'static>(router: Router<S>) {
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

struct Server {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    port: u16,
    counter: Option<(Counter, PathBuf)>,
}

impl Server {
    fn start(arguments: &[&str], counter: Option<(Counter, PathBuf)>) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match &counter {
            Some((counter, file)) => {
                let mut command = counter.command(file);
                command.arg(program);
                command
            }
            None => Command::new(program),
        };
        let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = number(&mut output) as u16;
        Self { process, output, port, counter }
    }

    fn stop(&mut self) -> Counts {
        drop(self.process.stdin.take());
        let allocations = number(&mut self.output);
        assert!(self.process.wait().unwrap().success());
        let counted = self.counter.as_ref().map(|(counter, file)| counter.total(file));
        Counts { counted, allocations }
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

/// A blocking client.
pub(crate) struct Client(BufReader<TcpStream>);

#[allow(dead_code, reason = "not every bench needs all of it")]
impl Client {
    pub(crate) fn connect(port: u16, path: &str) -> Self {
        let (client, status) = Self::request(port, path, "Upgrade", "");
        assert_eq!(status, "101");
        client
    }

    /// Asks for a WebSocket with more in the head than need be, and closes it if it opens.
    pub(crate) fn ask(port: u16, path: &str, connection: &str, lines: &str) {
        let (client, status) = Self::request(port, path, connection, lines);
        if status == "101" {
            client.close();
        }
    }

    fn request(port: u16, path: &str, connection: &str, lines: &str) -> (Self, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let status = line.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("{line}"))[..3].to_owned();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        (Self(stream), status)
    }

    /// Sends a text of up to 65,535 bytes some times over, in one write.
    pub(crate) fn send(&mut self, text: &str, times: usize) {
        let mut frame = vec![0x81];
        match u8::try_from(text.len()) {
            Ok(short @ ..126) => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            }
        }
        // A mask of zeros leaves the payload as it is.
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.get_mut().write_all(&frame.repeat(times)).unwrap();
    }

    /// The next text, of up to 65,535 bytes.
    pub(crate) fn recv(&mut self) -> String {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        assert!(head[0] == 0x81 && head[1] < 127, "{head:?}");
        let mut length = usize::from(head[1]);
        if length == 126 {
            self.0.read_exact(&mut head).unwrap();
            length = u16::from_be_bytes(head).into();
        }
        let mut text = vec![0; length];
        self.0.read_exact(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Closes, and waits for the server's end.
    pub(crate) fn close(mut self) {
        self.0.get_mut().write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
        self.0.read_to_end(&mut Vec::new()).unwrap();
    }
}

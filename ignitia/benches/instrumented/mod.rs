//! A server whose work is counted, in a process of its own: this program once more, alone or under
//! a tool. The client's work is not counted, and the difference between a run with few units and
//! one with many excludes the start and the end.

mod client;
mod tool;

use std::{
    alloc::System,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use ignitia::Router;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

pub(crate) use self::{client::BlockingClient, tool::CountingTool};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Counts of a server's work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerCounts {
    /// Count of the tool, if one was used.
    pub(crate) counted: Option<f64>,
    pub(crate) allocations: f64,
}

/// Returns the counts per unit, from the difference of a run with `many` and one with `few` units.
/// The tool writes its counts to files of this name in the target directory's `tmp`.
pub(crate) fn per_unit(
    name: &str,
    tool: Option<CountingTool>,
    arguments: &[&str],
    [few, many]: [usize; 2],
    converse: impl Fn(u16, usize),
) -> ServerCounts {
    let counts = |units: usize| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{units}.out"));
        let mut server = CountedServer::start(arguments, tool.map(|tool| (tool, file)));
        converse(server.port, units);
        server.stop()
    };
    let (less, more) = (counts(few), counts(many));
    let each = |less: f64, more: f64| (more - less) / (many - few) as f64;
    ServerCounts {
        counted: less.counted.zip(more.counted).map(|(less, more)| each(less, more)),
        allocations: each(less.allocations, more.allocations),
    }
}

/// Serves until stdin ends, then prints the number of allocations. This is the server's side.
pub(crate) fn serve<S: Clone + Send + Sync + 'static>(router: Router<S>) {
    // The main thread serves, so that a panic ends the process and the client does not wait for
    // ever.
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

/// A running server.
struct CountedServer {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
    port: u16,
    tool: Option<(CountingTool, PathBuf)>,
}

impl CountedServer {
    fn start(arguments: &[&str], tool: Option<(CountingTool, PathBuf)>) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match &tool {
            Some((tool, file)) => {
                let mut command = tool.command(file);
                command.arg(program);
                command
            }
            None => Command::new(program),
        };
        let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = read_number(&mut output) as u16;
        Self { process, output, port, tool }
    }

    fn stop(&mut self) -> ServerCounts {
        drop(self.process.stdin.take());
        let allocations = read_number(&mut self.output);
        assert!(self.process.wait().unwrap().success());
        let counted = self.tool.as_ref().map(|(tool, file)| tool.total(file));
        ServerCounts { counted, allocations }
    }
}

impl Drop for CountedServer {
    fn drop(&mut self) {
        // The server still runs only if the bench has failed.
        let _ = self.process.kill();
    }
}

/// Reads a line that contains a number.
fn read_number(output: &mut impl BufRead) -> f64 {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim().parse().unwrap()
}

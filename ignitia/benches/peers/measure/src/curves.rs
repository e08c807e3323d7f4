//! How costs grow: a few points along something that there can be more of.

use std::time::Duration;

use crate::{
    medians, points,
    servers::{SERVERS, Server},
};

pub const SUBCOMMAND: &str = "curves";

/// Ours comes first; the other shows whether a shape is the kernel's.
const LINES: usize = 2;

/// How often a unit may cost at the end what it cost where it was cheapest. Caches that no longer hold everything are
/// within it; work that grows with what is not worked on is not, since the ends of a curve are far more apart.
const TOLERANCE: f64 = 3.0;

/// Descriptors that a process has beside its connections.
const SPARE: usize = 100;

pub struct Curve {
    pub name: &'static str,
    /// What grows.
    pub axis: &'static str,
    amounts: &'static [usize],
    /// The axis has a label at each power of it.
    pub base: f64,
    pub format: fn(f64) -> String,
    /// Whether each unit of it is a descriptor.
    is_sockets: bool,
    /// Whether it is the number of endpoints that grows.
    is_endpoints: bool,
    columns: &'static [Column],
    rules: &'static [Rule],
}

/// What is printed, and drawn if it is a panel.
pub struct Column {
    pub label: &'static str,
    pub is_panel: bool,
    pub of: fn(&Point) -> f64,
}

/// What must not grow along the curve, from an amount on.
struct Rule {
    label: &'static str,
    from: usize,
    of: fn(&Point, first: &Point) -> f64,
}

/// What was measured at one amount.
pub struct Point {
    pub amount: f64,
    /// Microseconds for each message, delivery or handshake.
    cpu: f64,
    /// How many of these there were in a second.
    rate: f64,
    /// KiB; of what, the curve says.
    memory: f64,
}

pub struct Line {
    pub server: &'static str,
    pub points: Vec<Point>,
}

const fn panel(label: &'static str, of: fn(&Point) -> f64) -> Column {
    Column { label, is_panel: true, of }
}

const fn column(label: &'static str, of: fn(&Point) -> f64) -> Column {
    Column { label, is_panel: false, of }
}

/// By how much memory has grown since the first point, for each unit that came since.
fn added(point: &Point, first: &Point) -> f64 {
    (point.memory - first.memory) / (point.amount - first.amount)
}

fn number(amount: f64) -> String {
    if amount < 1_000.0 { format!("{amount:.0}") } else { format!("{:.0}k", amount / 1_000.0) }
}

fn bytes(amount: f64) -> String {
    match amount as u64 {
        n @ 0..1024 => format!("{n} B"),
        n @ 1024..0x10_0000 => format!("{} KiB", n >> 10),
        n => format!("{} MiB", n >> 20),
    }
}

const MANY: &[usize] = &[10, 30, 100, 300, 1_000, 3_000, 10_000, 20_000];

pub const CURVES: &[Curve] = &[
    Curve {
        name: "connections",
        axis: "connections",
        amounts: MANY,
        base: 10.0,
        format: number,
        is_sockets: true,
        is_endpoints: false,
        columns: &[
            panel("CPU per message, us", |point| point.cpu),
            column("messages per second", |point| point.rate),
            panel("memory per connection, KiB", |point| point.memory),
        ],
        // A few connections are a few pages: their memory says nothing.
        rules: &[
            Rule { label: "CPU per message", from: 0, of: |point, _| point.cpu },
            Rule { label: "memory per connection", from: 100, of: |point, _| point.memory },
        ],
    },
    Curve {
        name: "members",
        axis: "members of one room",
        amounts: MANY,
        base: 10.0,
        format: number,
        is_sockets: true,
        is_endpoints: false,
        columns: &[
            panel("CPU per delivery, us", |point| point.cpu),
            column("deliveries per second", |point| point.rate),
            panel("memory per member, KiB", |point| point.memory),
        ],
        rules: &[
            Rule { label: "CPU per delivery", from: 0, of: |point, _| point.cpu },
            Rule { label: "memory per member", from: 100, of: |point, _| point.memory },
        ],
    },
    Curve {
        name: "size",
        axis: "bytes in a message",
        amounts: &[1, 8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 2 << 20, 16 << 20],
        base: 16.0,
        format: bytes,
        is_sockets: false,
        is_endpoints: false,
        columns: &[
            column("CPU per message, us", |point| point.cpu),
            panel("CPU per byte, ns", |point| point.cpu * 1e3 / point.amount),
            column("MB per second", |point| point.rate * point.amount / 1e6),
            panel("peak memory, MiB", |point| point.memory / 1024.0),
        ],
        rules: &[
            Rule { label: "CPU per byte", from: 0, of: |point, _| point.cpu / point.amount },
            // Before that it is the process that counts.
            Rule { label: "memory per byte", from: 256 << 10, of: added },
        ],
    },
    Curve {
        name: "endpoints",
        axis: "endpoints in one router",
        amounts: &[1, 3, 10, 30, 100, 300, 500],
        base: 10.0,
        format: number,
        is_sockets: false,
        is_endpoints: true,
        columns: &[
            panel("CPU per handshake, us", |point| point.cpu),
            column("handshakes per second", |point| point.rate),
            panel("memory of the process, MiB", |point| point.memory / 1024.0),
        ],
        rules: &[
            Rule { label: "CPU per handshake", from: 0, of: |point, _| point.cpu },
            Rule { label: "memory per endpoint", from: 100, of: added },
        ],
    },
];

impl Curve {
    pub fn find(name: &str) -> Option<&'static Self> {
        CURVES.iter().find(|curve| curve.name == name)
    }

    pub fn panels(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.is_panel)
    }

    /// The amounts for which there are descriptors.
    fn amounts(&self, descriptors: usize) -> Vec<usize> {
        let most = if self.is_sockets { descriptors.saturating_sub(SPARE) } else { usize::MAX };
        let mut amounts: Vec<usize> = self.amounts.iter().copied().filter(|amount| *amount <= most).collect();
        if let Some(wanted) = self.amounts.get(amounts.len()) {
            eprintln!(
                "{}: {descriptors} descriptors are not enough for {wanted}; it ends at {most}",
                self.name
            );
            if amounts.last().is_some_and(|last| most > last + last / 2) {
                amounts.push(most);
            }
        }
        amounts
    }

    /// Each point in a fresh process, one server after the other.
    pub fn measure(&self, rounds: usize, span: Duration, descriptors: usize) -> Vec<Line> {
        let servers = &SERVERS[..LINES];
        let mut lines: Vec<Line> =
            servers.iter().map(|server| Line { server: server.name, points: Vec::new() }).collect();
        for amount in self.amounts(descriptors) {
            let mut costs = vec![Vec::new(); servers.len()];
            for _ in 0..rounds {
                for (server, costs) in servers.iter().zip(&mut costs) {
                    costs.push(self.point(server, amount, span));
                }
            }
            for (line, costs) in lines.iter_mut().zip(&costs) {
                let [cpu, rate, memory] = medians(costs);
                line.points.push(Point { amount: amount as f64, cpu, rate, memory });
            }
            eprintln!("{}: {amount} done", self.name);
        }
        lines
    }

    fn point(&self, server: &Server, amount: usize, span: Duration) -> [f64; 3] {
        let endpoints = if self.is_endpoints { amount } else { 0 };
        server.start(endpoints).load(&[points::SUBCOMMAND, self.name, &amount.to_string()], span)
    }

    pub fn print(&self, lines: &[Line]) {
        println!("\n{}: by {}", self.name, self.axis);
        for line in lines {
            print!("  {:<12}{:>12}", line.server, self.name);
            for column in self.columns {
                print!("  {:>26}", column.label);
            }
            println!();
            for point in &line.points {
                print!("  {:<12}{:>12}", "", point.amount);
                for column in self.columns {
                    print!("  {:>26.3}", (column.of)(point));
                }
                println!();
            }
        }
    }

    /// What grows that must not.
    pub fn judge(&self, line: &Line) -> Vec<String> {
        let complaint = |rule: &Rule| {
            let first = line.points.first()?;
            let judged = line.points.iter().filter(|point| point.amount >= rule.from as f64);
            let costs: Vec<(f64, f64)> =
                judged.map(|point| (point.amount, (rule.of)(point, first))).collect();
            let (cheapest, least) = *costs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            let (largest, last) = *costs.last()?;
            let times = last / least;
            (times > TOLERANCE).then(|| {
                format!(
                    "{}, {}: {times:.1} times as much at {largest} as at {cheapest}",
                    self.name, rule.label
                )
            })
        };
        self.rules.iter().filter_map(complaint).collect()
    }
}

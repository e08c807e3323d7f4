//! Growth of costs with the number of connections, members or endpoints, or the size of messages.

use std::time::Duration;

use crate::{
    curve_load,
    servers::{SERVERS, ServerProgram},
    statistics::medians,
};

pub const SUBCOMMAND: &str = "curves";

/// Number of measured servers: Ignitia, and another to recognize the kernel's share of a curve.
const LINES: usize = 2;

/// Maximum ratio of the cost of a unit at the end of a curve and its least cost. Cache misses stay
/// below it. Work that grows with idle connections does not: the ends of a curve are further apart.
const TOLERANCE: f64 = 3.0;

/// Descriptors of a process besides its connections.
const OTHER_DESCRIPTORS: usize = 100;

/// Description of a curve.
pub struct Curve {
    pub name: &'static str,
    /// Label of the axis along which the amount grows.
    pub axis: &'static str,
    amounts: &'static [usize],
    /// Base of the logarithmic axis, which has a label at each power.
    pub base: f64,
    pub format: fn(f64) -> String,
    /// True if the amount is a number of sockets, which need descriptors.
    is_sockets: bool,
    /// True if the amount is a number of endpoints.
    is_endpoints: bool,
    columns: &'static [CurveColumn],
    rules: &'static [CurveRule],
}

/// A printed column, also drawn if it is a panel.
pub struct CurveColumn {
    pub label: &'static str,
    pub is_panel: bool,
    pub of: fn(&CurvePoint) -> f64,
}

/// A cost that must not grow along the curve, from an amount on.
struct CurveRule {
    label: &'static str,
    from: usize,
    of: fn(&CurvePoint, first: &CurvePoint) -> f64,
}

/// Measurement at one amount.
pub struct CurvePoint {
    pub amount: f64,
    /// CPU time per message, delivery or handshake, in microseconds.
    cpu: f64,
    /// Messages, deliveries or handshakes per second.
    rate: f64,
    /// Memory in KiB: per connection or member, peak, or of the process, depending on the curve.
    memory: f64,
}

/// Measurements of one server.
pub struct CurveLine {
    pub server: &'static str,
    pub points: Vec<CurvePoint>,
}

const fn panel(label: &'static str, of: fn(&CurvePoint) -> f64) -> CurveColumn {
    CurveColumn { label, is_panel: true, of }
}

const fn column(label: &'static str, of: fn(&CurvePoint) -> f64) -> CurveColumn {
    CurveColumn { label, is_panel: false, of }
}

/// Returns the growth of memory since the first point, per added unit.
fn growth_per_unit(point: &CurvePoint, first: &CurvePoint) -> f64 {
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
        // With few connections, memory is dominated by the size of pages.
        rules: &[
            CurveRule { label: "CPU per message", from: 0, of: |point, _| point.cpu },
            CurveRule { label: "memory per connection", from: 100, of: |point, _| point.memory },
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
            CurveRule { label: "CPU per delivery", from: 0, of: |point, _| point.cpu },
            CurveRule { label: "memory per member", from: 100, of: |point, _| point.memory },
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
            CurveRule { label: "CPU per byte", from: 0, of: |point, _| point.cpu / point.amount },
            // Below this size, memory is dominated by the process itself.
            CurveRule { label: "memory per byte", from: 256 << 10, of: growth_per_unit },
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
            CurveRule { label: "CPU per handshake", from: 0, of: |point, _| point.cpu },
            CurveRule { label: "memory per endpoint", from: 100, of: growth_per_unit },
        ],
    },
];

impl Curve {
    pub fn find(name: &str) -> Option<&'static Self> {
        CURVES.iter().find(|curve| curve.name == name)
    }

    pub fn panels(&self) -> impl Iterator<Item = &CurveColumn> {
        self.columns.iter().filter(|column| column.is_panel)
    }

    /// Returns the amounts for which the descriptors suffice.
    fn amounts(&self, descriptors: usize) -> Vec<usize> {
        let max = if self.is_sockets { descriptors.saturating_sub(OTHER_DESCRIPTORS) } else { usize::MAX };
        let mut amounts: Vec<usize> = self.amounts.iter().copied().filter(|amount| *amount <= max).collect();
        if let Some(wanted) = self.amounts.get(amounts.len()) {
            eprintln!(
                "{}: {descriptors} descriptors are not enough for {wanted}; the curve ends at {max}",
                self.name
            );
            if amounts.last().is_some_and(|last| max > last + last / 2) {
                amounts.push(max);
            }
        }
        amounts
    }

    /// Measures each point in a new process, on one server after the other.
    pub fn measure(&self, rounds: usize, span: Duration, descriptors: usize) -> Vec<CurveLine> {
        let servers = &SERVERS[..LINES];
        let mut lines: Vec<CurveLine> =
            servers.iter().map(|server| CurveLine { server: server.name, points: Vec::new() }).collect();
        for amount in self.amounts(descriptors) {
            let mut costs = vec![Vec::new(); servers.len()];
            for _ in 0..rounds {
                for (server, costs) in servers.iter().zip(&mut costs) {
                    costs.push(self.point(server, amount, span));
                }
            }
            for (line, costs) in lines.iter_mut().zip(&costs) {
                let [cpu, rate, memory] = medians(costs);
                line.points.push(CurvePoint { amount: amount as f64, cpu, rate, memory });
            }
            eprintln!("{}: {amount} done", self.name);
        }
        lines
    }

    fn point(&self, server: &ServerProgram, amount: usize, span: Duration) -> [f64; 3] {
        let endpoints = if self.is_endpoints { amount } else { 0 };
        server
            .start(&[("ENDPOINTS", &endpoints.to_string())])
            .load(&[curve_load::SUBCOMMAND, self.name, &amount.to_string()], span)
    }

    pub fn print(&self, lines: &[CurveLine]) {
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

    /// Describes all costs that grow beyond the tolerance.
    pub fn violations(&self, line: &CurveLine) -> Vec<String> {
        let violation = |rule: &CurveRule| {
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
        self.rules.iter().filter_map(violation).collect()
    }
}

//! The server's cost of a message: instructions in user space, system calls, and allocations. They
//! do not depend on the machine's load, and must stay within budgets. A commit that lowers a cost
//! lowers the budget here.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod instrumented;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

use self::instrumented::{BlockingClient, CountingTool};

/// Argument that makes this program the server.
const SERVE: &str = "serve-costs";

/// Number of messages in one write.
const BATCH: usize = 32;
/// Number of members of the room.
const MEMBERS: usize = 50;
/// Number of broadcasts in flight.
const IN_FLIGHT: usize = 8;

const SHORT: &str = "twenty bytes of text";

/// A scenario, and what one unit of it may cost.
struct CostBudget {
    name: &'static str,
    unit: &'static str,
    instructions: f64,
    system_calls: f64,
    allocations: f64,
    /// Client's side, given the server's port and the number of units.
    converse: fn(u16, usize),
    /// Units of the two runs whose difference is counted.
    units: [usize; 2],
}

const BUDGETS: [CostBudget; 6] = [
    CostBudget {
        name: "ping-pong, 20 bytes",
        unit: "message",
        instructions: 5_270.0,
        system_calls: 3.0,
        allocations: 0.0,
        converse: |port, messages| echo(port, messages, 1),
        units: [200, 600],
    },
    CostBudget {
        name: "pipelined, 32 of 20 bytes",
        unit: "message",
        instructions: 905.0,
        system_calls: 3.0 / 32.0,
        allocations: 0.06,
        converse: |port, messages| echo(port, messages, BATCH),
        units: [20 * BATCH, 60 * BATCH],
    },
    CostBudget {
        name: "typed JSON, 32 of 60 bytes",
        unit: "message",
        instructions: 3_530.0,
        system_calls: 3.0 / 32.0,
        allocations: 1.09,
        converse: typed,
        units: [20 * BATCH, 60 * BATCH],
    },
    CostBudget {
        name: "fan-out to 50, one at a time",
        unit: "delivery",
        instructions: 755.0,
        system_calls: 1.0,
        allocations: 0.16,
        converse: |port, deliveries| fan_out(port, deliveries, 1),
        units: [20 * MEMBERS, 60 * MEMBERS],
    },
    CostBudget {
        name: "fan-out to 50, 8 in flight",
        unit: "delivery",
        instructions: 305.0,
        system_calls: 1.0 / 8.0,
        allocations: 0.11,
        converse: |port, deliveries| fan_out(port, deliveries, IN_FLIGHT),
        units: [20 * IN_FLIGHT * MEMBERS, 60 * IN_FLIGHT * MEMBERS],
    },
    CostBudget {
        name: "handshake and closing handshake",
        unit: "connection",
        instructions: 44_500.0,
        // 13 if all input arrives at once. With a slow client the server polls once or twice more.
        system_calls: 16.0,
        allocations: 36.0,
        converse: |port, connections| {
            for _ in 0..connections {
                BlockingClient::connect(port, "/echo").close();
            }
        },
        units: [50, 150],
    },
];

/// Messages of 1 KiB of JSON, without compression and with it. For each message, zlib-rs clears 134
/// KiB: 4,200 instructions.
#[cfg(feature = "compression")]
const COMPRESSION_BUDGETS: [CostBudget; 7] = [
    CostBudget {
        name: "ping-pong, 1 KiB of JSON",
        unit: "message",
        instructions: 7_220.0,
        system_calls: 3.0,
        allocations: 1.44,
        converse: |port, messages| compressed::echo(port, messages, "/off"),
        units: [200, 600],
    },
    CostBudget {
        name: "the same, compressed, shared",
        unit: "message",
        instructions: 75_200.0,
        system_calls: 3.0,
        allocations: 1.38,
        converse: |port, messages| compressed::echo(port, messages, "/shared"),
        units: [200, 600],
    },
    CostBudget {
        name: "the same, compressed, dedicated",
        unit: "message",
        instructions: 132_700.0,
        system_calls: 3.0,
        allocations: 1.38,
        converse: |port, messages| compressed::echo(port, messages, "/dedicated"),
        units: [200, 600],
    },
    CostBudget {
        name: "fan-out to 50, 1 KiB of JSON",
        unit: "delivery",
        instructions: 820.0,
        system_calls: 1.0,
        allocations: 0.16,
        converse: |port, deliveries| compressed::fan_out(port, deliveries, "/fan"),
        units: [20 * MEMBERS, 60 * MEMBERS],
    },
    CostBudget {
        name: "the same, compressed, shared",
        unit: "delivery",
        instructions: 4_030.0,
        system_calls: 1.0,
        allocations: 0.25,
        converse: |port, deliveries| compressed::fan_out(port, deliveries, "/fan/shared"),
        units: [20 * MEMBERS, 60 * MEMBERS],
    },
    CostBudget {
        name: "the same, compressed, dedicated",
        unit: "delivery",
        instructions: 5_250.0,
        system_calls: 1.0,
        allocations: 0.24,
        converse: |port, deliveries| compressed::fan_out(port, deliveries, "/fan/dedicated"),
        units: [20 * MEMBERS, 60 * MEMBERS],
    },
    CostBudget {
        name: "handshake with compression",
        unit: "connection",
        instructions: 50_500.0,
        system_calls: 16.0,
        allocations: 37.0,
        converse: |port, connections| {
            for _ in 0..connections {
                BlockingClient::connect_compressed(port, "/dedicated").close();
            }
        },
        units: [50, 150],
    },
];

#[cfg(not(feature = "compression"))]
const COMPRESSION_BUDGETS: [CostBudget; 0] = [];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return instrumented::serve(router());
    }
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let [instructions, system_calls] = [CountingTool::Instructions, CountingTool::SystemCalls]
        .map(|counter| Some(counter).filter(|it| it.is_available()));
    println!("{:48} {:>12} {:>12} {:>12}", "", "instructions", "system calls", "allocations");
    let mut exceeded = Vec::new();
    for (index, budget) in BUDGETS.iter().chain(&COMPRESSION_BUDGETS).enumerate() {
        let count = |counter: Option<CountingTool>| {
            let name = format!("costs-{index}-{counter:?}");
            instrumented::per_unit(&name, counter, &[SERVE], budget.units, budget.converse)
        };
        let name = budget.name;
        let allocations = count(None).allocations;
        let counted =
            |counter: Option<CountingTool>| counter.and_then(|counter| count(Some(counter)).counted);
        let (instructions, system_calls) = (counted(instructions), counted(system_calls));
        let shown =
            |count: Option<f64>, digits| count.map_or("-".into(), |count| format!("{count:.digits$}"));
        println!(
            "{:48} {:>12} {:>12} {allocations:>12.2}",
            format!("{name}, per {}", budget.unit),
            shown(instructions, 0),
            shown(system_calls, 3),
        );
        // The kernel splits the input at random, which adds or saves a call now and then; and the
        // compiler cuts the crate at other places after a change.
        let most = |budget: f64| budget * 1.1 + 0.05;
        for (cost, counted, budget) in [
            ("instructions", instructions, budget.instructions),
            ("system calls", system_calls, budget.system_calls),
            ("allocations", Some(allocations), budget.allocations),
        ] {
            if let Some(counted) = counted.filter(|counted| *counted > most(budget)) {
                exceeded.push(format!("{name}: {counted:.2} {cost}, the budget is {budget}"));
            }
        }
    }
    assert!(exceeded.is_empty(), "budgets are exceeded: {exceeded:#?}");
}

async fn echo_all(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SayRequest {
    Say { text: String, to: u64 },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SayReply {
    Said { text: String, from: u64 },
}

#[websocket("/typed", on_message)]
async fn answer(request: SayRequest) -> SayReply {
    let SayRequest::Say { text, to } = request;
    SayReply::Said { text, from: to }
}

async fn fan_out_room(State(rooms): State<Rooms<Message>>, mut ws: WebSocketConnection) -> Result<Response> {
    let membership = rooms.join("all", &ws)?;
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            membership.broadcast(&message)?;
        }
    }
    Ok(Response::ok())
}

fn router() -> Router<Rooms<Message>> {
    let router = Router::new()
        .state(Rooms::<Message>::new())
        .websocket("/echo", echo_all)
        .websocket("/fan", fan_out_room)
        .mount(answer);
    #[cfg(feature = "compression")]
    let router = compressed::add_routes(router);
    router
}

fn echo(port: u16, messages: usize, batch: usize) {
    let mut client = BlockingClient::connect(port, "/echo");
    for _ in 0..messages / batch {
        client.send(SHORT, batch);
        for _ in 0..batch {
            assert_eq!(client.recv(), SHORT);
        }
    }
    client.close();
}

fn typed(port: u16, messages: usize) {
    let mut client = BlockingClient::connect(port, "/typed");
    let request = r#"{"type":"say","text":"some text that somebody wrote","to":7}"#;
    for _ in 0..messages / BATCH {
        client.send(request, BATCH);
        for _ in 0..BATCH {
            assert!(client.recv().contains("some text that somebody wrote"));
        }
    }
    client.close();
}

/// Broadcasts messages of one member, the next ones once all members have received the last ones.
fn fan_out(port: u16, deliveries: usize, in_flight: usize) {
    let mut members: Vec<BlockingClient> =
        (0..MEMBERS).map(|_| BlockingClient::connect(port, "/fan")).collect();
    let text = "x".repeat(100);
    for _ in 0..deliveries / MEMBERS / in_flight {
        members[0].send(&text, in_flight);
        for member in &mut members {
            for _ in 0..in_flight {
                assert_eq!(member.recv(), text);
            }
        }
    }
    members.into_iter().for_each(BlockingClient::close);
}

/// Conversations of clients that offer compression.
#[cfg(feature = "compression")]
mod compressed {
    use ignitia::websocket::{Compression, WebSocketConfig};
    use zlib_rs::{Deflate, DeflateFlush};

    use super::*;

    pub(super) fn add_routes(router: Router<Rooms<Message>>) -> Router<Rooms<Message>> {
        let off = WebSocketConfig::default();
        let [shared, dedicated] =
            [Compression::shared(), Compression::dedicated()].map(|mode| off.clone().compression(mode));
        router
            .websocket_with("/off", echo_all, off)
            .websocket_with("/shared", echo_all, shared.clone())
            .websocket_with("/dedicated", echo_all, dedicated.clone())
            .websocket_with("/fan/shared", fan_out_room, shared)
            .websocket_with("/fan/dedicated", fan_out_room, dedicated)
    }

    pub(super) fn echo(port: u16, messages: usize, path: &str) {
        let texts = Texts::new();
        let mut client = BlockingClient::connect_compressed(port, path);
        for n in 0..messages {
            texts.send(&mut client, n, path);
            texts.recv(&mut client, n, path);
        }
        client.close();
    }

    pub(super) fn fan_out(port: u16, deliveries: usize, path: &str) {
        let texts = Texts::new();
        let mut members: Vec<BlockingClient> =
            (0..MEMBERS).map(|_| BlockingClient::connect_compressed(port, path)).collect();
        for n in 0..deliveries / MEMBERS {
            texts.send(&mut members[0], n, path);
            members.iter_mut().for_each(|member| texts.recv(member, n, path));
        }
        members.into_iter().for_each(BlockingClient::close);
    }

    /// Texts of a client that are alike, and their compressed forms.
    struct Texts(Vec<(String, Vec<u8>)>);

    impl Texts {
        fn new() -> Self {
            let mut deflate = Deflate::new(6, false, 15);
            let text = |seed: u64| {
                let trade = |n: u64| {
                    let random = (seed * 16 + n) * 2_654_435_761 % 999_983;
                    format!(r#"{{"symbol":"ABC{}","price":{},"volume":{random}}}"#, n % 7, random % 9_973)
                };
                format!("[{}]", (0..22).map(trade).collect::<Vec<_>>().join(","))
            };
            let both = |seed| {
                let (text, mut compressed) = (text(seed), vec![0; 2_048]);
                deflate.reset();
                deflate.compress(text.as_bytes(), &mut compressed, DeflateFlush::SyncFlush).unwrap();
                compressed.truncate(deflate.total_out() as usize - 4);
                (text, compressed)
            };
            Self((0..16).map(both).collect())
        }

        fn send(&self, client: &mut BlockingClient, n: usize, path: &str) {
            let (text, compressed) = &self.0[n % self.0.len()];
            if is_off(path) { client.send(text, 1) } else { client.send_compressed(compressed) }
        }

        fn recv(&self, client: &mut BlockingClient, n: usize, path: &str) {
            let (text, _) = &self.0[n % self.0.len()];
            if is_off(path) {
                assert_eq!(client.recv(), *text);
            } else {
                assert!(client.recv_compressed().len() < text.len() / 2);
            }
        }
    }

    /// Returns true for the routes without compression.
    fn is_off(path: &str) -> bool {
        matches!(path, "/off" | "/fan")
    }
}

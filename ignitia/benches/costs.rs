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
    for (index, budget) in BUDGETS.iter().enumerate() {
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
    Router::new()
        .state(Rooms::<Message>::new())
        .websocket("/echo", echo_all)
        .websocket("/fan", fan_out_room)
        .mount(answer)
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

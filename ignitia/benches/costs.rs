//! What a message costs the server: instructions in user space, system calls, allocations. They do not depend on the
//! machine's mood, so they are held against what they were when they were last looked at; a change for the better is
//! written down here with the commit that made it.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

mod counted;

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

use self::counted::{Client, Counter};

/// The argument that makes this the server.
const SERVE: &str = "serve-costs";

const BATCH: usize = 32;
const MEMBERS: usize = 50;
const IN_FLIGHT: usize = 8;

const SHORT: &str = "twenty bytes of text";

/// What is done, and what a unit of it cost in system calls and allocations when that was last looked at.
struct Scenario {
    name: &'static str,
    unit: &'static str,
    system_calls: f64,
    allocations: f64,
    /// The client's side: the server's port, and how many units.
    converse: fn(u16, usize),
    /// Of the two runs whose difference is counted.
    units: [usize; 2],
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "ping-pong, 20 bytes",
        unit: "message",
        system_calls: 3.0,
        allocations: 1.0,
        converse: |port, messages| echo(port, messages, 1),
        units: [200, 600],
    },
    Scenario {
        name: "pipelined, 32 of 20 bytes",
        unit: "message",
        system_calls: 3.0 / 32.0,
        allocations: 1.1,
        converse: |port, messages| echo(port, messages, BATCH),
        units: [20 * BATCH, 60 * BATCH],
    },
    Scenario {
        name: "typed JSON, 32 of 60 bytes",
        unit: "message",
        system_calls: 3.0 / 32.0,
        allocations: 2.2,
        converse: typed,
        units: [20 * BATCH, 60 * BATCH],
    },
    Scenario {
        name: "fan-out to 50, one at a time",
        unit: "delivery",
        system_calls: 1.0,
        allocations: 0.12,
        converse: |port, deliveries| fan_out(port, deliveries, 1),
        units: [20 * MEMBERS, 60 * MEMBERS],
    },
    Scenario {
        name: "fan-out to 50, 8 in flight",
        unit: "delivery",
        system_calls: 1.0 / 8.0,
        allocations: 0.07,
        converse: |port, deliveries| fan_out(port, deliveries, IN_FLIGHT),
        units: [20 * IN_FLIGHT * MEMBERS, 60 * IN_FLIGHT * MEMBERS],
    },
    Scenario {
        name: "handshake and closing handshake",
        unit: "connection",
        // 16 when everything comes at once; a client that is slower makes the server look and wait once or twice more.
        system_calls: 19.0,
        allocations: 62.0,
        converse: |port, connections| {
            for _ in 0..connections {
                Client::connect(port, "/echo").close();
            }
        },
        units: [50, 150],
    },
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return counted::serve(router());
    }
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let [instructions, system_calls] =
        [Counter::Instructions, Counter::SystemCalls].map(|counter| Some(counter).filter(|it| it.is_there()));
    println!("{:48} {:>12} {:>12} {:>12}", "", "instructions", "system calls", "allocations");
    let mut risen = Vec::new();
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        let count = |counter: Option<Counter>| {
            let name = format!("costs-{index}-{counter:?}");
            counted::per_unit(&name, counter, &[SERVE], scenario.units, scenario.converse)
        };
        let allocations = count(None).allocations;
        let counted = |counter: Option<Counter>| counter.and_then(|counter| count(Some(counter)).counted);
        let (instructions, system_calls) = (counted(instructions), counted(system_calls));
        let shown =
            |count: Option<f64>, digits| count.map_or("-".into(), |count| format!("{count:.digits$}"));
        println!(
            "{:48} {:>12} {:>12} {allocations:>12.2}",
            format!("{}, per {}", scenario.name, scenario.unit),
            shown(instructions, 0),
            shown(system_calls, 3),
        );
        // A call more or less once in a while is chance: the kernel cuts the input as it likes.
        let most = |baseline: f64| baseline * 1.1 + 0.05;
        if allocations > most(scenario.allocations) {
            risen.push(format!(
                "{}: {allocations:.2} allocations, {} before",
                scenario.name, scenario.allocations
            ));
        }
        if let Some(calls) = system_calls.filter(|calls| *calls > most(scenario.system_calls)) {
            risen.push(format!(
                "{}: {calls:.3} system calls, {} before",
                scenario.name, scenario.system_calls
            ));
        }
    }
    assert!(risen.is_empty(), "costs have risen: {risen:#?}");
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
enum Request {
    Say { text: String, to: u64 },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Answer {
    Said { text: String, from: u64 },
}

#[websocket("/typed", on_message)]
async fn answer(request: Request) -> Answer {
    let Request::Say { text, to } = request;
    Answer::Said { text, from: to }
}

async fn fan(State(rooms): State<Rooms<Message>>, mut ws: WebSocketConnection) -> Result<Response> {
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
        .websocket("/fan", fan)
        .mount(answer)
}

fn echo(port: u16, messages: usize, batch: usize) {
    let mut client = Client::connect(port, "/echo");
    for _ in 0..messages / batch {
        client.send(SHORT, batch);
        for _ in 0..batch {
            assert_eq!(client.recv(), SHORT);
        }
    }
    client.close();
}

fn typed(port: u16, messages: usize) {
    let mut client = Client::connect(port, "/typed");
    let request = r#"{"type":"say","text":"some text that somebody wrote","to":7}"#;
    for _ in 0..messages / BATCH {
        client.send(request, BATCH);
        for _ in 0..BATCH {
            assert!(client.recv().contains("some text that somebody wrote"));
        }
    }
    client.close();
}

/// One of the members sends, all get it; the next come when all have.
fn fan_out(port: u16, deliveries: usize, in_flight: usize) {
    let mut members: Vec<Client> = (0..MEMBERS).map(|_| Client::connect(port, "/fan")).collect();
    let text = "x".repeat(100);
    for _ in 0..deliveries / MEMBERS / in_flight {
        members[0].send(&text, in_flight);
        for member in &mut members {
            for _ in 0..in_flight {
                assert_eq!(member.recv(), text);
            }
        }
    }
    members.into_iter().for_each(Client::close);
}

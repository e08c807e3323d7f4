//! Requests and replies: counters that everybody shares, one function for all messages, and ids that say which reply
//! belongs to which request.
//!
//! ```text
//! cargo run -p examples --bin counter
//! ```
//!
//! A request may carry an `id`, of the client's choice; its reply, or the error that answers it, has the same one. So a
//! client need not wait for one reply before it sends the next request:
//!
//! ```text
//! > {"type":"add","id":1,"name":"apples","by":2}
//! > {"type":"get","id":2,"name":"pears"}
//! < {"id":1,"type":"value","name":"apples","value":2}
//! < {"type":"$error","id":2,"code":"unknown_counter","message":"nobody has added to this counter"}
//! ```

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};

/// How many characters a name may have, and how many names there may be. Clients choose them: without limits, they
/// could fill the memory.
const NAME_LENGTH: usize = 32;
const COUNTERS: usize = 1_000;

/// How far counters count, either way: as far as the numbers of JavaScript are exact.
const LIMIT: i64 = (1 << 53) - 1;

/// What clients send.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Request {
    Add { name: String, by: i64 },
    Get { name: String },
    Reset { name: String },
}

/// What clients receive.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Answer {
    Value { name: String, value: i64 },
    Reset { name: String, was: i64 },
}

/// Called for every message, in order. What is no request (no JSON, an unknown type, a missing field) does not get
/// here: it is answered with an error of the same form as ours.
#[websocket("/ws", on_message, id = "id")]
async fn counter(State(counters): State<Counters>, request: Request) -> Result<Answer, CounterError> {
    match request {
        Request::Add { name, by } => {
            let value = counters.add(&name, by)?;
            Ok(Answer::Value { name, value })
        }
        Request::Get { name } => {
            let value = counters.get(&name)?;
            Ok(Answer::Value { name, value })
        }
        Request::Reset { name } => {
            let was = counters.reset(&name)?;
            Ok(Answer::Reset { name, was })
        }
    }
}

/// Why a request fails. The client is told, and the connection goes on.
#[derive(Debug)]
enum CounterError {
    BadName,
    UnknownCounter,
    TooManyCounters,
    Overflow,
}

impl MessageError for CounterError {
    fn code(&self) -> &'static str {
        match self {
            CounterError::BadName => "bad_name",
            CounterError::UnknownCounter => "unknown_counter",
            CounterError::TooManyCounters => "too_many_counters",
            CounterError::Overflow => "overflow",
        }
    }

    fn public_message(&self) -> Cow<'_, str> {
        self.to_string().into() // there is nothing in it that clients should not know
    }
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CounterError::BadName => write!(f, "a name has 1 to {NAME_LENGTH} characters"),
            CounterError::UnknownCounter => f.write_str("nobody has added to this counter"),
            CounterError::TooManyCounters => write!(f, "there are {COUNTERS} counters already"),
            CounterError::Overflow => write!(f, "counters count from -{LIMIT} to {LIMIT}"),
        }
    }
}

/// The counters by name. The lock is held for moments and never over an await, so it is std's.
#[derive(Clone, Default)]
struct Counters(Arc<Mutex<HashMap<String, i64>>>);

impl Counters {
    /// What it comes to. One that is new starts at 0; one that would go too far stays where it is.
    fn add(&self, name: &str, by: i64) -> Result<i64, CounterError> {
        if !(1..=NAME_LENGTH).contains(&name.chars().count()) {
            return Err(CounterError::BadName);
        }
        let mut counters = self.lock();
        let old = counters.get(name).copied();
        if old.is_none() && counters.len() >= COUNTERS {
            return Err(CounterError::TooManyCounters);
        }
        let sum = old.unwrap_or(0).checked_add(by).ok_or(CounterError::Overflow)?;
        if !(-LIMIT..=LIMIT).contains(&sum) {
            return Err(CounterError::Overflow);
        }
        counters.insert(name.to_owned(), sum);
        Ok(sum)
    }

    fn get(&self, name: &str) -> Result<i64, CounterError> {
        self.lock().get(name).copied().ok_or(CounterError::UnknownCounter)
    }

    /// Back to 0; what it was.
    fn reset(&self, name: &str) -> Result<i64, CounterError> {
        self.lock().get_mut(name).map(std::mem::take).ok_or(CounterError::UnknownCounter)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let limits = WebSocketConfig { max_message_size: 1 << 10, ..Default::default() };
    let router = Router::new()
        .state(Counters::default())
        .mount(counter)
        .websocket_config(limits)
        .get("/", || async { Response::html(include_str!("counter.html")) })
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

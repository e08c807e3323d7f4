//! Shows requests and replies: shared counters, one function for all messages, and ids that match
//! replies to requests.
//!
//! ```text
//! cargo run -p examples --bin counter
//! ```
//!
//! Open <http://127.0.0.1:3000> in two tabs. The page uses the client that Ignitia generates:
//!
//! ```text
//! const { value } = await client.request.add({ name: "apples", by: 2 });
//! ```
//!
//! A request may carry an `id` that the client chooses. Its reply, or its error, has the same `id`,
//! so a client can send the next request before the reply arrives:
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
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Maximum number of characters in a name. Clients choose names and create counters: without limits
/// they could exhaust the memory.
const MAX_NAME_LENGTH: usize = 32;

/// Maximum number of counters.
const MAX_COUNTERS: usize = 1_000;

/// Largest value of a counter, and the negated smallest one: JavaScript's integers are exact up to
/// there.
const MAX_VALUE: i64 = (1 << 53) - 1;

/// Message from a client.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum CounterRequest {
    Add { name: String, by: i64 },
    Get { name: String },
    Reset { name: String },
}

/// Message to a client.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum CounterReply {
    Value { name: String, value: i64 },
    Reset { name: String, was: i64 },
}

/// Handles every request, in order. A malformed message (not JSON, an unknown type, a missing
/// field) never gets here: it is answered with an error of the same form.
#[websocket("/ws", on_message, id = "id")]
async fn counter(
    State(counters): State<Counters>,
    request: CounterRequest,
) -> Result<CounterReply, CounterError> {
    match request {
        CounterRequest::Add { name, by } => {
            let value = counters.add(&name, by)?;
            Ok(CounterReply::Value { name, value })
        }
        CounterRequest::Get { name } => {
            let value = counters.get(&name)?;
            Ok(CounterReply::Value { name, value })
        }
        CounterRequest::Reset { name } => {
            let was = counters.reset(&name)?;
            Ok(CounterReply::Reset { name, was })
        }
    }
}

/// Reason for which a request fails. The client receives it, and the connection stays open.
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
        self.to_string().into() // contains nothing internal
    }

    fn codes() -> &'static [&'static str] {
        &["bad_name", "unknown_counter", "too_many_counters", "overflow"]
    }
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CounterError::BadName => write!(f, "a name has 1 to {MAX_NAME_LENGTH} characters"),
            CounterError::UnknownCounter => f.write_str("nobody has added to this counter"),
            CounterError::TooManyCounters => write!(f, "there are {MAX_COUNTERS} counters already"),
            CounterError::Overflow => write!(f, "counters count from -{MAX_VALUE} to {MAX_VALUE}"),
        }
    }
}

/// Counters by name. The lock is never held across an await, so it is std's.
#[derive(Clone, Default)]
struct Counters(Arc<Mutex<HashMap<String, i64>>>);

impl Counters {
    /// Adds to a counter, and returns the sum. A new counter starts at 0. A sum out of range leaves
    /// the counter unchanged.
    fn add(&self, name: &str, by: i64) -> Result<i64, CounterError> {
        if !(1..=MAX_NAME_LENGTH).contains(&name.chars().count()) {
            return Err(CounterError::BadName);
        }
        let mut counters = self.lock();
        let old = counters.get(name).copied();
        if old.is_none() && counters.len() >= MAX_COUNTERS {
            return Err(CounterError::TooManyCounters);
        }
        let sum = old.unwrap_or(0).checked_add(by).ok_or(CounterError::Overflow)?;
        if !(-MAX_VALUE..=MAX_VALUE).contains(&sum) {
            return Err(CounterError::Overflow);
        }
        counters.insert(name.to_owned(), sum);
        Ok(sum)
    }

    fn get(&self, name: &str) -> Result<i64, CounterError> {
        self.lock().get(name).copied().ok_or(CounterError::UnknownCounter)
    }

    /// Sets a counter to 0, and returns its former value.
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
    let limits = WebSocketConfig::default().max_message_size(1 << 10);
    let router = Router::new().state(Counters::default()).mount(counter).websocket_config(limits);
    let contract = router.contract();
    let router = router
        .get("/", || async { Response::html(include_str!("counter.html")) })
        .serve_javascript("/client.js", &contract)
        .merge(examples::assets());
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

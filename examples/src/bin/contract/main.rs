//! Shows all that comes from the types of one endpoint: its protocol, a document, a client, and a
//! page to try it with.
//!
//! ```text
//! cargo run -p examples --bin contract
//! ```
//!
//! - <http://127.0.0.1:3000/console/> lists the endpoint with its messages, connects and sends.
//! - <http://127.0.0.1:3000/asyncapi.json> describes them for the tools of AsyncAPI.
//! - `client.ts`, beside this file, is the TypeScript client. It is committed, so that reviews show
//!   what changes in the protocol, and the compiler finds the places in the front end. A test holds
//!   it to the endpoint:
//!
//! ```text
//! cargo test -p examples --bin contract                   fails if it is out of date
//! WRITE_CLIENT=1 cargo test -p examples --bin contract    writes it anew
//! ```
//!
//! A front end, all of it:
//!
//! ```ts
//! import { connect } from "./client.ts";
//!
//! const table = connect("table", { path: { name: "green" }, query: { player: "ann" } });
//! table.on.rolled(({ player, value }) => console.log(`${player} has rolled ${value}`));
//! const { value } = await table.request.roll({ sides: 6 });
//! ```

use std::{borrow::Cow, fmt};

use ignitia::{console::Console, contract::Contract, prelude::*};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Message from a player.
#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum TableRequest {
    /// Rolls a die.
    Roll {
        /// Number of its sides, from 2 to 100.
        sides: u8,
    },
}

/// Message to a player.
#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum TableEvent {
    /// A die has been rolled: the reply to the player, and an event for all others at the table.
    Rolled { player: String, sides: u8, value: u8 },
}

/// Query of a player.
#[derive(Deserialize, JsonSchema)]
struct Player {
    /// Name for the others, of 1 to 24 characters.
    player: String,
}

/// A table at which players roll dice.
struct Table {
    room: Membership<TableEvent>,
    player: String,
}

#[websocket("/tables/<name>", message = TableRequest, reply = TableEvent, id = "id")]
impl Table {
    async fn accept(
        name: String,
        Query(Player { player }): Query<Player>,
        rooms: Rooms<TableEvent>,
    ) -> Result<Self, Response> {
        if !(1..=24).contains(&player.chars().count()) {
            return Err(Response::bad_request("a player's name has 1 to 24 characters"));
        }
        Ok(Self { room: rooms.reserve(name), player })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.room.enter(ws)?;
        Ok(())
    }

    /// Rolls a die for all to see.
    #[on(Roll { sides })]
    async fn roll(&mut self, sides: u8) -> Result<TableEvent, NoSuchDie> {
        if !(2..=100).contains(&sides) {
            return Err(NoSuchDie);
        }
        let value = Uuid::new_v4().as_u128() % u128::from(sides) + 1;
        let rolled = TableEvent::Rolled { player: self.player.clone(), sides, value: value as u8 };
        self.room.broadcast_to_others(&rolled).expect("names and numbers are valid JSON");
        Ok(rolled)
    }
}

/// A die that does not exist.
#[derive(Debug)]
struct NoSuchDie;

impl MessageError for NoSuchDie {
    fn code(&self) -> &'static str {
        "no_such_die"
    }

    fn public_message(&self) -> Cow<'_, str> {
        self.to_string().into()
    }

    fn codes() -> &'static [&'static str] {
        &["no_such_die"]
    }
}

impl fmt::Display for NoSuchDie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a die has 2 to 100 sides")
    }
}

fn endpoints() -> Router<Rooms<TableEvent>> {
    Router::new().state(Rooms::new()).mount_session::<Table>()
}

fn contract<S: Clone + Send + Sync + 'static>(endpoints: &Router<S>) -> Contract {
    endpoints.contract().title("Dice", "1.0.0").description("Tables at which players roll dice.")
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let endpoints = endpoints();
    let contract = contract(&endpoints);
    let router = endpoints
        .serve_asyncapi("/asyncapi.json", &contract)
        .serve_javascript("/client.js", &contract)
        .console("/console", Console::new(contract));
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::{contract, endpoints};

    #[test]
    fn everything_is_described() {
        assert_eq!(contract(&endpoints()).problems(), [] as [String; 0]);
    }

    #[test]
    fn the_committed_client_is_up_to_date() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/contract/client.ts");
        let client = contract(&endpoints()).typescript();
        if env::var_os("WRITE_CLIENT").is_some() {
            fs::write(file, &client).expect("the file can be written");
        }
        let committed = fs::read_to_string(file).unwrap_or_default();
        let advice = "run `WRITE_CLIENT=1 cargo test -p examples --bin contract`, and commit it";
        assert!(committed == client, "`client.ts` is out of date: {advice}");
    }
}

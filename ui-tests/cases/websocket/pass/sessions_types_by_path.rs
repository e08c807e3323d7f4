//! Enums of a session that are named by way of something else.

#![deny(warnings)]

use ignitia::prelude::*;

mod messages {
    #[derive(serde::Deserialize, ignitia::ClientMessage)]
    #[serde(tag = "type")]
    pub enum Option<T> {
        Some { value: T },
    }

    #[derive(serde::Serialize, ignitia::ServerMessage)]
    #[serde(tag = "type")]
    pub enum Tell {
        Told { value: u8 },
    }
}

trait Speaks {
    type Words;
}

impl Speaks for Table {
    type Words = messages::Tell;
}

struct Table;

#[websocket("/tables", message = messages::Option<u8>, reply = <Table as Speaks>::Words)]
impl Table {
    async fn accept() -> Self {
        Self
    }

    #[on(Some { value })]
    async fn some(&mut self, value: u8) -> messages::Tell {
        messages::Tell::Told { value }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Table>();
}

use std::time::Duration;

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Leave,
}

struct Chat {
    period: Duration,
}

#[websocket("/chat", message = ClientMsg)]
impl Chat {
    async fn accept() -> Self {
        Self { period: Duration::from_secs(5) }
    }

    #[on(Leave)]
    async fn leave(&mut self) {}

    #[every(self.period)]
    async fn tick(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

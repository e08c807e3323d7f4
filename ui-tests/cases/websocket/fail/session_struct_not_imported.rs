use ignitia::prelude::*;

mod room {
    pub struct Room {
        pub name: String,
    }
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Leave,
}

#[websocket("/rooms/<name>", message = ClientMsg)]
impl Room {
    async fn accept(name: String) -> Self {
        Self { name }
    }

    #[on(Leave)]
    async fn leave(&mut self) {
        println!("{}", self.name);
    }
}

fn main() {
    let _ = Router::new().mount_session::<Room>();
}

// Mistakes: 2

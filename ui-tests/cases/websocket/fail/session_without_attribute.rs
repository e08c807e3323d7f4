use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

struct Chat;

impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) {
        drop(text);
    }

    #[on(Leave)]
    async fn leave(&mut self) {}

    #[every("5s")]
    async fn tick(&mut self) {}
}

fn main() {
    let _ = (Router::new().mount_session::<Chat>(), ClientMsg::Leave);
}

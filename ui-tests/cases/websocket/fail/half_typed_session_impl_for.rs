use ignitia::prelude::*;

struct Chat;

#[websocket("/chat", message = ClientMsg)]
impl for Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say)]
    async fn say(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

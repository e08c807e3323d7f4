// Mistakes: 3
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg<'a> {
    Say {
        text: &'a str,
        to: Option<&'a str>,
    },
    Invite {
        #[serde(borrow)]
        names: Vec<&'a str>,
    },
}

struct Chat;

#[websocket("/chat", message = ClientMsg<'_>)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text, to })]
    async fn say(&mut self, text: &str, to: Option<&str>) {
        drop((text, to));
    }

    #[on(Invite { names })]
    async fn invite(&mut self, names: Vec<&str>) {
        drop(names);
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

#![deny(warnings)]
pub mod chat {
    use ignitia::prelude::*;

    #[derive(serde::Deserialize, ClientMessage)]
    #[serde(tag = "type")]
    enum Ask {
        Say { text: String },
    }

    #[derive(serde::Serialize, ServerMessage)]
    #[serde(tag = "type")]
    enum Told {
        Said { text: String },
    }

    struct News<'a>(std::borrow::Cow<'a, str>);

    pub struct Chat {
        events: Events<News<'static>>,
        seen: std::cell::Cell<u8>,
    }

    #[websocket("/chat", message = Ask, reply = Told, id = "id")]
    impl Chat {
        async fn accept(events: Events<News<'static>>) -> Self {
            Self { events, seen: Default::default() }
        }

        async fn on_event(&mut self, news: News<'_>) -> Told {
            Told::Said { text: news.0.into_owned() }
        }

        async fn on_raw(&mut self, text: &str) -> Option<Message> {
            (text == "ping").then(|| Message::from("pong"))
        }

        #[every("5s")]
        async fn tick(&mut self) -> Vec<Told> {
            Vec::new()
        }

        #[on(Say { text })]
        async fn say(&mut self, text: String, request: ReplyTo<Told>, ws: &WebSocketConnection) -> Result<()> {
            self.seen.set(1);
            let _ = self.events.try_send(News(text.into()));
            let waiting = ws.reply_to(&request, vec![Told::Said { text: String::new() }]);
            waiting.await?;
            ws.reply_to::<Told, Option<Told>>(&request, None).await
        }
    }

    pub struct Generic<T> {
        events: Events<T>,
    }

    #[websocket("/generic", message = Ask, reply = ())]
    impl<T: Send + 'static> Generic<T> {
        async fn accept(events: Events<T>) -> Self {
            Self { events }
        }

        async fn on_event(&mut self, event: T) {
            let _ = self.events.try_send(event);
        }

        #[on(Say { text })]
        async fn say(&mut self, text: String) {
            drop(text);
        }
    }

    pub struct Told2(Events<Box<Told2>>);

    #[websocket("/own", message = Ask, reply = Message)]
    impl Told2 {
        async fn accept(events: Events<Box<Self>>) -> Self {
            Self(events)
        }

        async fn on_event(&mut self, event: Box<Self>) -> Message {
            drop((event, self.0.clone()));
            Message::from("x")
        }

        #[on(Say { text })]
        async fn say(&mut self, text: String) -> Message {
            Message::from(text)
        }
    }
}

use ignitia::prelude::*;
fn main() {
    let router = Router::new().mount_session::<chat::Chat>().mount_session::<chat::Generic<u8>>().mount_session::<chat::Told2>();
    let _ = router.state::<std::sync::Arc<dyn Send + Sync>>(std::sync::Arc::new(1)).get("/", || async { "x" });
}

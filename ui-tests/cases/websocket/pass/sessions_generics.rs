//! Sessions with type parameters, constants and messages that have them.

#![deny(warnings)]

use std::{borrow::Cow, fmt::Debug, marker::PhantomData};

use ignitia::{FromRef, prelude::*};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

trait Rooms: Clone + Send + Sync + 'static {
    fn greeting(&self) -> String;
}

#[derive(Clone)]
struct InMemory;

impl Rooms for InMemory {
    fn greeting(&self) -> String {
        "hello".into()
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask<T> {
    Put { value: T },
    Get,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told<T> {
    Got { value: T },
    Hello { text: String },
}

struct Chat<R, T, const N: usize> {
    rooms: R,
    values: Vec<T>,
}

#[websocket("/chat/<room>", message = Ask<T>, reply = Told<T>, id = "id")]
impl<R, T, const N: usize> Chat<R, T, N>
where
    R: Rooms,
    T: DeserializeOwned + Serialize + Clone + Debug + Send + Sync + 'static,
{
    async fn accept(room: String, rooms: Extension<R>) -> Result<Self, StatusCode> {
        if room.len() > N {
            Err(StatusCode::FORBIDDEN)
        } else {
            Ok(Self { rooms: rooms.0, values: Vec::new() })
        }
    }

    async fn on_open(&mut self) -> Told<T> {
        Told::Hello { text: self.rooms.greeting() }
    }

    #[on(Put { value })]
    async fn put(&mut self, value: T) {
        self.values.push(value);
    }

    #[on(Get)]
    async fn get(&mut self) -> Option<Told<T>> {
        self.values.last().cloned().map(|value| Told::Got { value })
    }

    async fn on_close(self) {
        println!("{:?}", self.values);
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Borrowed<'a> {
    Say {
        #[serde(borrow)]
        text: Cow<'a, str>,
    },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Static<'a> {
    Said { text: Cow<'a, str> },
}

struct Lent {
    last: String,
}

#[websocket("/lent", message = Borrowed<'_>, reply = Static<'_>, id = "id")]
impl Lent {
    async fn accept() -> Self {
        Self { last: String::new() }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: Cow<'_, str>) -> Static<'static> {
        self.last = text.into_owned();
        Static::Said { text: "heard".into() }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> Static<'_> {
        Static::Said { text: self.last.as_str().into() }
    }
}

#[derive(Clone)]
struct App;

#[derive(Clone)]
struct Db;

impl FromRef<App> for Db {
    fn from_ref(_: &App) -> Self {
        Self
    }
}

struct OfState<T> {
    values: PhantomData<T>,
}

#[websocket("/state", message = Borrowed<'_>)]
impl OfState<u8> {
    async fn accept(State(_db): State<Db>, State(_app): State<App>) -> Self {
        Self { values: PhantomData }
    }

    #[on(Say { text: _ })]
    async fn say(&mut self) {
        let _ = self.values;
    }

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn routes<R: Rooms>() -> Router {
    Router::new().mount_session::<Chat<R, u8, 10>>()
}

fn main() {
    let router = routes::<InMemory>().extension(InMemory).mount_session::<Lent>();
    assert!(router.state(App).mount_session::<OfState<u8>>().into_axum().is_ok());
    assert_eq!(Chat::<InMemory, u8, 1>::uri(7), "/chat/7");
    assert_eq!(Chat::<InMemory, u8, 1>::MESSAGE, Some("Ask<T>"));
}

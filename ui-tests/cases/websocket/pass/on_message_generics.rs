//! `on_message` functions with type parameters and constants.

#![deny(warnings)]

use std::{fmt::Debug, str::FromStr};

use ignitia::{Reply, prelude::*};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

trait Rooms: Clone + Send + Sync + 'static {
    fn greeting(&self) -> &'static str;
}

#[derive(Clone)]
struct InMemory;

impl Rooms for InMemory {
    fn greeting(&self) -> &'static str {
        "hello"
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told {
    Said { text: String },
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Of<T> {
    Put { value: T },
    Get,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told2<T> {
    Got { value: T },
}

#[websocket("/state", on_message, id = "id")]
async fn of_state<R: Rooms>(State(rooms): State<R>, msg: Ask) -> Option<Told> {
    match msg {
        Ask::Say { text } => Some(Told::Said { text: format!("{} {text}", rooms.greeting()) }),
        Ask::Leave => None,
    }
}

#[websocket("/parameter/<id>", on_message)]
async fn of_parameter<Id>(id: Id, ws: WebSocketConnection, _: Ask) -> Result<()>
where
    Id: FromStr + Clone + Debug + Send + Sync + 'static,
{
    ws.send_text(format!("{id:?}")).await
}

#[websocket("/constant", on_message)]
async fn of_constant<const CODE: u16>(_: Ask) -> CloseFrame {
    CloseFrame { code: CODE, reason: String::new() }
}

#[websocket("/messages", on_message)]
async fn of_messages<T>(msg: Of<T>) -> Option<Told2<T>>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    match msg {
        Of::Put { value } => Some(Told2::Got { value }),
        Of::Get => None,
    }
}

#[websocket("/any", on_message)]
async fn of_any<In, Out>(State(answer): State<fn(In) -> Out>, msg: In) -> Out
where
    In: for<'de> ClientMessage<'de> + Send + 'static,
    Out: Reply + Send + 'static,
{
    answer(msg)
}

#[websocket("/concrete", on_message, id = "id")]
async fn concrete(msg: Of<u8>) -> Option<Told2<u8>> {
    of_messages(msg).await
}

#[websocket("/typed")]
async fn typed<T>(mut ws: TypedConnection<Of<T>, Told2<T>>) -> Result<Response>
where
    T: DeserializeOwned + Serialize + Send + Sync + 'static,
{
    while let Some(Ok(Of::Put { value })) = ws.recv().await {
        ws.send(&Told2::Got { value }).await?;
    }
    Ok(Response::ok())
}

fn routes<R: Rooms>(rooms: R) -> Router<R> {
    Router::new()
        .mount(of_parameter::<u64>)
        .mount(of_constant::<4000>)
        .mount(of_messages::<String>)
        .mount(concrete)
        .mount(typed::<u8>)
        .state(rooms)
        .mount(of_state::<R>)
}

fn main() {
    assert!(Router::new().merge(routes(InMemory)).into_axum().is_ok());
    let answer: fn(Ask) -> Option<Told> = |_| None;
    assert!(Router::new().state(answer).mount(of_any::<Ask, Option<Told>>).into_axum().is_ok());
    assert_eq!(of_parameter::<u64>::uri(7), "/parameter/7");
    assert_eq!(of_messages::<u8>::MESSAGE, Some("Of<T>"));
}

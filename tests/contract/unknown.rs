//! Types and endpoints that a contract does not know, and how it says that.

use ignitia::{prelude::*, rooms::RoomConfig};
use serde_json::json;

use super::{document, keys};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Go,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Gone,
}

#[derive(serde::Deserialize)]
struct Filter {
    name: String,
}

/// A parameter of the path that is no string, number or the like.
struct Code(String);

impl std::str::FromStr for Code {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

struct Bare;

#[websocket("/bare/<code>", message = Ask, reply = Tell)]
impl Bare {
    async fn accept(code: Code, Query(filter): Query<Filter>) -> Self {
        drop((code.0, filter.name));
        Self
    }

    #[on(Go)]
    async fn go(&mut self) -> Tell {
        Tell::Gone
    }
}

#[test]
fn types_without_a_schema_are_named_with_what_to_write() {
    let router = Router::new().mount_session::<Bare>();
    let contract = router.contract();
    let named = |ty: &str| {
        let ty = format!("behaviour::contract::unknown::{ty}");
        format!(
            "endpoint `bare`: `{ty}` has no schema: add `schemars::JsonSchema` to its derives, of schemars 1, \
                for the derive of another version is of no use here"
        )
    };
    assert_eq!(contract.problems(), [named("Filter"), named("Ask"), named("Tell")]);
    let document = document(&router);
    assert_eq!(document["x-ignitia"]["problems"], json!(contract.problems()));
    let channel = &document["channels"]["bare"];
    // Whatever can be parsed can be written as text.
    assert_eq!(channel["x-ignitia"]["parameters"]["code"]["schema"], json!({ "type": "string" }));
    assert_eq!(keys(&channel["messages"]), ["error", "ping", "pong"]);
    let module = contract.typescript();
    assert!(module.contains("sent: unknown;") && module.contains("received: unknown;"), "{module}");
}

/// Nobody knows their messages.
#[test]
fn endpoints_that_were_registered_by_hand_are_left_out() {
    async fn by_hand(ws: WebSocketConnection) -> Response {
        drop(ws);
        Response::ok()
    }
    let rooms = Rooms::<Tell>::with_config(RoomConfig::default());
    let router = Router::new().state(rooms).websocket("/ws", by_hand).get("/", async || "a page").state(());
    assert_eq!(document(&router)["channels"], json!({}));
}

/// Replies of two representations: a client could not tell them apart.
#[test]
fn replies_of_two_representations() {
    #[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
    #[serde(tag = "type")]
    enum One {
        A,
    }

    #[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
    #[serde(tag = "kind")]
    enum Other {
        B,
    }

    struct Two;

    #[websocket("/two", message = Ask)]
    impl Two {
        async fn accept() -> Self {
            Self
        }

        async fn on_open(&mut self) -> Other {
            Other::B
        }

        #[on(Go)]
        async fn go(&mut self) -> One {
            One::A
        }
    }

    let contract = Router::new().mount_session::<Two>().contract();
    let [_, problem] = contract.problems() else { panic!("{:?}", contract.problems()) };
    assert!(problem.contains("represented in another way"), "{problem}");
}

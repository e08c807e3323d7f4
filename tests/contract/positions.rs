//! Positions of messages in histories, and pages of the past.

use ignitia::{
    prelude::*,
    rooms::{Remembered, Resume},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::parsed;

#[derive(serde::Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema counts")]
enum Ask {
    Older { before: Option<String> },
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema counts")]
enum Tell {
    Said {
        text: String,
    },
    Cleared,
    Page {
        #[schemars(with = "Vec<Tell>")]
        messages: Vec<Remembered>,
    },
}

struct Room;

#[websocket("/rooms/<room>", message = Ask, reply = Tell, id = "id")]
impl Room {
    async fn accept(room: String, _: Resume) -> Self {
        let _ = room;
        Self
    }

    #[on(Older { .. })]
    async fn older(&mut self) -> Tell {
        Tell::Cleared
    }
}

/// Sends the same messages, and has no rooms.
struct News;

#[websocket("/news", message = Ask, reply = Tell, id = "id")]
impl News {
    async fn accept() -> Self {
        Self
    }

    #[on(Older { .. })]
    async fn older(&mut self) -> Tell {
        Tell::Cleared
    }
}

#[test]
fn messages_of_rooms_may_have_a_position() {
    let contract = Router::new().mount_session::<Room>().contract();
    assert_eq!(contract.problems(), [] as [String; 0]);
    let module = contract.typescript();
    let at = "/** Position in the history of its room. */ $at?: string";
    for ty in [
        format!("export type TellSaid = {{ type: \"said\"; {at}; text: string }};\n"),
        format!("export type TellCleared = {{ type: \"cleared\"; {at} }};\n"),
        // A page of the past has the same messages.
        format!("export type TellPage = {{ type: \"page\"; {at}; messages: Tell[] }};\n"),
    ] {
        assert!(module.contains(&ty), "{ty} is not in {module}");
    }
    // A client sends no position.
    assert!(
        module.contains("export type AskOlder = { type: \"older\"; before?: string | null };\n"),
        "{module}"
    );

    let messages = &parsed(&contract)["components"]["messages"];
    assert_eq!(messages["TellSaid"]["payload"]["properties"]["$at"]["type"], "string", "{messages}");
    assert_eq!(messages["AskOlder"]["payload"]["properties"]["$at"], Value::Null);
}

#[test]
fn messages_without_rooms_have_none() {
    let module = Router::new().mount_session::<News>().contract().typescript();
    assert!(module.contains("export type TellSaid = { type: \"said\"; text: string };\n"), "{module}");
}

#[test]
fn an_endpoint_without_rooms_does_not_take_it_from_others() {
    for router in [
        Router::new().mount_session::<Room>().mount_session::<News>(),
        Router::new().mount_session::<News>().mount_session::<Room>(),
    ] {
        let contract = router.contract();
        assert_eq!(contract.problems(), [] as [String; 0]);
        let module = contract.typescript();
        assert!(module.contains("export type TellSaid = { type: \"said\"; /** Position"), "{module}");
        let payload = &parsed(&contract)["components"]["messages"]["TellSaid"]["payload"];
        assert_eq!(payload["properties"]["$at"]["type"], "string", "{payload}");
    }
}

/// Without the name of their enum, the messages of a page are objects that a client cannot read.
#[test]
fn a_page_that_does_not_name_its_messages_is_a_problem() {
    #[derive(Serialize, JsonSchema)]
    struct Page {
        messages: Vec<Remembered>,
    }

    #[derive(Serialize, JsonSchema, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Past {
        One { message: Remembered },
        Many { page: Page },
    }

    #[websocket("/past")]
    async fn past(mut connection: TypedConnection<Ask, Past>) -> Result<Response> {
        while connection.recv().await.is_some() {}
        Ok(Response::ok())
    }

    let contract = Router::new().mount(past).contract();
    let problem = |ty: &str| {
        format!(
            "`{ty}` has messages of a room that are any objects: name their enum at the field, such as `#[schemars(with = \"Vec<Tell>\")]`"
        )
    };
    assert_eq!(contract.problems(), [problem("Page"), problem("Past")]);
    assert_eq!(parsed(&contract)["x-ignitia"]["problems"], json!([problem("Page"), problem("Past")]));
}

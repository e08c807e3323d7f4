//! Data without a type, in contracts: text and bytes that an endpoint takes and sends.

use ignitia::{TypedConnection, prelude::*};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::document;

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Scan,
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Scanned,
}

#[websocket("/raw")]
async fn raw(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[websocket("/loop")]
async fn in_a_loop(_: TypedConnection<Ask, Tell>) -> Response {
    Response::ok()
}

#[websocket("/typed", on_message)]
async fn typed(ask: Ask) -> Tell {
    let Ask::Scan = ask;
    Tell::Scanned
}

#[websocket("/silent", on_message)]
async fn silent(ask: Ask) {
    let Ask::Scan = ask;
}

#[websocket("/bytes", on_message)]
async fn answers_bytes(ask: Ask) -> Message {
    let Ask::Scan = ask;
    Message::from(vec![1])
}

async fn heartbeat(text: &str, _: &WebSocketConnection) -> Option<Message> {
    (text == "ping").then(|| Message::from("pong"))
}

async fn store(bytes: Vec<u8>, _: &WebSocketConnection) {
    drop(bytes);
}

#[websocket("/hooks", on_message, on_raw = heartbeat, on_binary = store)]
async fn with_functions(ask: Ask) -> Tell {
    let Ask::Scan = ask;
    Tell::Scanned
}

/// A session that takes bytes, and answers with messages only.
struct Store;

#[websocket("/store", message = Ask)]
impl Store {
    async fn accept() -> Self {
        Self
    }

    #[on(Scan)]
    async fn scan(&mut self) {}

    async fn on_binary(&mut self, bytes: Vec<u8>) -> Option<Tell> {
        (!bytes.is_empty()).then_some(Tell::Scanned)
    }
}

/// A session with messages, text and bytes.
struct Mixed;

#[websocket("/mixed", message = Ask, reply = Tell)]
impl Mixed {
    async fn accept() -> Self {
        Self
    }

    #[on(Scan)]
    async fn scan(&mut self) -> Tell {
        Tell::Scanned
    }

    async fn on_raw(&mut self, text: &str) -> Option<Message> {
        (text == "ping").then(|| Message::from("pong"))
    }
}

/// Returns the `takesText`, `takesBinary` and `sendsUntyped` of an endpoint's channel, then its
/// types `received` and `sentRaw`, and the names in its row of the table.
fn facts(router: &Router, name: &str) -> (Value, [String; 2], String) {
    let own = &document(router)["channels"][name]["x-ignitia"];
    let flags = json!([own["takesText"], own["takesBinary"], own["sendsUntyped"]]);
    let client = router.contract().typescript();
    let (_, types) = client.split_once(&format!("\n  {name}: {{\n")).unwrap();
    let member = |member: &str| {
        let (_, ty) = types.split_once(&format!("\n    {member}: ")).unwrap();
        ty.split_once(";\n").unwrap().0.to_owned()
    };
    let (_, row) = client.split_once(&format!("\n  {name}: {{ ")).unwrap();
    let (row, _) = row.split_once(" },\n").unwrap();
    (flags, [member("received"), member("sentRaw")], row.to_owned())
}

const RAW: &str = "string | ArrayBuffer";
const ANY: &str = "string | ArrayBuffer | ArrayBufferView";

#[test]
fn connections_take_text_and_bytes() {
    let router = Router::new().mount(raw).mount(in_a_loop);
    let (flags, types, row) = facts(&router, "raw");
    assert_eq!((flags, types), (json!([true, true, true]), [RAW, ANY].map(str::to_owned)));
    let takes = r#"takes: ["bytes","text"]"#;
    assert_eq!(
        row,
        format!(r#"path: "/raw", sent: undefined, received: undefined, {takes}, sendsRaw: true"#)
    );
    let (flags, types, row) = facts(&router, "inALoop");
    assert_eq!((flags, types), (json!([true, true, null]), ["Tell", ANY].map(str::to_owned)));
    assert!(row.ends_with(&format!(r#"send: ["Scan"], on: ["Scanned"], {takes}"#)), "{row}");
}

#[test]
fn typed_endpoints_take_and_send_messages_only() {
    let router = Router::new().mount(typed).mount(silent);
    let (flags, types, row) = facts(&router, "typed");
    assert_eq!((flags, types), (json!([null, null, null]), ["Tell", "never"].map(str::to_owned)));
    assert_eq!(row, r#"path: "/typed", sent: ["type"], received: ["type"], send: ["Scan"], on: ["Scanned"]"#);
    let (flags, types, row) = facts(&router, "silent");
    assert_eq!((flags, types), (json!([null, null, null]), ["never", "never"].map(str::to_owned)));
    assert!(!row.contains("sendsRaw"), "{row}");
}

#[test]
fn functions_for_other_input_and_replies_without_a_type() {
    let router = Router::new().mount(answers_bytes).mount(with_functions);
    let (flags, types, _) = facts(&router, "answersBytes");
    assert_eq!((flags, types), (json!([null, null, true]), [RAW, "never"].map(str::to_owned)));
    let (flags, [received, raw], row) = facts(&router, "withFunctions");
    assert_eq!((flags, received), (json!([true, true, true]), format!("Tell | {RAW}")));
    assert_eq!(raw, ANY);
    assert!(row.ends_with(r#"takes: ["bytes","text"], sendsRaw: true"#), "{row}");
}

#[test]
fn hooks_of_sessions() {
    let router = Router::new().mount_session::<Store>().mount_session::<Mixed>();
    let (flags, types, row) = facts(&router, "store");
    let bytes = "ArrayBuffer | ArrayBufferView";
    assert_eq!((flags, types), (json!([null, true, null]), ["Tell", bytes].map(str::to_owned)));
    assert!(row.ends_with(r#"on: ["Scanned"], takes: ["bytes"]"#), "{row}");
    let (flags, [received, raw], row) = facts(&router, "mixed");
    assert_eq!((flags, received), (json!([true, null, true]), format!("Tell | {RAW}")));
    assert_eq!(raw, "string");
    assert!(row.ends_with(r#"takes: ["text"], sendsRaw: true"#), "{row}");
}

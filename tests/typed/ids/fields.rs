//! Ids beside the fields of a message.

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Out, adjacent};
use crate::support::{ask, client};

#[tokio::test]
async fn adjacently_tagged_messages_carry_the_id_beside_their_tag() {
    let mut socket = client(Router::new().mount(adjacent)).connect("/adjacent").await;
    for text in [
        r#"{"t":"Unit","request id":1}"#,
        r#"{"request id":1,"t":"Fields","c":{"id":3}}"#,
        r#"{"c":{"id":3},"request id":1,"t":"Fields"}"#,
        r#"{"c":5,"t":"Number","request id":1}"#,
        r#"{"t":"Pair","request id":1,"c":[1,2]}"#,
        r#"{"request id":"a","t":"Pair","c":[1,2]}"#,
        r#"{"t":"Unit"}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(ask(&mut socket, text).await, value, "{text}");
    }
    let answer = ask(&mut socket, r#"{"c":5,"t":"?","request id":1}"#).await;
    assert_eq!(
        answer,
        json!({
            "type": "$error", "request id": 1, "code": "unknown_tag", "path": "t",
            "message": "`t` names an unknown kind of message", "expected": ["Unit", "Fields", "Number", "Pair"],
        })
    );
    let answer = ask(&mut socket, r#"{"t":"Unit","request id":[]}"#).await;
    assert_eq!((&answer["code"], answer.get("request id")), (&"invalid_id".into(), None), "{answer}");
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", deny_unknown_fields)]
enum Strict {
    Fields { a: u8 },
}

/// An agreed id does not count as an unknown field.
#[websocket("/strict", on_message, id = "id")]
async fn strict(message: Strict) -> Out {
    let Strict::Fields { a } = message;
    Out::Number { number: a.into() }
}

#[tokio::test]
async fn an_id_does_not_count_as_an_unknown_field() {
    let mut socket = client(Router::new().mount(strict)).connect("/strict").await;
    for text in [
        r#"{"type":"Fields","a":1,"id":2}"#,
        r#"{"id":2,"type":"Fields","a":1}"#,
        r#"{"a":1,"id":2,"type":"Fields"}"#,
    ] {
        assert_eq!(ask(&mut socket, text).await, json!({"type": "number", "number": 1, "id": 2}), "{text}");
    }
    let answer = ask(&mut socket, r#"{"type":"Fields","a":1,"Id":2}"#).await;
    assert_eq!(answer["code"], "unknown_field");
}

/// Without the option the name has no meaning.
#[derive(Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "type")]
enum Own {
    Named { id: String },
    Unit,
}

#[websocket("/own", on_message)]
async fn own(message: Own) -> Own {
    message
}

#[tokio::test]
async fn without_the_option_an_id_is_a_field_like_others() {
    let mut socket = client(Router::new().mount(own)).connect("/own").await;
    let answer = ask(&mut socket, r#"{"type":"Named","id":"x"}"#).await;
    assert_eq!(answer, json!({"type": "Named", "id": "x"}));
    assert_eq!(ask(&mut socket, r#"{"type":"Unit","id":"x"}"#).await, json!({"type": "Unit"}));
    let answer = ask(&mut socket, r#"{"type":"?","id":"x"}"#).await;
    assert_eq!(answer.get("id"), None);
}

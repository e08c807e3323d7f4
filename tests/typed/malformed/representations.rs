//! Faults in each representation of an enum.

use ignitia::prelude::*;

use super::check;

#[tokio::test]
async fn faults_of_internally_tagged_messages_have_a_code_and_a_path() {
    let kinds = json!(["send", "leave"]);
    let missing_tag =
        || json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds});
    let unknown_tag = || json!({"code": "unknown_tag", "path": "type", "message": "`type` names an unknown kind of message", "expected": kinds});
    let tag_is_no_string = || {
        let (message, expected) = ("the value must be a string", ["a string"]);
        json!({"code": "invalid_type", "path": "type", "message": message, "expected": expected})
    };
    let missing = |name: &str| {
        let message = format!("`{name}` is missing");
        json!({"code": "missing_field", "path": name, "message": message, "expected": [name]})
    };
    let twice =
        |name: &str| json!({"code": "duplicate_field", "path": name, "message": "the field appears twice"});
    let wrong = |code: &str, path: &str, expected: &str| {
        let start = if code == "invalid_length" { "there must be" } else { "the value must be" };
        json!({"code": code, "path": path, "message": format!("{start} {expected}"), "expected": [expected]})
    };
    check(
        &["/internal", "/session"],
        &[
            ("{}", missing_tag()),
            (r#"{"text":"hunter2"}"#, missing_tag()),
            (r#"{"Type":"leave"}"#, missing_tag()),
            (r#"{"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":""}"#, unknown_tag()),
            (r#"{"type":"Leave"}"#, unknown_tag()),
            (r#"{"text":1,"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":1}"#, tag_is_no_string()),
            (r#"{"type":null}"#, tag_is_no_string()),
            (r#"{"a":0,"type":{"type":"leave"}}"#, tag_is_no_string()),
            (r#"{"type":["leave"]}"#, tag_is_no_string()),
            (r#"{"type":"leave","type":"leave"}"#, twice("type")),
            (r#"{"type":"leave","a":1,"\u0074ype":"leave"}"#, twice("type")),
            (r#"{"a":1,"type":"leave","type":"hunter2"}"#, twice("type")),
            (r#"{"type":"send"}"#, missing("text")),
            (r#"{"type":"send","text":"x"}"#, missing("to")),
            (r#"{"text":"x","type":"send"}"#, missing("to")),
            (r#"{"type":"send","text":"x","text":"y","to":1}"#, twice("text")),
            (r#"{"text":"x","to":1,"to":1,"type":"send"}"#, twice("to")),
        ],
    )
    .await;
    check(
        &["/internal", "/session"],
        &[
            (r#"{"type":"send","text":7,"to":1}"#, wrong("invalid_type", "text", "a string")),
            (r#"{"text":null,"to":1,"type":"send"}"#, wrong("invalid_type", "text", "a string")),
            (r#"{"type":"send","text":"x","to":"hunter2"}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":-1}"#, wrong("invalid_value", "to", "u64")),
            (r#"{"type":"send","text":"x","to":1.5}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":18446744073709551616}"#, wrong("invalid_type", "to", "u64")),
            (r#"{"type":"send","text":"x","to":true}"#, wrong("invalid_type", "to", "u64")),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1},{"price":"2"}]}"#,
                wrong("invalid_type", "items[1].price", "f64"),
            ),
            (
                r#"{"items":[{"price":1,"size":[1,2,3]}],"type":"send","text":"x","to":1}"#,
                wrong("invalid_length", "items[0].size", "an array of length 2"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"size":[1,256]}]}"#,
                wrong("invalid_value", "items[0].size[1]", "u8"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"counts":{"a b":"hunter2"}}]}"#,
                wrong("invalid_type", r#"items[0].counts["a b"]"#, "i8"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":{}}"#,
                wrong("invalid_type", "items", "an array"),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"items":[{"price":1,"colour":"hunter2"}]}"#,
                json!({
                    "code": "invalid_value", "path": "items[0].colour", "expected": ["red", "green"],
                    "message": "the value is unknown",
                }),
            ),
            (
                r#"{"type":"send","text":"x","to":1,"small":11}"#,
                json!({"code": "invalid", "path": "small", "message": "the value was refused"}),
            ),
            (r#""leave""#, json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("7", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("null", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
            ("true", json!({"code": "invalid_type", "message": "the value must be an object", "expected": ["an object"]})),
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_adjacently_tagged_messages_have_a_code_and_a_path() {
    let kinds = json!(["send", "pair", "leave"]);
    let unknown_tag = || {
        let message = "`type` names an unknown kind of message";
        json!({"code": "unknown_tag", "path": "type", "message": message, "expected": kinds})
    };
    let missing = |path: &str, name: &str| {
        let message = format!("`{path}` is missing");
        json!({"code": "missing_field", "path": path, "message": message, "expected": [name]})
    };
    check(
        &["/adjacent"],
        &[
            (
                "{}",
                json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds}),
            ),
            (
                r#"{"data":{"text":"x","to":1}}"#,
                json!({"code": "missing_tag", "path": "type", "message": "`type` is missing", "expected": kinds}),
            ),
            (r#"{"type":"hunter2"}"#, unknown_tag()),
            (r#"{"data":{"text":"x","to":1},"type":"hunter2"}"#, unknown_tag()),
            (r#"{"type":"send"}"#, missing("data", "data")),
            (r#"{"type":"send","data":{"text":"x"}}"#, missing("data.to", "to")),
            (
                r#"{"type":"send","data":{"text":"x","to":"1"}}"#,
                json!({"code": "invalid_type", "path": "data.to", "message": "the value must be u64", "expected": ["u64"]}),
            ),
            (
                r#"{"type":"pair","data":[1]}"#,
                json!({
                    "code": "invalid_length", "path": "data", "expected": ["an array of length 2"],
                    "message": "there must be an array of length 2",
                }),
            ),
            (
                r#"{"type":"pair","data":[1,true,false]}"#,
                json!({
                    "code": "invalid_length", "path": "data", "expected": ["an array of length 2"],
                    "message": "there must be an array of length 2",
                }),
            ),
            (
                r#"{"type":"pair","data":[1,2]}"#,
                json!({
                    "code": "invalid_type", "path": "data[1]", "expected": ["a boolean"],
                    "message": "the value must be a boolean",
                }),
            ),
            (
                r#"{"type":"leave","hunter2":1}"#,
                json!({
                    "code": "unknown_field", "path": "hunter2", "expected": ["type", "data"],
                    "message": "there is no such field",
                }),
            ),
            (
                r#"{"type":"send","data":{"text":"x","to":1,"more":1}}"#,
                json!({
                    "code": "unknown_field", "path": "data.more", "expected": ["text", "to"],
                    "message": "there is no such field",
                }),
            ),
            (
                r#"{"type":"leave","type":"leave"}"#,
                json!({"code": "duplicate_field", "path": "type", "message": "the field appears twice"}),
            ),
            (
                r#"{"type":1}"#,
                json!({
                    "code": "invalid_type", "path": "type", "message": "the value must be a string",
                    "expected": ["a string"],
                }),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn faults_of_externally_tagged_messages_have_a_code_and_a_path() {
    let unknown_tag = |path: Option<&str>| {
        let kinds = ["send", "pair", "leave"];
        let mut error =
            json!({"code": "unknown_tag", "message": "unknown kind of message", "expected": kinds});
        if let Some(path) = path {
            error["path"] = path.into();
        }
        error
    };
    check(
        &["/external"],
        &[
            (r#""hunter2""#, unknown_tag(None)),
            (r#"{"hunter2":{}}"#, unknown_tag(None)),
            (
                r#"{"send":{"text":"x"}}"#,
                json!({
                    "code": "missing_field", "path": "send.to", "message": "`send.to` is missing",
                    "expected": ["to"],
                }),
            ),
            (
                r#"{"pair":[1,2]}"#,
                json!({
                    "code": "invalid_type", "path": "pair[1]", "expected": ["a boolean"],
                    "message": "the value must be a boolean",
                }),
            ),
            (
                "7",
                json!({
                    "code": "invalid_type", "expected": ["a string or an object with one field"],
                    "message": "the value must be a string or an object with one field",
                }),
            ),
        ],
    )
    .await;
}

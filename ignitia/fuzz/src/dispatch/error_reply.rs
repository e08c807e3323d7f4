//! Checks of the error that a client receives for a malformed message.

use ignitia::{ErrorReply, Malformed};
use serde_json::Value;

/// Characters that occur in no text of the server's own: they would come from the input.
const FOREIGN: [char; 7] = ['Q', 'X', 'Z', '@', '~', '%', '^'];

/// Codes of all errors.
const CODES: [&str; 11] = [
    "invalid_json",
    "missing_tag",
    "unknown_tag",
    "missing_field",
    "unknown_field",
    "duplicate_field",
    "invalid_type",
    "invalid_value",
    "invalid_length",
    "invalid_id",
    "invalid",
];

/// Checks that an error reply is valid and short, and repeats nothing of the input except the path.
///
/// # Panics
///
/// If one of these rules is violated.
pub fn check_error_reply(malformed: &Malformed) {
    let text = serde_json::to_string(&ErrorReply::from(malformed)).expect("an error reply is JSON");
    let Ok(Value::Object(fields)) = serde_json::from_str(&text) else { panic!("no object: {text}") };
    assert_eq!(fields["type"], "$error");
    assert!(CODES.contains(&malformed.code()), "{text}");
    assert!(malformed.path().len() <= 128, "{text}");
    assert_eq!(fields.get("path").is_none(), malformed.path().is_empty());
    let known = ["type", "code", "path", "message", "expected"];
    assert!(fields.keys().all(|name| known.contains(&name.as_str())), "{text}");
    let path = if malformed.path().is_empty() { "\0" } else { malformed.path() };
    let message = malformed.message().replacen(path, "", 1);
    for said in malformed.expected().iter().chain([&message]) {
        assert!(said.is_ascii() && !said.contains(FOREIGN) && said.len() < 400, "{said} in {text}");
    }
}

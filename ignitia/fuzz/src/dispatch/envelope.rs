use ignitia::{ErrorReply, Malformed};
use serde_json::Value;

/// Letters that stand nowhere in what a program of ours says by itself.
const FOREIGN: [char; 7] = ['Q', 'X', 'Z', '@', '~', '%', '^'];

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

/// What a client is told is valid, short, and nothing of what it has sent, but for the path.
///
/// # Panics
///
/// If it is not.
pub fn check(malformed: &Malformed) {
    let text = serde_json::to_string(&ErrorReply::from(malformed)).expect("it is written to memory");
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

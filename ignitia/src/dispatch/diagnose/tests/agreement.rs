//! Agreement with serde_json: the same texts are errors, of the same kinds.

use std::collections::HashMap;

use serde::{Deserialize, de::IgnoredAny};

use super::types::*;
use crate::dispatch::diagnose::FaultKind;

const TEXTS: &[&str] = &[
    concat!(
        r#"{"to":"hunter2","items":[{"id":1,"size":[2,-3],"tags":{"hunter2":"red"}}],"unitPrice":1e3,"#,
        r#""discount":7}"#,
    ),
    r#"{"external":{"fields":{"x":1,"y":true}},"unit":null,"wide":[-5,6],"character":"é","array":[1,2]}"#,
    concat!(
        r#"{"external":"unit","internal":{"t":"new","id":3},"adjacent":[{"t":"pair","c":[1,"hunter2"]},"#,
        r#"{"c":1,"t":"new"}]}"#,
    ),
    r#"{"external":{"pair":[1,"a"]},"untagged":{"a":1,"b":{"x":2}},"result":{"Ok":5},"nonzero":1}"#,
    concat!(
        r#"{"numbers":{"1":2},"wide":{"-5":1},"switches":{"true":1},"colours":{"red":1},"#,
        r#""chars":{"a":1},"addresses":{"1.2.3.4":1},"options":{"7":1}}"#,
    ),
    r#"{"a":1,"id":2,"b":3,"in":[{"id":4,"size":null}]}"#,
    r#"{"plain":"hunter2","cow":"a\nb","bytes":"c"}"#,
    r#"[["a",[],null,5],[1,true,2],{"t":"unit"},"hunter2",-1.5,12345678901234567890123]"#,
];

/// Returns every text as it is and, at every token, truncated, without it, and with another in its
/// place.
fn mangled() -> Vec<String> {
    let others = [
        "null",
        "7",
        "-1.5",
        "300",
        "\"hunter2\"",
        "\"\\n\"",
        "[]",
        "{}",
        "[1,2,3]",
        "{\"unit\":null}",
        ",",
        "1e999",
        "tru",
    ];
    let mut all = Vec::new();
    for (nth, text) in TEXTS.iter().enumerate() {
        all.push((*text).to_owned());
        let mut start = 0;
        while start < text.len() {
            let len = token(&text[start..]);
            let (before, after) = (&text[..start], &text[start + len..]);
            all.push(before.to_owned());
            all.push(format!("{before}{after}"));
            all.push(format!("{before}{0}{0}{after}", &text[start..start + len]));
            for step in 0..4 {
                let other = others[(nth * 5 + start * 3 + step * 4) % others.len()];
                all.push(format!("{before}{other}{after}"));
            }
            start += len;
        }
    }
    all
}

/// Returns the length of the first token. A string is one token.
fn token(text: &str) -> usize {
    let is_punctuation = |c: char| "[]{},:\"".contains(c);
    match text.strip_prefix('"') {
        Some(rest) => rest.find('"').map_or(text.len(), |end| end + 2),
        None if text.starts_with(is_punctuation) => 1,
        None => text.find(is_punctuation).unwrap_or(text.len()),
    }
}

/// Compares the kind with the text of serde_json's error; `None` if the text tells no kind.
fn is_kind(kind: &FaultKind, error: &serde_json::Error) -> Option<bool> {
    let text = error.to_string();
    let starts = |with: &str| error.is_data() && text.starts_with(with);
    Some(match kind {
        _ if starts("missing field ") => *kind == FaultKind::MissingField,
        _ if starts("unknown field ") => *kind == FaultKind::UnknownField,
        _ if starts("duplicate field ") => *kind == FaultKind::DuplicateField,
        _ if starts("unknown variant ") => *kind == FaultKind::UnknownVariant,
        // A key of a wrong type makes the object an invalid value.
        _ if starts("invalid type: ") => matches!(kind, FaultKind::InvalidType | FaultKind::InvalidValue),
        _ if starts("invalid value: ") => *kind == FaultKind::InvalidValue,
        _ if starts("invalid length ") => *kind == FaultKind::InvalidLength,
        _ => return None,
    })
}

fn agrees<'de, T: Deserialize<'de>>(texts: &'de [String], kinds: &mut [usize; 2]) {
    for text in texts {
        let error = serde_json::from_str::<T>(text).err();
        let fault = fault::<T>(text);
        assert_eq!(error.is_some(), fault.is_some(), "{text}: {error:?} {fault:?}");
        let (Some(error), Some(fault)) = (error, fault) else { continue };
        match is_kind(&fault.kind, &error) {
            Some(is_kind) => {
                assert!(is_kind, "{text}: {error:?} {fault:?}");
                kinds[0] += 1;
            }
            None => kinds[1] += usize::from(fault.kind == FaultKind::Format),
        }
        let path = fault.path.to_string();
        let shown = fault.to_string().replacen(&path, "", 1);
        for secret in ["hunter2", "Rust"] {
            assert!(!shown.contains(secret), "{text}: {shown}");
            assert!(!fault.expected.iter().any(|expected| expected.contains(secret)), "{text}: {fault:?}");
        }
        assert!(path.len() <= 128);
    }
}

#[test]
fn the_same_is_wrong_as_when_it_was_decoded() {
    let texts = mangled();
    assert!(texts.len() > 1000, "{}", texts.len());
    let mut kinds = [0; 2];
    agrees::<RustOrder>(&texts, &mut kinds);
    agrees::<RustItem>(&texts, &mut kinds);
    agrees::<RustMixed>(&texts, &mut kinds);
    agrees::<RustKeys>(&texts, &mut kinds);
    agrees::<RustFlat>(&texts, &mut kinds);
    agrees::<RustBorrowed<'_>>(&texts, &mut kinds);
    agrees::<RustExternal>(&texts, &mut kinds);
    agrees::<RustInternal>(&texts, &mut kinds);
    agrees::<RustAdjacent>(&texts, &mut kinds);
    agrees::<RustUntagged>(&texts, &mut kinds);
    agrees::<(RustOrder, RustTuple, RustInternal, String, f32, serde_json::Value)>(&texts, &mut kinds);
    agrees::<HashMap<String, serde_json::Value>>(&texts, &mut kinds);
    agrees::<serde_json::Value>(&texts, &mut kinds);
    agrees::<IgnoredAny>(&texts, &mut kinds);
    assert!(kinds.iter().all(|count| *count > 1000), "{kinds:?}");
}
